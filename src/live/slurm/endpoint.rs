//! A Slurm cluster as it is bound.

use futures::future::{FutureExt, LocalBoxFuture};

use super::{ReadOptions, observe};
use crate::diagnostics::Diagnostics;
use crate::live::transport::Transport;
use crate::live::{Observation, Reader, Scope};

/// A Slurm cluster: how its programs and files are reached, and how it is read.
#[derive(Debug)]
pub struct Endpoint {
    /// How its programs and files are reached.
    pub transport: Transport,
    /// How it is read.
    pub options: ReadOptions,
}

impl Reader for Endpoint {
    /// Slurm's programs print everything at once, so nothing needs to be asked for by name.
    fn observe<'a>(
        &'a self,
        target: &'a str,
        factory: &'a str,
        _scope: &'a Scope,
    ) -> LocalBoxFuture<'a, Result<Observation, Diagnostics>> {
        observe(target, factory, &self.transport, &self.options).boxed_local()
    }

    fn way(&self) -> String {
        self.transport.describe()
    }
}
