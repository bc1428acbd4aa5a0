//! Planning, applying and the command line: guards, stale plans, locks, ownership.

use crate::diagnostics::Code;

/// All codes of this area.
pub const ALL: &[&Code] = &[];
