//! The Slurm side: accounting bodies, partition and node bodies, and the text of our include files.

pub mod files;
