//! What is wrong, where, why, and the way out.
//!
//! A [`Diagnostic`] is a value: stages collect them in [`Diagnostics`] and go on while they can, so that one run
//! reports every problem of every file. A place is symbolic (a document and a field path, or a line of a Slurm file);
//! byte spans are worked out last, by `manifest::Sources` or by the renderer.

mod code;
pub mod codes;

pub use code::{Code, Severity};

pub use crate::ground::{DocumentId, Part, Place};

/// One problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// What sort of problem; owns severity, summary and the page of `explain`.
    pub code: &'static Code,
    /// One sentence, lower case, with back-quoted names: what is wrong.
    pub message: String,
    /// Short text under the marked place, e.g. "longer than the partition allows".
    pub label: Option<String>,
    /// Where.
    pub place: Option<Place>,
    /// Other places that explain it, each with its label.
    pub related: Vec<(Place, String)>,
    /// Why it matters, where the code's page is not enough.
    pub why: Option<String>,
    /// The way out, with something that can be pasted.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Starts a diagnostic about what the user wrote; it is one as soon as it has its place.
    #[expect(clippy::new_ret_no_self, reason = "a finding about a file cannot be built without a place")]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Unplaced {
        Unplaced(Self::of_run(code, message))
    }

    /// Starts a diagnostic that no file explains: about a target, a plan or the command line.
    pub fn of_run(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), label: None, place: None, related: Vec::new(), why: None, hint: None }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Sets the text under the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds a related place.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push((place, label.into()));
        self
    }

    /// Sets the why.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A diagnostic about what the user wrote, before its place is set. It cannot be reported.
#[derive(Debug, Clone)]
#[must_use = "it is a diagnostic only with its place"]
pub struct Unplaced(Diagnostic);

impl Unplaced {
    /// Sets the place.
    pub fn at(self, place: Place) -> Diagnostic {
        self.0.at(place)
    }
}

/// Why a text is refused, and what to write. Who knows the place makes a diagnostic of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Complaint {
    /// One sentence, lower case, with back-quoted names: what is wrong.
    pub message: String,
    /// The way out.
    pub hint: String,
}

impl Complaint {
    /// What is wrong, and the way out.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// The finding that the text at this place is refused.
    pub fn at(self, code: &'static Code, place: Place) -> Diagnostic {
        Diagnostic::new(code, self.message).at(place).hint(self.hint)
    }
}

/// All problems of a run, in the order found; sorted by place only when shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Nothing found yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another bag.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether an error is among them.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.code.severity == Severity::Error)
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// "Did you mean": the candidate nearest to `word`, if one is near enough to be a slip, or the only one that it shortens.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let slip = candidates
        .iter()
        .map(|candidate| (edit_distance(&folded, &candidate.to_lowercase()), *candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().min(folded.chars().count()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    if slip.is_some() || folded.chars().count() < 3 {
        return slip;
    }
    let mut longer = candidates.into_iter().filter(|candidate| candidate.to_lowercase().starts_with(&folded));
    longer.next().filter(|_| longer.next().is_none())
}

/// The candidate that `word` is surely a slip of: no more than one letter in five is wrong.
pub fn slip<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = nearest(word, candidates)?;
    let wrong = edit_distance(&word.to_lowercase(), &near.to_lowercase());
    (wrong * 5 <= near.chars().count().max(word.chars().count())).then_some(near)
}

/// Letters to insert, take out, replace, or swap with their neighbour.
fn edit_distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.iter().enumerate() {
        let mut row = vec![line + 1];
        for (column, other) in right.iter().enumerate() {
            let mut distance =
                (last[column] + usize::from(letter != other)).min(last[column + 1] + 1).min(row[column] + 1);
            let swapped = line > 0 && column > 0 && *letter == right[column - 1] && left[line - 1] == *other;
            if swapped {
                distance = distance.min(before_last[column - 1] + 1);
            }
            row.push(distance);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::{nearest, slip};

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        assert_eq!(nearest("wallTme", ["wallTime", "nodes"]), Some("wallTime"));
        assert_eq!(nearest("Patrition", ["Partition", "Project"]), Some("Partition"));
        assert_eq!(nearest("quux", ["wallTime", "nodes"]), None);
        assert_eq!(slip("wallTme", ["wallTime", "nodes"]), Some("wallTime"));
        assert_eq!(nearest("gpus", ["cpus"]), Some("cpus"));
        assert_eq!(slip("gpus", ["cpus"]), None, "another word that is near");
        assert_eq!(nearest("evn", ["env", "at"]), Some("env"));
        assert_eq!(nearest("", ["at"]), None);
    }

    #[test]
    fn what_is_cut_short_is_found_where_it_is_clear() {
        assert_eq!(nearest("prod", ["default", "production", "staging"]), Some("production"));
        assert_eq!(nearest("prod", ["production-north", "production-south"]), None);
        assert_eq!(nearest("pr", ["production"]), None);
    }
}
