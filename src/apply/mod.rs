//! Executes a plan and nothing else: lock, journal, steps, read-back.

mod backend;
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

pub use backend::{Backend, Lock, Performed, Waiting, Work};
pub use event::{Event, Outcome, Summary};
pub use execute::Executor;
pub use journal::Journal;
pub use lock::Locks;
