//! References: a name in one manifest that another manifest declares.

use std::collections::BTreeSet;

use crate::diagnostics::{Code, Diagnostic, Place, nearest};
use crate::model::Site;

/// Names of the partitions.
pub(super) fn partitions(site: &Site) -> BTreeSet<&str> {
    site.partitions.iter().map(|partition| partition.name.as_str()).collect()
}

/// Names of the access modes.
pub(super) fn modes(site: &Site) -> BTreeSet<&str> {
    site.modes.iter().map(|mode| mode.name.as_str()).collect()
}

/// Names of the access modes, and `normal`, which is built in.
pub(super) fn modes_and_normal(site: &Site) -> BTreeSet<&str> {
    let mut modes = modes(site);
    modes.insert("normal");
    modes
}

/// A name that is declared nowhere. `known` are the names that could be meant.
pub(super) fn unknown(code: &'static Code, noun: &str, name: &str, known: &BTreeSet<&str>, place: Place) -> Diagnostic {
    let hint = nearest(name, known.iter().copied()).map_or_else(
        || format!("declare the {noun} `{name}`, or remove the reference"),
        |near| format!("did you mean `{near}`?"),
    );
    Diagnostic::new(code, format!("unknown {noun} `{name}`")).at(place).label("not found").hint(hint)
}
