//! HTTPRoute of the Gateway API, which k8s-openapi does not have: the fields that we set, by the names of `v1`. Its lists are
//! replaced whole, and the server writes defaults inside them: so the defaults are fields here.

use serde::Serialize;

use crate::kubernetes::typed::Kind;

/// Group of the Gateway API.
pub(super) const GROUP: &str = "gateway.networking.k8s.io";

#[derive(Debug, Serialize)]
pub(super) struct HttpRoute {
    pub(super) spec: HttpRouteSpec,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HttpRouteSpec {
    pub(super) hostnames: Vec<String>,
    pub(super) parent_refs: Vec<ParentReference>,
    pub(super) rules: Vec<HttpRouteRule>,
}

/// The gateway that a route hangs on.
#[derive(Debug, Serialize)]
pub(super) struct ParentReference {
    pub(super) group: &'static str,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) namespace: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HttpRouteRule {
    pub(super) backend_refs: Vec<HttpBackendRef>,
    pub(super) matches: Vec<HttpRouteMatch>,
}

/// Where requests go.
#[derive(Debug, Serialize)]
pub(super) struct HttpBackendRef {
    pub(super) group: &'static str,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) port: i32,
    pub(super) weight: i32,
}

#[derive(Debug, Serialize)]
pub(super) struct HttpRouteMatch {
    pub(super) path: HttpPathMatch,
}

#[derive(Debug, Serialize)]
pub(super) struct HttpPathMatch {
    #[serde(rename = "type")]
    pub(super) type_: &'static str,
    pub(super) value: String,
}

impl Kind for HttpRoute {
    const API_VERSION: &'static str = "gateway.networking.k8s.io/v1";
    const KIND: &'static str = "HTTPRoute";
}
