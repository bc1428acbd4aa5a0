//! Shape of manifests and of `sitewright.yaml`: what `manifest` and `model` raise.

use crate::diagnostics::Code;

/// All codes of this area.
pub const ALL: &[&Code] = &[];
