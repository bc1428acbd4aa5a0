//! Rule findings: what `rules` raises.

use crate::diagnostics::Code;

/// All codes of this area.
pub const ALL: &[&Code] = &[];
