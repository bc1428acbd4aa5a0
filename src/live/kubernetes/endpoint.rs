//! A cluster as what reads it.

use futures::future::{FutureExt, LocalBoxFuture};

use super::{Cluster, confirm, observe};
use crate::diagnostics::Diagnostics;
use crate::live::{Observation, Question, Reader, Scope};

impl Reader for Cluster {
    fn observe<'a>(
        &'a self,
        target: &'a str,
        factory: &'a str,
        scope: &'a Scope,
    ) -> LocalBoxFuture<'a, Result<Observation, Diagnostics>> {
        observe(target, factory, self, scope).boxed_local()
    }

    fn confirm<'a>(
        &'a self,
        observation: &'a mut Observation,
        questions: Vec<Question>,
    ) -> LocalBoxFuture<'a, Result<(), Diagnostics>> {
        confirm(self, observation, questions).boxed_local()
    }
}
