//! Fields of manifests as rows: the path in the manifest, the field of the target, and the unit between them.
//!
//! A row is walked in two directions. Forwards, the resolver reads what a manifest says and gets the canonical value of the
//! target's field. Backwards, [`Table::said`] gets the canonical fields of a resource and gives the paths and texts of a
//! manifest that resolves to the same fields. Each kind of manifest keeps its rows in the file that resolves it; the list of
//! their tables is `model::TABLES`.
//!
//! Fields without a row of their own are written in the `slurm:` map of their manifest. The row of that map stands last in a
//! table and takes every key. Keys that the map refuses because they have a field of their own (`Description`, `Parent`, the
//! QOS of an account) are reported as [`Said::left`] where that field cannot write their value.

mod limits;
pub(super) mod row;
mod said;
mod text;
mod words;
pub(super) mod written;

pub(super) use limits::LIMITS;
pub use row::{Field, Unit};
pub(super) use row::{Row, camel, row};
pub(super) use said::fields;
pub use said::{Entry, Said, Table};
pub(super) use words::SHORT;
pub(super) use written::{Quantities, Written};
