//! The linter over slurm.conf, gres.conf and includes.

use crate::diagnostics::Code;

/// All codes of this area.
pub const ALL: &[&Code] = &[];
