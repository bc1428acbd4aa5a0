//! What there is to know of a change, or of a whole plan, besides the fields that differ.

use serde::{Deserialize, Serialize};

use crate::diagnostics::{Code, Diagnostic};
use crate::resource::Address;

/// What a note of a change is about. Code goes by it; the words are for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// The change is predicted: why neither a proof nor the server's confirmation was possible.
    Predicted,
    /// No value changes, only who is recorded as the owner of fields.
    OwnershipOnly,
    /// The field that cannot be changed while the object exists.
    FixedField,
    /// Pods of the object end with it.
    PodsEnd,
    /// Pods of the object are replaced.
    PodsReplaced,
    /// The removal waits for work that holds the object's quota.
    QuotaHeld,
    /// Why the kind is kept by default, for an object that goes all the same.
    KeptByDefault,
    /// Running jobs that exceed a lowered limit are killed.
    LimitKills,
    /// The user goes with the last association.
    LastAssociation,
    /// A daemon on the node has to be restarted by people.
    RestartNode,
    /// The creation looks like a rename of something that is deleted.
    LikelyRename,
}

impl Topic {
    /// Whether the words name the resource's own things: changes that are equal otherwise are drawn together all the same.
    pub fn is_particular(self) -> bool {
        match self {
            Self::OwnershipOnly | Self::FixedField | Self::LastAssociation | Self::LikelyRename => true,
            Self::Predicted
            | Self::PodsEnd
            | Self::PodsReplaced
            | Self::QuotaHeld
            | Self::KeptByDefault
            | Self::LimitKills
            | Self::RestartNode => false,
        }
    }
}

/// Something to know of a change that its fields do not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// What it is about.
    pub topic: Topic,
    /// For people, lower case, without full stop.
    pub message: String,
}

impl Note {
    /// A note on a topic.
    pub fn new(topic: Topic, message: impl Into<String>) -> Self {
        Self { topic, message: message.into() }
    }
}

/// Something to know of a plan that is no difference: it can be applied all the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// Diagnostic code, e.g. `kept-object`.
    pub code: String,
    /// What there is to know.
    pub message: String,
    /// Why it matters, where the code's page is not enough; empty otherwise.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub why: String,
    /// The way out; empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub hint: String,
    /// Resources concerned.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub addresses: Vec<Address>,
}

impl Warning {
    /// A warning without a way out, about no resource in particular.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        let (why, hint, addresses) = (String::new(), String::new(), Vec::new());
        Self { code: code.name.to_owned(), message: message.into(), why, hint, addresses }
    }

    /// Sets the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Sets the resources concerned.
    #[must_use]
    pub fn about(mut self, addresses: impl IntoIterator<Item = Address>) -> Self {
        self.addresses = addresses.into_iter().collect();
        self
    }

    /// Whether it has this code.
    pub fn is(&self, code: &'static Code) -> bool {
        self.code == code.name
    }
}

impl From<&Diagnostic> for Warning {
    fn from(found: &Diagnostic) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self { why: text(&found.why), hint: text(&found.hint), ..Self::new(found.code, found.message.clone()) }
    }
}
