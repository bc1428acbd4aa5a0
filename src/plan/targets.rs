//! All kinds of targets, for planning.

use super::target::Target;
use crate::targets::{each, of_kind};

/// In the order of the table.
pub(super) const TARGETS: &[&dyn Target] = &each!(TARGET);

/// Whether resources of a kind stay when they are no longer declared, unless they were asked for by name.
pub(super) fn stays(kind: &str) -> bool {
    of_kind(TARGETS, kind).is_some_and(|target| target.stays(kind))
}
