//! All kinds of targets, for executing.

use super::target::Target;
use crate::targets::each;

/// In the order of the table.
pub(super) const TARGETS: &[&dyn Target] = &each!(TARGET);
