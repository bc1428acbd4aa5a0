//! Services on Kubernetes, and Kubernetes' own manifests.

mod parse;
mod pass_through;
mod surroundings;

pub(in crate::model) use parse::parse;
pub(in crate::model) use pass_through::attach;
