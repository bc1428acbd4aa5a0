//! What a manifest wrote in a field, by the type of the wire type's field.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::manifest::v1alpha1::access_mode::{PerHolder, PerJob, QosFlag, Total};
use crate::manifest::v1alpha1::factory::AdminLevel;
use crate::manifest::v1alpha1::partition::{Gres, PartitionState};
use crate::manifest::v1alpha1::{Amounts, AssociationLimits};

/// TRES amounts, wherever a manifest writes them.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct Quantities<'a> {
    pub(in crate::model) gpus: Option<u64>,
    pub(in crate::model) cpus: Option<u64>,
    pub(in crate::model) nodes: Option<u64>,
    pub(in crate::model) memory: Option<&'a str>,
    pub(in crate::model) tres: &'a BTreeMap<String, String>,
}

/// What a manifest wrote in a field.
#[derive(Debug, Clone)]
pub(in crate::model) enum Written<'a> {
    /// No field is written.
    Nothing,
    Text(&'a str),
    Number(u64),
    Flag(bool),
    Names(Cow<'a, [String]>),
    Map(&'a BTreeMap<String, String>),
    Amounts(Quantities<'a>),
    /// Hours of GPUs, and minutes by TRES.
    TresMinutes {
        hours: Option<u64>,
        more: &'a BTreeMap<String, String>,
    },
    Limits(&'a AssociationLimits),
}

impl Written<'_> {
    /// Whether the manifest says nothing in this field.
    pub(in crate::model) fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Text(_) | Self::Number(_) => false,
            Self::Flag(flag) => !flag,
            Self::Names(names) => names.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Amounts(Quantities { gpus, cpus, nodes, memory, tres }) => {
                [gpus, cpus, nodes].iter().all(|amount| amount.is_none()) && memory.is_none() && tres.is_empty()
            }
            Self::TresMinutes { hours, more } => hours.is_none() && more.is_empty(),
            Self::Limits(limits) => **limits == AssociationLimits::default(),
        }
    }
}

impl<'a> From<&'a String> for Written<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Option<String>> for Written<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().map_or(Self::Nothing, Self::Text)
    }
}

impl From<&Option<u64>> for Written<'_> {
    fn from(number: &Option<u64>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }
}

impl From<&u64> for Written<'_> {
    fn from(number: &u64) -> Self {
        Self::Number(*number)
    }
}

impl From<&bool> for Written<'_> {
    fn from(flag: &bool) -> Self {
        Self::Flag(*flag)
    }
}

impl<'a> From<&'a Vec<String>> for Written<'a> {
    fn from(names: &'a Vec<String>) -> Self {
        Self::Names(Cow::Borrowed(names))
    }
}

impl From<&Vec<QosFlag>> for Written<'_> {
    fn from(flags: &Vec<QosFlag>) -> Self {
        Self::Names(flags.iter().map(|flag| flag.slurm().to_owned()).collect())
    }
}

impl<'a> From<&'a BTreeMap<String, String>> for Written<'a> {
    fn from(map: &'a BTreeMap<String, String>) -> Self {
        Self::Map(map)
    }
}

impl<'a> From<&'a AssociationLimits> for Written<'a> {
    fn from(limits: &'a AssociationLimits) -> Self {
        Self::Limits(limits)
    }
}

impl From<&Option<PartitionState>> for Written<'_> {
    fn from(state: &Option<PartitionState>) -> Self {
        match state {
            None => Self::Nothing,
            Some(PartitionState::Up) => Self::Text("up"),
            Some(PartitionState::Down) => Self::Text("down"),
            Some(PartitionState::Drain) => Self::Text("drain"),
            Some(PartitionState::Inactive) => Self::Text("inactive"),
        }
    }
}

impl From<&AdminLevel> for Written<'_> {
    fn from(level: &AdminLevel) -> Self {
        match level {
            AdminLevel::Operator => Self::Text("operator"),
            AdminLevel::Administrator => Self::Text("administrator"),
        }
    }
}

/// Parts of manifests that hold amounts, among others or alone.
macro_rules! amounts {
    ($($part:ty),+) => {
        $(impl<'a> From<&'a $part> for Written<'a> {
            fn from(part: &'a $part) -> Self {
                Self::Amounts(Quantities {
                    gpus: part.gpus,
                    cpus: part.cpus,
                    nodes: part.nodes,
                    memory: part.memory.as_deref(),
                    tres: &part.tres,
                })
            }
        })+
    };
}

amounts!(Amounts, PerJob, PerHolder, Total);

impl From<&Vec<Gres>> for Written<'_> {
    /// The resolver of nodes reads them; a row only tells where they stand.
    fn from(_: &Vec<Gres>) -> Self {
        Self::Nothing
    }
}
