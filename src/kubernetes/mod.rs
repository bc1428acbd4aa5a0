//! Kubernetes vocabulary: quantities, field ownership, ApplySets, and the state of objects. Values in, values out; nothing
//! here talks to a server.

pub mod applyset;
pub mod atomic;
pub mod fields;
pub mod held;
pub mod kinds;
pub mod names;
pub mod object;
pub mod ownership;
pub mod places;
pub mod proof;
pub mod quantity;
pub mod status;
pub mod typed;
pub mod yaml;

pub use kinds::is_kubernetes as has_kind;
