//! The typed site → resources; pure, total, sorted.

mod compile;
pub mod kubernetes;
pub mod slurm;

pub use compile::compile;
