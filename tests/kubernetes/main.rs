//! Tests on a real Kubernetes control plane with Kueue, started by `tests/rig/kubernetes/up`.
//!
//! Tests run one after the other, those of other runs on this machine too: each begins with the rig's `reset`. A missing
//! rig fails them; nothing is skipped.

#![expect(unreachable_pub, reason = "a test program has no outside")]
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]
#![expect(clippy::print_stdout, reason = "the test program shows it where a test fails")]

mod base;
mod cluster;
mod differential;
mod dying;
mod failures;
mod messages;
mod observation;
mod queues;
mod reading;
mod requests;
mod rig;
mod secrets;
mod services;
mod site;
mod triples;
