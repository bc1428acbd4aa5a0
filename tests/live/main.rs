//! Live tests: the real programs against three real Slurm releases, 22.05, 24.11 and 26.05, started by `tests/rig/up`.
//!
//! Every test runs on each release. Tests of one release run one after the other: each begins with `tests/rig/reset`. A
//! missing rig fails them; nothing is skipped.

#![expect(unreachable_pub, reason = "a test program has no outside")]
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod controller;
mod fields;
mod files;
mod foreign;
mod guards;
mod hostlists;
mod kills;
mod lexer;
mod observation;
mod reading;
mod rig;
mod site;
mod stale;
mod texts;
mod traps;
