//! The `slurm:` map of a manifest.

use std::collections::BTreeMap;

use super::Collector;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Complaint, Place, nearest};
use crate::slurm::{fields, value};

impl Collector<'_> {
    /// The `slurm:` map: fields by Slurm's name, without one of their own set beside.
    pub(super) fn raw(&mut self, map: &BTreeMap<String, String>, dotted: &str) {
        for (key, text) in map {
            let place = Place::key(self.document, self.path(dotted).key(key));
            let known: Vec<&'static str> = fields::of_kind(self.kind).into_iter().map(|field| field.key).collect();
            let Some(field) = fields::of_kind(self.kind)
                .into_iter()
                .find(|field| field.key.eq_ignore_ascii_case(key) || field.write.eq_ignore_ascii_case(key))
            else {
                let hint = nearest(key, known).map_or_else(
                    || "see `man slurm.conf` and `man sacctmgr`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                self.complain(
                    &codes::BAD_SLURM_KEY,
                    place,
                    Complaint::new(format!("`{key}` is no field that Slurm has here"), hint),
                );
                continue;
            };
            if self.fields.body.contains_key(field.key) {
                self.complain(
                    &codes::BAD_SLURM_KEY,
                    place,
                    Complaint::new(format!("`{}` is also set by a field of its own", field.key), "keep one of the two"),
                );
                continue;
            }
            // What is put together from several fields, or carries our mark.
            let modes = self.kind != "partition" && matches!(field.key, "QOS" | "DefaultQOS");
            if modes || matches!(field.key, "Description" | "Organization" | "Parent" | "Nodes" | "Comment" | "Gres") {
                self.complain(
                    &codes::BAD_SLURM_KEY,
                    place,
                    Complaint::new(format!("`{}` has a field of its own", field.key), "write it there"),
                );
                continue;
            }
            match value::canonical(field, text) {
                Ok(Some(value)) => {
                    let place = Place::value(self.document, self.path(dotted).key(key));
                    self.insert(field.key, value, place);
                }
                Ok(None) => {}
                Err(error) => {
                    let place = Place::value(self.document, self.path(dotted).key(key));
                    self.complain(
                        &codes::BAD_QUANTITY,
                        place,
                        Complaint::new(format!("`{key}`: {error}"), format!("write {}", error.wanted)),
                    );
                }
            }
        }
    }
}
