//! The shared vocabulary: addresses, field paths, resource bodies and their digests.
//!
//! A body is an ordered JSON object in *canonical form*: a field that has its default is absent, sets are sorted arrays,
//! TRES maps are objects of integers. So comparing, masking, plan files and snapshots are written once for every target.

mod address;
mod digest;
pub mod hostlist;
mod number;
mod protect;
mod quote;
pub mod secrecy;

pub use address::Address;
pub use digest::{Digest, canonical_json};
pub use number::grouped;
pub use protect::{PROTECT, PROTECT_ANNOTATION, is_protected, protect};
pub use quote::quote;

pub use crate::ground::{FieldPath, Segment};

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::ground::Place;

/// A resource's fields: canonical name → canonical value. Nothing is ever `null`.
pub type Body = BTreeMap<String, serde_json::Value>;

/// Key of what is known of a field, or of one entry of a field that is a map: `MaxWall`, `GrpTRES[gres/gpu]`.
pub fn field_key(field: &str, entry: Option<&str>) -> String {
    entry.map_or_else(|| field.to_owned(), |entry| format!("{field}[{entry}]"))
}

/// The smallest thing that is planned, as the manifests want it.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its name.
    pub address: Address,
    /// What it should be.
    pub body: Body,
    /// Where it is declared.
    pub place: Option<Place>,
    /// Where single fields are declared; a field that is missing here falls back to `place`. The empty name is that of a
    /// document that has every field where the body has it: an object that is passed through.
    pub places: BTreeMap<String, Place>,
    /// Why fields are as they are, where no manifest says it in so many words; by [`field_key`].
    pub reasons: BTreeMap<String, String>,
    /// No plan may delete or recreate it.
    pub protect: bool,
    /// One line for people, shown when it is created: `4 nodes · 32 GPUs (h100) · up to 2 days`.
    pub summary: String,
}

/// Those of one target. What is sorted by address, as everything compiled is, is not copied.
pub fn of_target<'a>(resources: &'a [Resource], target: &str) -> Cow<'a, [Resource]> {
    fn name(one: &Resource) -> &str {
        &one.address.target
    }
    if resources.is_sorted_by(|one, next| name(one) <= name(next)) {
        let start = resources.partition_point(|one| name(one) < target);
        let end = resources.partition_point(|one| name(one) <= target);
        return Cow::Borrowed(resources.get(start..end).unwrap_or_default());
    }
    Cow::Owned(resources.iter().filter(|one| name(one) == target).cloned().collect())
}
