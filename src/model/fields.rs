//! Fields of resources.

use std::collections::BTreeMap;

use crate::diagnostics::Place;
use crate::resource::Body;

/// Fields of a resource in the target's vocabulary, with their places.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// Canonical values.
    pub body: Body,
    /// Where each is written.
    pub places: BTreeMap<String, Place>,
}
