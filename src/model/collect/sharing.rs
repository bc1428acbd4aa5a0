//! How jobs share the nodes of a partition.

use serde_json::json;

use super::Collector;
use crate::diagnostics::Complaint;
use crate::diagnostics::codes::manifest as codes;

impl Collector<'_> {
    /// The word that becomes the value itself; `user` and `topology` turn flags on, and `no` is the default.
    pub(super) fn sharing(&mut self, key: &str, written: &str, dotted: &str) {
        if matches!(written, "no" | "user" | "topology") {
            return;
        }
        let word = written.to_uppercase();
        let word = if matches!(word.as_str(), "YES" | "FORCE") { format!("{word}:4") } else { word };
        // Slurm keeps the number in 15 bits, and ignores one that would share nothing.
        let least = if word.starts_with("YES") { 2 } else { 1 };
        let jobs = word.split_once(':').map_or(least, |(_, jobs)| jobs.parse().unwrap_or(u64::MAX));
        if !(least..=0x7fff).contains(&jobs) {
            let place = self.place(dotted);
            let hint = format!("write a number from {least} to 32767, or none for 4");
            let message = format!("`{written}`: so many jobs cannot share a CPU");
            self.complain(&codes::BAD_QUANTITY, place, Complaint::new(message, hint));
            return;
        }
        self.put(key, json!(word), dotted);
    }
}
