//! A block of a service's manifest that says what it runs on.

use super::reader::Reader;
use super::runtime::Runtime;
use crate::manifest::v1alpha1::SupportService as Wire;

/// One of the blocks that say what a service runs on.
pub(super) struct Block {
    /// Place among all: of several that are written, the first is read.
    pub(super) turn: u8,
    /// Its field.
    pub(super) name: &'static str,
    /// Where such services live, if they do not say it; none where nothing is provisioned.
    pub(super) usual: Option<&'static str>,
    /// Whether it is written.
    pub(super) is: fn(&Wire) -> bool,
    pub(super) read: fn(&Wire, &mut Reader<'_>) -> Runtime,
}
