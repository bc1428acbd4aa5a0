//! What the text of plans needs to know of a kind of target.

use crate::diff::{Change, ChangeClass, FieldChange};
use crate::live::Observation;
use crate::plan::{Action, Step};
use crate::resource::Address;

/// A file that a step writes.
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) before: &'a str,
    pub(super) after: &'a str,
}

/// A kind of target, for the text of plans. It is asked of its own steps and kinds of resources.
pub(super) trait Target: Sync {
    /// What is said of a target that was read whole, a line each.
    fn described(&self, observation: &Observation) -> String;

    /// What a resource comes or goes with, whatever its kind: a namespace.
    fn within<'a>(&self, _address: &'a Address) -> Option<&'a str> {
        None
    }

    /// What changes of one kind have to have in common, besides their fields, to stand in one line; `None` where each
    /// stands alone.
    fn folds(&self, change: &Change) -> Option<String>;

    /// Whether a field has another value for each resource by its nature.
    fn differs(&self, kind: &str, field: &str) -> bool;

    /// Several addresses of one kind, where their first names are not it.
    fn names(&self, addresses: &[&Address]) -> Option<String>;

    /// A kind of resource for people.
    fn kind_text<'a>(&self, kind: &'a str) -> &'a str {
        kind
    }

    /// What a change costs, in the target's own words.
    fn class_text(&self, _class: ChangeClass) -> Option<&'static str> {
        None
    }

    /// What a field's values mean to people.
    fn aside(&self, _field: &FieldChange) -> Option<String> {
        None
    }

    /// Commands of the site's own that an action runs or waits for.
    fn site_command(&self, _action: &Action) -> Option<String> {
        None
    }

    /// Files that a step writes.
    fn files<'a>(&self, _step: &'a Step) -> Vec<File<'a>> {
        Vec::new()
    }

    /// The exact commands or requests of an action, a line each.
    fn commands(&self, action: &Action) -> String;
}

/// `anna, bo, carla and 37 more`.
pub(super) fn shortened(addresses: &[&Address], leaf: impl Fn(&str) -> &str) -> String {
    let shown: Vec<&str> = addresses.iter().take(3).map(|address| leaf(&address.name)).collect();
    let more = addresses.len().saturating_sub(3);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
