//! What a server's refusal means, and the way out.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::kubernetes::kinds;
use crate::resource::Address;

/// Somebody else owns a field that we would set to another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldConflict {
    /// `.spec.replicas`.
    pub path: String,
    /// Its manager: `kubectl-client-side-apply`.
    pub manager: String,
    /// Version of the kind that the manager wrote with: `apps/v1`; empty where the server does not say it.
    pub version: String,
}

/// One cause of a refusal (`details.causes` of a Status, or read out of its message).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cause {
    /// Reason: `FieldManagerConflict`, `FieldValueInvalid`.
    pub reason: String,
    /// Field as the server writes it: `spec.ports[0].nodePort`.
    pub field: String,
    /// Text.
    pub message: String,
}

/// A right that is missing, as RBAC counts them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Right {
    /// `patch`.
    pub verb: String,
    /// API group; empty for the core.
    pub group: String,
    /// `deployments`, or `deployments/scale`.
    pub resource: String,
    /// Namespace; absent for the whole cluster.
    pub namespace: Option<String>,
    /// The only object that it is about; absent for all.
    pub name: Option<String>,
}

/// What kind of refusal it is; a number and a reason of the server alone do not say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// RBAC does not let this user do it.
    Forbidden {
        /// The user, as the server knows them.
        user: String,
        /// What would be needed.
        right: Right,
    },
    /// RBAC lets nobody give rights that they do not have.
    Escalation,
    /// An admission webhook says no.
    Denied {
        /// The webhook's name.
        webhook: String,
    },
    /// A ValidatingAdmissionPolicy says no.
    DeniedByPolicy {
        /// The policy's name.
        policy: String,
    },
    /// Pod security of the namespace says no.
    PodSecurity,
    /// An admission webhook does not answer.
    WebhookDown {
        /// The webhook's name.
        webhook: String,
    },
    /// The webhook that converts a kind between versions does not answer: nothing of that kind can be read or written.
    ConversionDown,
    /// A ResourceQuota is used up, or wants more to be said.
    Quota {
        /// Its name.
        quota: String,
    },
    /// The namespace does not exist.
    NamespaceMissing {
        /// Its name.
        namespace: String,
    },
    /// The namespace is being deleted.
    NamespaceTerminating,
    /// The server has no such kind.
    KindMissing,
    /// The server has the kind, in other versions.
    VersionNotServed {
        /// The versions that it serves, where they are known.
        served: Vec<String>,
    },
    /// The object does not exist.
    Missing,
    /// The object is being deleted.
    BeingDeleted,
    /// Fields belong to others.
    Conflict {
        /// Which, and to whom.
        fields: Vec<FieldConflict>,
    },
    /// The object changed since it was read.
    Stale,
    /// The object was deleted since it was read.
    Gone,
    /// The object was deleted and made again since it was read.
    Replaced,
    /// A field cannot be changed in place.
    Immutable,
    /// A value is wrong.
    Invalid,
    /// A field does not exist.
    UnknownField,
    /// The object is too large to be sent or stored.
    TooLarge,
    /// The server has too much to do.
    TooMany {
        /// After how long it wants to be asked again.
        after: Option<Duration>,
    },
    /// A page of a list is too old to go on from.
    Expired,
    /// The server does not know who asks.
    Unauthorized,
    /// The server's certificate is not trusted, or ours is not.
    Tls {
        /// The server's host and port.
        server: String,
    },
    /// Nobody answers, or not in time.
    Unreachable,
    /// An admission webhook has side effects, so it cannot be asked without doing it.
    DryRunUnsupported,
    /// The kubeconfig or its credential plugin does not work.
    Configuration,
    /// The answer is not what the API promises.
    Garbled,
    /// The server cannot answer now, and says no more.
    Unavailable,
    /// Not one of the others.
    Other,
}

/// A request that was refused, or got no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Failure {
    /// What it means.
    pub kind: FailureKind,
    /// HTTP status; zero where there was no answer.
    pub status: u16,
    /// What the server said, in one line.
    pub message: String,
    /// The fields that it names.
    pub causes: Vec<Cause>,
}

impl Failure {
    /// A failure that no server spoke of.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, status: 0, message: message.into(), causes: Vec::new() }
    }

    /// Whether the same request may succeed in a moment. A server-side apply is the same however often it is sent.
    pub fn passes(&self) -> bool {
        match self.kind {
            FailureKind::TooMany { .. } | FailureKind::Unreachable => true,
            _ => matches!(self.status, 429 | 503 | 504),
        }
    }

    /// Whether it is about the connection or the caller, and so about every other request too.
    pub fn concerns_all(&self) -> bool {
        self.passes()
            || matches!(
                self.kind,
                FailureKind::Unauthorized | FailureKind::Tls { .. } | FailureKind::Configuration | FailureKind::Garbled
            )
    }

    /// What it means, in a line: in words of ours where the server's are not enough.
    pub fn title(&self) -> String {
        self.own_title().unwrap_or_else(|| self.message.clone())
    }

    /// What it means in words of ours; `None` where the server's own are enough.
    pub fn own_title(&self) -> Option<String> {
        Some(match &self.kind {
            FailureKind::Forbidden { user, right } => {
                let place = right.namespace.as_ref().map_or_else(String::new, |one| format!(" in `{one}`"));
                format!("`{user}` may not {} `{}`{place}", right.verb, right.spelled())
            }
            FailureKind::Denied { webhook } => {
                format!("the webhook `{webhook}` refuses it: {}", after(&self.message, "denied the request: "))
            }
            FailureKind::DeniedByPolicy { policy } => {
                format!("the policy `{policy}` refuses it: {}", after(&self.message, "denied request: "))
            }
            FailureKind::WebhookDown { webhook } => {
                format!("the webhook `{webhook}` does not answer: {}", after(&self.message, "\": "))
            }
            FailureKind::ConversionDown => format!("its kind cannot be read now: {}", self.message),
            FailureKind::Quota { quota } => {
                format!("the quota `{quota}` does not allow it: {}", after(&self.message, &format!("{quota}, ")))
            }
            FailureKind::NamespaceMissing { namespace } => format!("there is no namespace `{namespace}`"),
            FailureKind::NamespaceTerminating => "its namespace is being deleted".to_owned(),
            FailureKind::KindMissing => "the server does not have its kind".to_owned(),
            FailureKind::VersionNotServed { served } if !served.is_empty() => {
                format!("the server serves its kind as {} only", served.join(", "))
            }
            FailureKind::VersionNotServed { .. } => "the server does not serve its kind in that version".to_owned(),
            FailureKind::BeingDeleted => "it is being deleted".to_owned(),
            FailureKind::Conflict { fields } => {
                let list: Vec<String> =
                    fields.iter().map(|field| format!("`{}` of `{}`", field.path, owner(field))).collect();
                format!("fields belong to others: {}", list.join(", "))
            }
            FailureKind::Stale => "it changed since it was read".to_owned(),
            FailureKind::Gone => "it was deleted since it was read".to_owned(),
            FailureKind::Replaced => "it was deleted and made again since it was read".to_owned(),
            FailureKind::TooMany { after } => match after {
                Some(wait) => format!("the server has too much to do and wants {} s of rest", wait.as_secs()),
                None => "the server has too much to do".to_owned(),
            },
            FailureKind::Unauthorized => "the server does not accept these credentials".to_owned(),
            FailureKind::DryRunUnsupported => format!("nobody can be asked beforehand: {}", self.message),
            _ => return None,
        })
    }

    /// The way out, with something that can be pasted.
    pub fn hint(&self) -> Option<String> {
        self.hint_about(&About::anything())
    }

    /// The same for one object.
    pub fn hint_for(&self, address: &Address) -> Option<String> {
        self.hint_about(&About::object(address))
    }

    fn hint_about(&self, about: &About) -> Option<String> {
        let About { explained, kind, name, provider } = about;
        let text = match &self.kind {
            FailureKind::Forbidden { user, right } => format!(
                "ask for the right: `kubectl create {role} {name} --verb={verb} --resource={resource}{scope}` and `kubectl create \
                 {role}binding {name} --{role}={name} --user={user}{scope}`; `sitewright doctor` prints all that is missing",
                // A name of its own: what doctor's roles are called is taken once they are there.
                name = format!("sitewright-{}-{}", right.verb, right.resource.replace('/', "-")),
                role = if right.namespace.is_some() { "role" } else { "clusterrole" },
                verb = right.verb,
                resource = right.spelled(),
                scope = right.namespace.as_ref().map_or_else(String::new, |one| format!(" --namespace={one}")),
            ),
            FailureKind::Escalation => "ask for what is to be granted, or for the verbs `escalate` on roles and `bind` on clusterroles: \
                 `kubectl create clusterrole sitewright-grants --verb=bind,escalate --resource=roles,clusterroles`"
                .to_owned(),
            FailureKind::Denied { webhook } => format!(
                "change the manifest as it says; whose webhook it is: `kubectl get \
                 validatingwebhookconfigurations,mutatingwebhookconfigurations -o yaml | grep -B3 {webhook}`"
            ),
            FailureKind::DeniedByPolicy { policy } => {
                format!("change the manifest as it says; read it: `kubectl get validatingadmissionpolicy {policy} -o yaml`")
            }
            FailureKind::PodSecurity => {
                "set what it names in the container's `securityContext`, or label the namespace with another level of \
                 `pod-security.kubernetes.io/enforce`"
                    .to_owned()
            }
            FailureKind::WebhookDown { webhook } => format!(
                "look whether its pods are ready: `kubectl get pods -A`; which service it is: `kubectl get \
                 validatingwebhookconfigurations,mutatingwebhookconfigurations -o yaml | grep -A8 {webhook}`"
            ),
            FailureKind::ConversionDown => "look whether the pods of the kind's controller are ready: `kubectl get pods -A`".to_owned(),
            FailureKind::Quota { quota } => {
                format!("raise it or free something: `kubectl get resourcequota {quota} -A -o wide`")
            }
            FailureKind::NamespaceMissing { namespace } => {
                format!("make it: `kubectl create namespace {namespace}`")
            }
            FailureKind::NamespaceTerminating => {
                "wait until it is gone: `kubectl get namespaces --watch`; what holds it is in its conditions: `kubectl get namespaces -o yaml`"
                    .to_owned()
            }
            FailureKind::KindMissing => {
                format!("install {provider}; what is there: `kubectl api-resources`")
            }
            FailureKind::VersionNotServed { .. } => {
                "write a version that is served: `kubectl api-versions`; Kueue from 0.20 on serves kueue.x-k8s.io/v1beta2 only"
                    .to_owned()
            }
            FailureKind::Conflict { .. } => {
                "take the field out of the manifest, have its owner give it up, or take it over in the plan".to_owned()
            }
            FailureKind::Stale | FailureKind::Gone | FailureKind::Replaced | FailureKind::Expired => {
                "plan again: `sitewright plan`".to_owned()
            }
            FailureKind::BeingDeleted => {
                format!("wait until it is gone; what holds it: `kubectl get {kind} {name} -o jsonpath='{{.metadata.finalizers}}'`")
            }
            FailureKind::Immutable => {
                "put the old value back, or let the plan recreate the object by its address".to_owned()
            }
            FailureKind::UnknownField => format!("look the field up: `kubectl explain {explained} --recursive`"),
            FailureKind::TooLarge => {
                "split it: a request has at most 3 MiB, a ConfigMap or Secret 1 MiB of data".to_owned()
            }
            FailureKind::TooMany { .. } | FailureKind::Unavailable => {
                "try again in a minute; how busy it is: `kubectl get --raw /livez?verbose`".to_owned()
            }
            FailureKind::Unauthorized => {
                "log in again; who you are: `kubectl auth whoami`, until when: look at the token or certificate in the kubeconfig"
                    .to_owned()
            }
            FailureKind::Tls { server } => format!(
                "compare `certificate-authority-data` and `tls-server-name` in the kubeconfig with the server's certificate: \
                 `openssl s_client -showcerts -connect {server} </dev/null | openssl x509 -noout -issuer -dates -ext subjectAltName`"
            ),
            FailureKind::Unreachable => "look whether it is up: `kubectl get --raw /readyz`".to_owned(),
            FailureKind::Configuration => "look at it: `kubectl config view --minify`".to_owned(),
            FailureKind::Garbled => {
                "something between here and the server may answer in its place: `kubectl get --raw /version`".to_owned()
            }
            FailureKind::Missing | FailureKind::Invalid | FailureKind::DryRunUnsupported | FailureKind::Other => {
                return None;
            }
        };
        Some(text)
    }

    /// Without the values that the server repeats: for objects whose values are secrets.
    #[must_use]
    pub fn without_values(mut self) -> Self {
        let own_words = match &self.kind {
            // Webhooks and policies see the whole object, and may say anything of it.
            FailureKind::Denied { .. } => Some("denied the request: "),
            FailureKind::DeniedByPolicy { .. } => Some("denied request: "),
            _ => None,
        };
        if let Some(mark) = own_words {
            let before = self.message.find(mark).map_or("", |at| &self.message[..at + mark.len()]);
            self.message = format!("{before}{SECRECY}");
            self.causes.clear();
        }
        self.message = hidden(&self.message);
        for cause in &mut self.causes {
            cause.message = hidden(&cause.message);
        }
        self
    }
}

impl Right {
    /// `deployments.apps`, as `kubectl` takes it; subresources after the group are left to the reader.
    pub fn spelled(&self) -> String {
        match (self.group.as_str(), self.resource.split_once('/')) {
            ("", _) => self.resource.clone(),
            (group, None) => format!("{}.{group}", self.resource),
            (group, Some((resource, sub))) => format!("{resource}.{group}/{sub}"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.title())
    }
}

impl std::error::Error for Failure {}

/// What stands behind a mark, or all of it.
fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or(text, |(_, rest)| rest)
}

/// What stands for the words of somebody who may repeat a secret.
const SECRECY: &str = "(what it says is hidden: the object is a Secret)";

/// Quoted texts, and values that the server prints as Go does, replaced by dots.
fn hidden(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    for mark in ["Invalid value: ", "Unsupported value: ", "Duplicate value: ", ", got "] {
        if let Some((before, value)) = rest.split_once(mark) {
            out.push_str(before);
            out.push_str(mark);
            out.push('…');
            rest = value.rsplit_once("\": ").map_or("", |(_, said)| said);
            if !rest.is_empty() {
                out.push_str(": ");
            }
            break;
        }
    }
    out.push_str(rest);
    out
}

/// The object that a hint is about, as commands name it.
struct About {
    /// Its kind, as `kubectl explain` takes it: what is behind a dot it takes for a field.
    explained: String,
    /// Its kind with its group.
    kind: String,
    /// Its name, and the flag with its namespace.
    name: String,
    /// What brings its kind.
    provider: &'static str,
}

impl About {
    /// Any object: words that people replace.
    fn anything() -> Self {
        let (kind, name) = ("KIND".to_owned(), "NAME".to_owned());
        Self { explained: kind.clone(), kind, name, provider: OPERATOR }
    }

    fn object(address: &Address) -> Self {
        let (kind, group) = kinds::kind_and_group(&address.kind);
        let explained = kind.to_lowercase();
        let kind = if group.is_empty() { explained.clone() } else { format!("{explained}.{group}") };
        let (namespace, name) = kinds::namespace_and_name(&address.name);
        let name = namespace.map_or_else(|| name.to_owned(), |namespace| format!("{name} -n {namespace}"));
        Self { explained, kind, name, provider: provider(group).unwrap_or(OPERATOR) }
    }
}

/// What brings a kind that nobody knows.
const OPERATOR: &str = "the operator that brings it";

/// What brings the kinds of a group, where manifests of ours lead to them.
fn provider(group: &str) -> Option<&'static str> {
    const PROVIDERS: [(&str, &str); 4] = [
        ("gateway.networking.k8s.io", "the Gateway API (https://gateway-api.sigs.k8s.io) and one of its controllers"),
        ("kueue.x-k8s.io", "Kueue (https://kueue.sigs.k8s.io)"),
        ("cert-manager.io", "cert-manager (https://cert-manager.io)"),
        ("monitoring.coreos.com", "the Prometheus operator (https://prometheus-operator.dev)"),
    ];
    let within = |of: &str| group == of || group.strip_suffix(of).is_some_and(|rest| rest.ends_with('.'));
    PROVIDERS.iter().find(|(of, _)| within(of)).map(|(_, what)| *what)
}

/// Who owns a field, as the server says it: `kubectl-client-side-apply using apps/v1`.
fn owner(field: &FieldConflict) -> String {
    if field.version.is_empty() { field.manager.clone() } else { format!("{} using {}", field.manager, field.version) }
}
