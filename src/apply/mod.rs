//! Executes a plan and nothing else: lock, journal, steps, read-back.

mod event;

pub use event::{Event, Outcome, Summary};
