//! Words that manifests have for what Slurm calls otherwise.

use super::row::Unit;

/// Short names of the usual TRES in manifests: Slurm's name, and the field's.
pub(in crate::model) const SHORT: [(&str, &str); 4] =
    [("gres/gpu", "gpus"), ("cpu", "cpus"), ("node", "nodes"), ("mem", "memory")];

impl Unit {
    /// Slurm's word for a word of manifests, where the row lists them.
    pub(in crate::model) fn slurm_word(&self, written: &str) -> Option<&'static str> {
        let Self::OneOf(words) = self else { return None };
        words.iter().find(|(ours, _)| *ours == written).map(|(_, slurm)| *slurm)
    }

    /// The word of manifests for a word of Slurm, where the row lists them.
    pub(super) fn manifest_word(&self, slurm: &str) -> Option<&'static str> {
        let Self::OneOf(words) = self else { return None };
        words.iter().find(|(_, word)| *word == slurm).map(|(ours, _)| *ours)
    }
}
