//! Executes a plan and nothing else: lock, journal, steps, read-back.

mod event;
mod execute;
mod journal;
mod kubernetes;
mod lock;
pub mod slurm;
mod target;
mod targets;
mod twin;
mod verify;
mod writer;

pub use event::{Event, Outcome, Summary};
pub use execute::Executor;
pub use journal::Journal;
pub use lock::Locks;
pub use writer::{Lock, Performed, Waiting, Work, Writer};
