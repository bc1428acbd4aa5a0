//! What a target is bound to.

use super::Reader;
use super::twin::Twin;
use crate::targets::{as_trait, one_of};

one_of! {
    /// What a target is bound to. Nothing is opened before the first request.
    #[derive(Debug)]
    pub enum Endpoint {
        /// The embedded twin.
        Twin(Twin),
    }
}

impl Endpoint {
    /// The endpoint as what reads it.
    pub fn reader(&self) -> &dyn Reader {
        as_trait!(self, Endpoint { Twin })
    }
}
