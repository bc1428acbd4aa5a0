//! Kueue's kinds, which k8s-openapi does not have: the fields that we set, by the names of `v1beta2`.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Taint, Toleration};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Serialize;

use crate::kubernetes::typed::Kind;

/// Version of the kinds; Kueue's current releases serve no other.
const VERSION: &str = "kueue.x-k8s.io/v1beta2";

/// Queues in a cohort lend each other what they do not use.
#[derive(Debug, Default, Serialize)]
pub(super) struct Cohort {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) spec: Option<CohortSpec>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CohortSpec {
    pub(super) resource_groups: Vec<ResourceGroup>,
}

/// Resources that the same flavors give.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceGroup {
    pub(super) covered_resources: Vec<String>,
    pub(super) flavors: Vec<FlavorQuotas>,
}

/// Amounts of one flavor, for each covered resource in the same order.
#[derive(Debug, Serialize)]
pub(super) struct FlavorQuotas {
    pub(super) name: String,
    pub(super) resources: Vec<ResourceQuota>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceQuota {
    /// Most that is borrowed; no limit where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) borrowing_limit: Option<Quantity>,
    pub(super) name: String,
    pub(super) nominal_quota: Quantity,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct ClusterQueue {
    pub(super) spec: ClusterQueueSpec,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClusterQueueSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cohort_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fair_sharing: Option<FairSharing>,
    /// Namespaces that the queue admits.
    pub(super) namespace_selector: LabelSelector,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) preemption: Option<ClusterQueuePreemption>,
    pub(super) resource_groups: Vec<ResourceGroup>,
}

#[derive(Debug, Serialize)]
pub(super) struct FairSharing {
    pub(super) weight: Quantity,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClusterQueuePreemption {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) borrow_within_cohort: Option<BorrowWithinCohort>,
    pub(super) reclaim_within_cohort: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BorrowWithinCohort {
    pub(super) max_priority_threshold: i32,
    pub(super) policy: &'static str,
}

/// A queue of a namespace, which leads to a ClusterQueue.
#[derive(Debug, Serialize)]
pub(super) struct LocalQueue {
    pub(super) spec: LocalQueueSpec,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LocalQueueSpec {
    pub(super) cluster_queue: String,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct ResourceFlavor {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) spec: Option<ResourceFlavorSpec>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceFlavorSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node_labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node_taints: Option<Vec<Taint>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tolerations: Option<Vec<Toleration>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) topology_name: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Topology {
    pub(super) spec: TopologySpec,
}

#[derive(Debug, Serialize)]
pub(super) struct TopologySpec {
    pub(super) levels: Vec<TopologyLevel>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TopologyLevel {
    pub(super) node_label: String,
}

#[derive(Debug, Serialize)]
pub(super) struct WorkloadPriorityClass {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) value: i32,
}

impl Kind for Cohort {
    const API_VERSION: &'static str = VERSION;
    const KIND: &'static str = "Cohort";
}

impl Kind for ClusterQueue {
    const API_VERSION: &'static str = VERSION;
    const KIND: &'static str = "ClusterQueue";
}

impl Kind for LocalQueue {
    const API_VERSION: &'static str = VERSION;
    const KIND: &'static str = "LocalQueue";
}

impl Kind for ResourceFlavor {
    const API_VERSION: &'static str = VERSION;
    const KIND: &'static str = "ResourceFlavor";
}

impl Kind for Topology {
    const API_VERSION: &'static str = VERSION;
    const KIND: &'static str = "Topology";
}

impl Kind for WorkloadPriorityClass {
    const API_VERSION: &'static str = VERSION;
    const KIND: &'static str = "WorkloadPriorityClass";
}
