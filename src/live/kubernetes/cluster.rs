//! Requests to one cluster.

use std::fmt;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use k8s_openapi::Resource;
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{DeleteOptions, Preconditions};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::{Ask, Client, JSON, Reply};
use super::connection::Connection;
use super::failure::{Failure, FailureKind, Right};
use super::{MANAGER, Served};
use crate::kubernetes::held::Held;
use crate::kubernetes::typed;

/// Objects of a page of a list.
const PAGE: usize = 500;
/// Most pages of a list: two million objects.
const PAGES: u32 = 4_000;
/// Most values in a list, over all its pages: what they take of memory stays below two gigabytes.
const LIST_VALUES: usize = 24_000_000;
/// Longest time for a list with all its pages.
const LIST_LIMIT: Duration = Duration::from_secs(600);
/// How often a list is begun anew because its pages grew too old.
const RESTARTS: u32 = 3;
/// Labels, annotations and ownership without the rest.
const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// How an apply is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sending {
    /// Take fields that others own.
    pub force: bool,
    /// Only ask what would become of it.
    pub dry_run: bool,
}

/// What a list is of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    /// Namespace; all of them where absent.
    pub namespace: Option<&'a str>,
    /// Label selector; all objects where absent.
    pub selector: Option<&'a str>,
    /// Whether `metadata` is enough.
    pub metadata: bool,
}

/// One cluster. Nothing is opened before the first request.
pub struct Cluster {
    connection: Connection,
    client: Client,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Cluster").field("connection", &self.connection).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "apiVersion")]
    api_version: String,
    kind: String,
    #[serde(default)]
    metadata: PageMetadata,
    items: Option<Vec<Value>>,
}

#[derive(Default, Deserialize)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    next: String,
}

impl Cluster {
    /// A cluster that nobody has spoken to yet.
    pub fn new(connection: Connection) -> Self {
        Self { connection, client: Client::new() }
    }

    /// How it is reached, for people and for telling two targets that are one.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Requests sent and bytes read so far.
    pub fn counts(&self) -> (u32, u64) {
        self.client.counts()
    }

    /// The server's address, and the context by which it is reached.
    pub async fn reached(&self) -> Result<(String, String), Failure> {
        self.client.reached(&self.connection).await
    }

    /// Keeps the secrets of objects out of all that is told of the server from now on.
    pub fn hold<'a>(&self, objects: impl IntoIterator<Item = &'a Value>) {
        self.client.hold(objects);
    }

    /// What the server says in an object, without secrets.
    pub fn hide(&self, object: &Value, text: &str) -> String {
        let names: Vec<&str> = ["/metadata/namespace", "/metadata/name", "/kind"]
            .iter()
            .filter_map(|pointer| object.pointer(pointer)?.as_str())
            .collect();
        self.client.hide(&Held::of(object).hide(text, &names), &names)
    }

    pub(super) async fn send(&self, ask: &Ask) -> Result<Reply, Failure> {
        self.client.send(&self.connection, ask).await
    }

    /// Reads a path that is no object, such as `/version`.
    pub(super) async fn read(&self, path: &str, accept: &'static str) -> Result<Value, Failure> {
        let ask = Ask { accept, ..Ask::get(path.to_owned()) };
        self.send(&ask).await?.parse().await
    }

    /// Server-side apply. `object` is whole, with `apiVersion`, `kind`, name and namespace; `metadata.uid` and
    /// `metadata.resourceVersion` in it guard against an object that was replaced or changed.
    pub async fn apply(&self, served: &Served, object: &Value, sending: Sending) -> Result<Value, Failure> {
        Ok(self.apply_as(MANAGER, served, object, sending).await?.0)
    }

    /// The same as another field manager, with what the server warns of.
    pub async fn apply_as(
        &self,
        manager: &str,
        served: &Served,
        object: &Value,
        sending: Sending,
    ) -> Result<(Value, Vec<String>), Failure> {
        let text = |key: &str| object.pointer(key).and_then(Value::as_str);
        let mut path = path_of(served, text("/metadata/namespace"), text("/metadata/name"));
        let _ = write!(path, "?fieldManager={}&force={}&fieldValidation=Strict", encoded(manager), sending.force);
        if sending.dry_run {
            path.push_str("&dryRun=All");
        }
        let body = serde_json::to_vec(object)
            .map_err(|error| Failure::new(FailureKind::Invalid, format!("it cannot be written as JSON: {error}")))?;
        let ask = Ask {
            method: http::Method::PATCH,
            path,
            accept: if partial(served) { METADATA } else { JSON },
            body: Some(("application/apply-patch+yaml", body)),
        };
        let reply = self.send(&ask).await.map_err(|failure| discreet(served, failure))?;
        let warnings = if is_secret(served) { Vec::new() } else { reply.warnings.clone() };
        let answer: Value = reply.parse().await?;
        Ok((named(answer, &served.api_version, &served.kind), warnings))
    }

    /// Reads one object; `None` where there is none.
    pub async fn get(&self, served: &Served, namespace: Option<&str>, name: &str) -> Result<Option<Value>, Failure> {
        let accept = if partial(served) { METADATA } else { JSON };
        match self.read(&path_of(served, namespace, Some(name)), accept).await {
            Ok(object) => {
                let object = named(object, &served.api_version, &served.kind);
                if is_secret(served) {
                    self.hold([&object]);
                }
                Ok(Some(object))
            }
            Err(failure) if matches!(failure.kind, FailureKind::Missing) => Ok(None),
            // A namespace that is asked for and not there says what an object in a missing namespace would say.
            Err(Failure { kind: FailureKind::NamespaceMissing { .. }, .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Every object of a kind, all pages, or an error.
    pub async fn list(&self, served: &Served, scope: Scope<'_>) -> Result<Vec<Value>, Failure> {
        let mut base = format!("{}?limit={PAGE}", path_of(served, scope.namespace, None));
        if let Some(selector) = scope.selector {
            let _ = write!(base, "&labelSelector={}", encoded(selector));
        }
        let accept = if scope.metadata || partial(served) { METADATA_LIST } else { JSON };
        let mut restarts = 0;
        let deadline = Instant::now() + LIST_LIMIT;
        'whole: loop {
            let mut objects: Vec<Value> = Vec::new();
            let mut next = String::new();
            let mut values = 0;
            for _ in 0..PAGES {
                if Instant::now() > deadline {
                    let said =
                        format!("the list of `{}` does not end within {} s", served.plural, LIST_LIMIT.as_secs());
                    return Err(Failure::new(FailureKind::Unreachable, said));
                }
                let mut path = base.clone();
                if !next.is_empty() {
                    let _ = write!(path, "&continue={}", encoded(&next));
                }
                let ask = Ask { accept, ..Ask::get(path) };
                let reply = match self.send(&ask).await {
                    Err(failure) if failure.kind == FailureKind::Expired && restarts < RESTARTS => {
                        restarts += 1;
                        continue 'whole;
                    }
                    other => other?,
                };
                let (page, more): (Page, usize) = reply.parse_counted().await?;
                values += more;
                if values > LIST_VALUES {
                    let said = format!("the list of `{}` has more than {LIST_VALUES} values", served.plural);
                    return Err(Failure::new(FailureKind::Garbled, said));
                }
                if !page.kind.ends_with("List") {
                    let said = format!("a list of `{}` was asked for and `{}` came", served.plural, page.kind);
                    return Err(Failure::new(FailureKind::Garbled, said));
                }
                let _ = page.api_version;
                let items = page.items.unwrap_or_default();
                objects.extend(items.into_iter().map(|one| named(one, &served.api_version, &served.kind)));
                if page.metadata.next.is_empty() {
                    if is_secret(served) {
                        self.hold(&objects);
                    }
                    return Ok(objects);
                }
                next = page.metadata.next;
            }
            let said = format!("the list of `{}` does not end after {PAGES} pages", served.plural);
            return Err(Failure::new(FailureKind::Garbled, said));
        }
    }

    /// Deletes one object if it is still that one. `propagation` is `Background`, `Foreground` or `Orphan`. One that is
    /// gone already is no failure.
    pub async fn delete(
        &self,
        served: &Served,
        (namespace, name): (Option<&str>, &str),
        uid: &str,
        propagation: &str,
    ) -> Result<(), Failure> {
        let preconditions = Preconditions { resource_version: None, uid: Some(uid.to_owned()) };
        self.delete_if(served, (namespace, name), preconditions, propagation).await
    }

    pub(super) async fn delete_if(
        &self,
        served: &Served,
        (namespace, name): (Option<&str>, &str),
        preconditions: Preconditions,
        propagation: &str,
    ) -> Result<(), Failure> {
        let options = DeleteOptions {
            api_version: Some("v1".to_owned()),
            kind: Some("DeleteOptions".to_owned()),
            preconditions: Some(preconditions),
            propagation_policy: Some(propagation.to_owned()),
            ..DeleteOptions::default()
        };
        let ask = Ask {
            method: http::Method::DELETE,
            path: path_of(served, namespace, Some(name)),
            accept: JSON,
            body: Some((JSON, typed::to_json(&options).to_string().into_bytes())),
        };
        match self.send(&ask).await {
            Ok(_) => Ok(()),
            Err(failure)
                if matches!(failure.kind, FailureKind::Missing)
                    || matches!(failure.kind, FailureKind::NamespaceMissing { .. }) =>
            {
                Ok(())
            }
            Err(failure) => Err(discreet(served, failure)),
        }
    }

    /// Whether this user has a right (SelfSubjectAccessReview; it stores nothing).
    pub async fn may(&self, right: &Right) -> Result<bool, Failure> {
        let (resource, sub) = right.resource.split_once('/').unwrap_or((&right.resource, ""));
        let said = |text: &str| Some(text.to_owned());
        let attributes = ResourceAttributes {
            group: said(&right.group),
            name: said(right.name.as_deref().unwrap_or_default()),
            namespace: said(right.namespace.as_deref().unwrap_or_default()),
            resource: said(resource),
            subresource: said(sub),
            verb: said(&right.verb),
            ..ResourceAttributes::default()
        };
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(attributes),
                ..SelfSubjectAccessReviewSpec::default()
            },
            ..SelfSubjectAccessReview::default()
        };
        let answer = self.review(&review).await?;
        Ok(answer.pointer("/status/allowed").and_then(Value::as_bool) == Some(true))
    }

    /// The server's answer to a review: an object that is answered and not stored.
    pub(super) async fn review<K: Resource + Serialize>(&self, review: &K) -> Result<Value, Failure> {
        let ask = Ask {
            method: http::Method::POST,
            path: format!("/apis/{}/{}", K::API_VERSION, K::URL_PATH_SEGMENT),
            accept: JSON,
            body: Some((JSON, typed::to_value(review).to_string().into_bytes())),
        };
        self.send(&ask).await?.parse().await
    }
}

/// Objects of which we only ever see and write the metadata.
fn partial(served: &Served) -> bool {
    crate::kubernetes::kinds::is_partial(&crate::kubernetes::kinds::address_kind(&served.api_version, &served.kind))
}

/// What a server says of an object, without values where these are secrets.
fn discreet(served: &Served, failure: Failure) -> Failure {
    if is_secret(served) { failure.without_values() } else { failure }
}

fn is_secret(served: &Served) -> bool {
    served.api_version == "v1" && served.kind == "Secret"
}

/// Items of lists have neither version nor kind, and metadata on its own has another kind.
fn named(mut object: Value, api_version: &str, kind: &str) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.insert("apiVersion".to_owned(), api_version.into());
        map.insert("kind".to_owned(), kind.into());
    }
    object
}

/// `/apis/apps/v1/namespaces/p-medix/deployments/web`.
fn path_of(served: &Served, namespace: Option<&str>, name: Option<&str>) -> String {
    let root = if served.api_version.contains('/') { "/apis/" } else { "/api/" };
    let mut path = format!("{root}{}", served.api_version);
    if let Some(namespace) = namespace.filter(|_| served.namespaced) {
        let _ = write!(path, "/namespaces/{}", encoded(namespace));
    }
    let _ = write!(path, "/{}", served.plural);
    if let Some(name) = name {
        let _ = write!(path, "/{}", encoded(name));
    }
    path
}

/// A word of a path or query (RFC 3986, 2.3). Names of `.` and `..`, which no server has, must not become steps.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let dots = !text.is_empty() && text.bytes().all(|byte| byte == b'.');
    for byte in text.bytes() {
        match byte {
            b'.' if dots => out.push_str("%2E"),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
