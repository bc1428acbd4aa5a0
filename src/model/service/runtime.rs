//! What services run on.

use crate::targets::one_of;

one_of! {
    /// What a service runs on.
    #[derive(Debug, Clone)]
    pub enum Runtime {
        /// Nothing of ours.
        External,
    }
}
