//! Executes a plan and nothing else: lock, journal, steps, read-back.

mod configure;
mod event;
mod execute;
mod journal;
mod kubernetes;
mod verify;
mod waits;

pub use event::{Event, Outcome, Summary};
pub use execute::{Backend, Executor};
pub use journal::Journal;
