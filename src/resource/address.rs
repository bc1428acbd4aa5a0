//! Names of resources: `target/kind/name`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `compute/qos/fast-lane`: the target, the kind within it, and the name, which may itself hold slashes
/// (`compute/association/medix/anna`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    /// Name of the target, as in `sitewright.yaml`.
    pub target: String,
    /// Kind within the target, e.g. `qos` or `v1.Namespace`.
    pub kind: String,
    /// Name within the kind.
    pub name: String,
}

impl Address {
    /// Puts an address together.
    pub fn new(target: impl Into<String>, kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self { target: target.into(), kind: kind.into(), name: name.into() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.target, self.kind, self.name)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(target), Some(kind), Some(name)) if !target.is_empty() && !kind.is_empty() && !name.is_empty() => {
                Ok(Self::new(target, kind, name))
            }
            _ => Err(format!("`{text}` is not an address: write `target/kind/name`, e.g. `compute/qos/fast-lane`")),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}
