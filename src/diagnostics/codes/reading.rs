//! Reading live targets: transports, incomplete or filtered answers, unsupported releases.

use crate::diagnostics::Code;

/// All codes of this area.
pub const ALL: &[&Code] = &[];
