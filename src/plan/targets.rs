//! All kinds of targets, for planning.

use super::target::Target;
use crate::targets::{each, of_kind};

/// In the order of the table.
pub(super) const TARGETS: &[&dyn Target] = &each!(TARGET);

/// Codes of the refusals to take what others own, and to make anew, of each kind of target that has them.
pub fn codes_of_wishes() -> impl Iterator<Item = (&'static str, &'static str)> {
    TARGETS.iter().filter_map(|target| target.codes_of_wishes())
}

/// Whether resources of a kind stay when they are no longer declared, unless they were asked for by name.
pub fn stays(kind: &str) -> bool {
    of_kind(TARGETS, kind).is_some_and(|target| target.stays(kind))
}
