//! Blocks of a service's manifest that say that it runs on Kubernetes.

use super::{KubernetesService, PassThroughService, Runtime, parse};
use crate::model::service::SupportService;
use crate::model::service::block::Block;
use crate::model::service::runtime::Runtime as OfAny;
use crate::resource::FieldPath;

impl SupportService {
    /// The service on Kubernetes, if it is described here.
    pub fn kubernetes(&self) -> Option<&KubernetesService> {
        match &self.runtime {
            OfAny::Kubernetes(Runtime::Described(service)) => Some(service),
            _ => None,
        }
    }

    /// The service in Kubernetes' own words.
    pub fn pass_through(&self) -> Option<&PassThroughService> {
        match &self.runtime {
            OfAny::Kubernetes(Runtime::Manifests(service)) => Some(service),
            _ => None,
        }
    }
}

pub(in crate::model) const BLOCKS: &[Block] = &[
    Block {
        turn: 0,
        name: "kubernetes",
        usual: Some("services"),
        is: |wire| wire.spec.kubernetes.is_some(),
        read: |wire, reader| {
            let base = FieldPath::keys("spec.kubernetes");
            let own = || format!("svc-{}", wire.metadata.name);
            let runtime = wire.spec.kubernetes.as_ref().map(|runtime| {
                let namespace = runtime.namespace.clone().unwrap_or_else(own);
                parse::parse(runtime, namespace, &base, reader)
            });
            runtime.map_or(OfAny::External, |runtime| OfAny::Kubernetes(Runtime::Described(Box::new(runtime))))
        },
    },
    Block {
        turn: 2,
        name: "manifests",
        usual: Some("services"),
        is: |wire| wire.spec.manifests.is_some(),
        read: |wire, _| {
            let named = wire.spec.manifests.as_ref().and_then(|runtime| runtime.namespace.clone());
            let namespace = named.unwrap_or_else(|| format!("svc-{}", wire.metadata.name));
            // Its folder and objects are looked up when all documents are known.
            OfAny::Kubernetes(Runtime::Manifests(PassThroughService { namespace, ..PassThroughService::default() }))
        },
    },
];
