//! The ground that all other rooms stand on: paths of fields, and places in what the user wrote.
//!
//! Resources say where they are declared, and diagnostics say where a problem is: both in these types.

mod path;
mod place;

pub use path::{FieldPath, Segment};
pub use place::{DocumentId, Part, Place};
