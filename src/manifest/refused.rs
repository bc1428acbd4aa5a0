//! What of the manifests was refused: absent because it was wrong, so that nothing follows from its absence.

use std::collections::{BTreeMap, BTreeSet};

use super::v1alpha1::Kind;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place, Severity};
use crate::resource::{FieldPath, Segment};

/// Fields that were refused, and documents that could not be read at all.
#[derive(Debug, Clone, Default)]
pub struct Refused {
    fields: BTreeMap<DocumentId, BTreeSet<FieldPath>>,
    /// Items that were taken out of lists; those after them keep their number in the text.
    gaps: BTreeSet<(DocumentId, FieldPath)>,
    lost: Vec<Lost>,
}

/// What could not be read at all.
#[derive(Debug, Clone)]
pub(super) enum Lost {
    /// A document of this name, and of this kind if that is known.
    Document { kind: Option<Kind>, name: String },
    /// A text of which nothing is known but its words.
    Text(String),
    /// A file.
    File,
}

impl Refused {
    /// Adds a field.
    pub fn add(&mut self, document: DocumentId, path: FieldPath) {
        self.fields.entry(document).or_default().insert(path);
    }

    /// Adds an item that was taken out of its list.
    pub(super) fn add_gap(&mut self, document: DocumentId, path: FieldPath) {
        self.gaps.insert((document, path.clone()));
        self.add(document, path);
    }

    /// Whether an item was taken out of its list.
    pub(super) fn is_gap(&self, document: DocumentId, path: &FieldPath) -> bool {
        self.gaps.contains(&(document, path.clone()))
    }

    /// Adds what could not be read.
    pub(super) fn lose(&mut self, lost: Lost) {
        self.lost.push(lost);
    }

    /// Adds what was refused elsewhere.
    pub(super) fn extend(&mut self, other: Self) {
        for (document, paths) in other.fields {
            self.fields.entry(document).or_default().extend(paths);
        }
        self.gaps.extend(other.gaps);
        self.lost.extend(other.lost);
    }

    /// Adds the fields that errors are about.
    pub fn add_errors(&mut self, found: &Diagnostics) {
        for one in found.0.iter().filter(|one| one.code.severity == Severity::Error) {
            if let Some(Place::Field { document, path, .. }) = &one.place {
                self.add(*document, path.clone());
            }
        }
    }

    /// Whether a document has no refused field.
    pub fn is_whole(&self, document: DocumentId) -> bool {
        !self.fields.contains_key(&document)
    }

    /// Whether everything was read, at least in part.
    pub fn nothing_lost(&self) -> bool {
        self.lost.is_empty()
    }

    /// Whether something was refused at this field, above it or below it.
    pub fn touches(&self, document: DocumentId, path: &FieldPath) -> bool {
        self.of(document).any(|refused| refused.0.iter().zip(&path.0).all(|(left, right)| left == right))
    }

    /// The same for a field of all items of a list: `spec.nodes[].hosts`.
    pub fn touches_any(&self, document: DocumentId, pattern: &str) -> bool {
        self.of(document).any(|refused| refused.0.iter().zip(steps(pattern)).all(|(segment, step)| step.meets(segment)))
    }

    /// Whether a finding speaks of a value that was refused, at its place or at one that explains it.
    pub fn explains(&self, finding: &Diagnostic) -> bool {
        finding.place.iter().chain(finding.related.iter().map(|(place, _)| place)).any(|place| self.covers(place))
    }

    /// Whether the value at a place was refused, or stands in one that was.
    fn covers(&self, place: &Place) -> bool {
        let Place::Field { document, path, .. } = place else { return false };
        self.of(*document).any(|refused| path.0.starts_with(&refused.0))
    }

    /// Numbers in the text of the items that are left in a list.
    pub fn kept<'a>(&'a self, document: DocumentId, list: &'a FieldPath) -> impl Iterator<Item = usize> + 'a {
        (0..).filter(move |index| self.gaps.is_empty() || !self.gaps.contains(&(document, list.index(*index))))
    }

    /// Whether what could not be read may declare something of a kind; of any name, where none is given.
    pub fn may_declare(&self, kind: Kind, name: Option<&str>) -> bool {
        self.lost.iter().any(|lost| match lost {
            Lost::Document { kind: known, name: called } => {
                known.is_none_or(|known| known == kind) && name.is_none_or(|name| called == name)
            }
            // A name stands in the text that declares it.
            Lost::Text(text) => text.contains(name.unwrap_or(kind.name())),
            Lost::File => true,
        })
    }

    fn of(&self, document: DocumentId) -> impl Iterator<Item = &FieldPath> {
        self.fields.get(&document).into_iter().flatten()
    }
}

/// A step of a pattern.
enum Step<'a> {
    Key(&'a str),
    Item,
}

impl Step<'_> {
    fn meets(&self, segment: &Segment) -> bool {
        match (self, segment) {
            // Slurm's own names are written in any case.
            (Self::Key(wanted), Segment::Key(key)) => key.eq_ignore_ascii_case(wanted),
            (Self::Item, Segment::Index(_)) => true,
            _ => false,
        }
    }
}

/// `spec.nodes[].hosts` → its steps.
fn steps(pattern: &str) -> impl Iterator<Item = Step<'_>> {
    pattern.split('.').flat_map(|part| {
        let (key, item) = part.strip_suffix("[]").map_or((part, None), |key| (key, Some(Step::Item)));
        std::iter::once(Step::Key(key)).chain(item)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: DocumentId = DocumentId(1);

    #[test]
    fn fields_touch_above_and_below() {
        let mut refused = Refused::default();
        refused.add(ONE, FieldPath::keys("spec.nodes").index(2).key("hosts"));
        assert!(refused.touches_any(ONE, "spec.nodes[].hosts"));
        assert!(refused.touches_any(ONE, "spec.nodes"));
        assert!(refused.touches_any(ONE, "spec.nodes[].hosts.deeper"));
        assert!(!refused.touches_any(ONE, "spec.nodes[].memory"));
        assert!(!refused.touches_any(DocumentId(2), "spec.nodes"));
        assert!(refused.touches(ONE, &FieldPath::keys("spec.nodes").index(2)));
        assert!(!refused.touches(ONE, &FieldPath::keys("spec.nodes").index(1)));
    }

    #[test]
    fn items_keep_their_numbers() {
        let mut refused = Refused::default();
        let list = FieldPath::keys("spec.modes");
        refused.add_gap(ONE, list.index(1));
        assert_eq!(refused.kept(ONE, &list).take(3).collect::<Vec<_>>(), [0, 2, 3]);
    }

    #[test]
    fn what_is_lost_may_declare() {
        let mut refused = Refused::default();
        assert!(!refused.may_declare(Kind::Partition, None));
        refused.lose(Lost::Document { kind: Some(Kind::Partition), name: "booster".to_owned() });
        assert!(refused.may_declare(Kind::Partition, Some("booster")));
        assert!(!refused.may_declare(Kind::Partition, Some("bosster")));
        assert!(!refused.may_declare(Kind::AccessMode, Some("booster")));
        refused.lose(Lost::Text("kind: AccessMode\nmetadata: { name: fast-lane".to_owned()));
        assert!(refused.may_declare(Kind::AccessMode, Some("fast-lane")));
        assert!(!refused.may_declare(Kind::AccessMode, Some("slow-lane")));
    }
}
