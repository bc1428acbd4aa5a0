//! Provisions AI-factory sites from YAML manifests, on Slurm and on Kubernetes, in one plan.
//!
//! Data flows one way; a stage imports stages above it in this list, never below:
//!
//! ```text
//! ground       documents, field paths, symbolic places
//! resource     addresses, canonical bodies, digests, host lists
//! diagnostics  severities, findings, codes of no rule
//! slurm        what Slurm's texts mean: quantities, field tables, releases, files, linter
//! kubernetes   what Kubernetes' objects mean: quantities, field ownership, ApplySets, progress
//! targets      the table of targets, by which rooms go through them
//! manifest     text → wire types, places, schema
//! model        wire types → the typed site
//! rules        the typed site → findings; each rule is a file named after its code
//! desired      the typed site → resources
//! live         targets → observations
//! diff         desired × live → changes
//! plan         changes → ordered actions, guards, plan file
//! session      reads a target and settles what only the target can tell
//! apply        executes a plan and nothing else
//! report       human and JSON text of all of these
//! cli          wires
//! ```
//!
//! Only `live` and `apply` are asynchronous and reach the outside; only `cli` and `report` write to the terminal.

pub mod apply;
pub mod cli;
pub mod desired;
pub mod diagnostics;
pub mod diff;
pub mod ground;
pub mod kubernetes;
pub mod live;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod report;
pub mod resource;
pub mod rules;
pub mod session;
pub mod slurm;
mod targets;
