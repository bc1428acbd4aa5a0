//! The typed site → resources; pure, total, sorted.
pub mod slurm;
