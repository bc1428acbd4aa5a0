//! All kinds of targets, for the text of plans.

use super::target::Target;
use crate::targets::each;

/// In the order of the table.
pub(super) const TARGETS: &[&dyn Target] = &each!(TARGET);
