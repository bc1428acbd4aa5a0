//! The row itself.

use super::written::Written;
use crate::resource::FieldPath;

/// How a manifest writes a field, and so how its text becomes a canonical value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A whole number.
    Number,
    /// `true`, or absent.
    Flag,
    /// One word, case kept.
    Word,
    /// One of a few words, which the schema lists; Slurm writes it in capitals.
    Choice,
    /// One of these words of manifests, each with Slurm's word for it.
    OneOf(&'static [(&'static str, &'static str)]),
    /// Text that the accounting database keeps in lower case.
    Text,
    /// Text of a configuration file, case kept.
    Line,
    /// Numbers of CPUs or cores: `0-3,8`.
    Cpus,
    /// A time, which Slurm counts in whole minutes: `12h`.
    Minutes,
    /// A time, which Slurm counts in seconds: `90s`.
    Seconds,
    /// A size, which Slurm counts in megabytes: `512GB`.
    Megabytes,
    /// A decimal with at most six places: `0.5`.
    Decimal,
    /// A number of shares, or `parent`.
    Shares,
    /// A list of names, order without meaning.
    Names,
    /// A list of a QOS' flags, spelt as manifests spell words: `deny-on-limit`.
    Flags,
    /// A host list: `login[1-2]`.
    Hosts,
    /// A list of host lists, which are one host list together.
    HostLists,
    /// Decimals by TRES.
    Weights,
    /// A mapping of TRES amounts: `gpus`, `cpus`, `nodes`, `memory`, and others by Slurm's name in `tres`.
    Amounts,
    /// Minutes by TRES. GPU-minutes that are whole hours stand in a field of their own, if there is one: its path.
    TresMinutes(Option<&'static str>),
    /// GPUs as `accelerators`, and other generic resources as a list.
    Gres,
    /// How jobs share nodes, where the word becomes the value: `exclusive`, `force:4`.
    Sharing,
    /// The word in this field that turns a flag on: `sharing: user`.
    Says(&'static str),
    /// The limits of an association, a table of their own.
    Limits,
    /// Keys of Slurm by their own names, of which each becomes the field it names: the `slurm:` map.
    Raw,
    /// `true` makes the manifest's own account the value.
    OwnAccount,
    /// The field's value comes from several fields or documents, and the resolver puts it together. This is the unit of the
    /// part that a manifest writes at this path.
    Composed(&'static Unit),
}

/// A field of a manifest, and the field of a resource that it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Field of the resource, as bodies call it: `MaxTime`. `*` in the row of the `slurm:` map, which takes every key.
    pub key: &'static str,
    /// How the manifest writes it.
    pub unit: Unit,
    /// Part of the manifest that the path begins in, as Rust spells it; empty at the table's base.
    pub(in crate::model) under: &'static str,
    /// Path as Rust spells it: `limits.wall_time`.
    pub(in crate::model) path: &'static str,
}

impl Field {
    /// Path below the table's base, as manifests spell it: `limits.wallTime`.
    pub fn path(&self) -> FieldPath {
        FieldPath::keys(&camel(&self.dotted(self.path)))
    }

    /// Path in a document, where the table's base is this part of it: `spec.members[2].limits.wallTime`.
    pub fn at(&self, part: &FieldPath) -> FieldPath {
        FieldPath([part.0.clone(), self.path().0].concat())
    }

    /// A path of this row in one text, as Rust spells it.
    pub(in crate::model) fn dotted(&self, path: &str) -> String {
        if self.under.is_empty() { path.to_owned() } else { format!("{}.{path}", self.under) }
    }
}

/// A field, and how it is read from the wire type.
#[derive(Debug)]
pub(in crate::model) struct Row<Spec> {
    pub(in crate::model) field: Field,
    pub(in crate::model) read: for<'a> fn(&'a Spec) -> Written<'a>,
}

/// `wall_time` → `wallTime`, the spelling that serde gives the wire types' fields. Paths in that spelling stay as they are.
pub(in crate::model) fn camel(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '_' => text.extend(letters.next().map(|letter| letter.to_ascii_uppercase())),
            letter => text.push(letter),
        }
    }
    text
}

/// A row: `row!(limits.wall_time => "MaxTime", Minutes)`. The path is that of the wire type's field, which the compiler
/// checks; manifests spell it in camel case. Two paths joined by `+` are hours of GPUs and minutes by TRES.
macro_rules! row {
    ($first:ident $(. $rest:ident)* => $key:expr, $unit:expr) => {
        $crate::model::rows::row::Row {
            field: $crate::model::rows::row::Field {
                key: $key,
                unit: $unit,
                under: "",
                path: concat!(stringify!($first) $(, ".", stringify!($rest))*),
            },
            read: |spec| $crate::model::rows::written::Written::from(&spec.$first $(.$rest)*),
        }
    };
    ($first:ident $(. $rest:ident)* + $hours:ident $(. $more:ident)* => $key:expr) => {
        $crate::model::rows::row::Row {
            field: $crate::model::rows::row::Field {
                key: $key,
                unit: $crate::model::rows::row::Unit::TresMinutes(Some(concat!(stringify!($hours) $(, ".", stringify!($more))*))),
                under: "",
                path: concat!(stringify!($first) $(, ".", stringify!($rest))*),
            },
            read: |spec| $crate::model::rows::written::Written::TresMinutes {
                hours: spec.$hours $(.$more)*,
                more: &spec.$first $(.$rest)*,
            },
        }
    };
}

pub(in crate::model) use row;

#[cfg(test)]
mod tests {
    use super::camel;

    #[test]
    fn paths_are_spelt_as_manifests_spell_them() {
        assert_eq!(camel("limits.minimum_nodes_per_job"), "limits.minimumNodesPerJob");
        assert_eq!(camel("perJob.gpuHours"), "perJob.gpuHours");
    }
}
