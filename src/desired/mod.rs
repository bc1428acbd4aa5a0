//! The typed site → resources; pure, total, sorted.
