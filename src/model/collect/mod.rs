//! Collecting the fields of one resource: parsing units, checking names, remembering places.

mod raw;
mod sharing;
mod tres;
pub(super) mod walk;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::bounds;
use super::fields::Fields;
use super::lists::numbered;
use super::rows::camel;
use super::units;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Code, Complaint, Diagnostic, Diagnostics, DocumentId, Place};
use crate::manifest::Refused;
use crate::resource::FieldPath;
use crate::resource::hostlist::HostSet;
use crate::slurm::cpulist;
use crate::slurm::fields;
use crate::slurm::text;
use crate::slurm::value;

/// Collects fields of one kind.
pub(super) struct Collector<'a> {
    pub(super) kind: &'static str,
    pub(super) document: DocumentId,
    pub(super) base: FieldPath,
    pub(super) fields: Fields,
    pub(super) refused: &'a Refused,
    pub(super) found: &'a mut Diagnostics,
    /// TRES amounts as written, by field: also those that Slurm would not take.
    amounts: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// Whether fields that are put together from several are read as if this part were the whole.
    alone: bool,
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        kind: &'static str,
        document: DocumentId,
        base: FieldPath,
        refused: &'a Refused,
        found: &'a mut Diagnostics,
    ) -> Self {
        let (fields, amounts) = (Fields::default(), BTreeMap::new());
        Self { kind, document, base, fields, refused, found, amounts, alone: false }
    }

    /// Path of a field below the base, given as manifests spell it or as Rust does.
    pub(super) fn path(&self, dotted: &str) -> FieldPath {
        let mut path = self.base.clone();
        path.0.extend(FieldPath::keys(&camel(dotted)).0);
        path
    }

    /// TRES amounts that a manifest wrote for a field, among them those that Slurm would not take.
    pub(super) fn take_amounts(&mut self, key: &str) -> BTreeMap<String, u64> {
        self.amounts.remove(key).unwrap_or_default()
    }

    pub(super) fn place(&self, dotted: &str) -> Place {
        Place::value(self.document, self.path(dotted))
    }

    pub(super) fn complain(&mut self, code: &'static Code, place: Place, complaint: Complaint) {
        self.found.push(complaint.at(code, place));
    }

    /// Puts a canonical value; a default is left out.
    pub(super) fn put(&mut self, key: &str, value: Value, dotted: &str) {
        // Through the reader's eyes, so that desired and live agree on what is default.
        let canonical = match fields::find(self.kind, key) {
            Some(field) => match value::canonical(field, &value::written(field, &value)) {
                Ok(canonical) => canonical,
                Err(_) => Some(value),
            },
            None => Some(value),
        };
        if let Some(value) = canonical {
            let place = self.place(dotted);
            self.insert(key, value, place);
        }
    }

    /// Keeps a canonical value, unless it would mean something else to Slurm.
    fn insert(&mut self, key: &str, value: Value, place: Place) {
        if let Some(Err(error)) = fields::find(self.kind, key).map(|field| bounds::check(field, &value)) {
            self.complain(&codes::BAD_QUANTITY, place, error);
            return;
        }
        self.fields.body.insert(key.to_owned(), value);
        self.fields.places.insert(key.to_owned(), place);
    }

    fn word(&mut self, key: &str, word: &str, dotted: &str) {
        let bad = word.is_empty()
            || word
                .chars()
                .any(|letter| letter.is_control() || letter.is_whitespace() || matches!(letter, '"' | '#' | '\\'));
        if bad {
            let error = Complaint::new(
                format!("`{}` cannot stand in slurm.conf as one word", word.escape_debug()),
                "take blanks, quotes, `#` and backslashes out",
            );
            let place = self.place(dotted);
            self.complain(&codes::BAD_TEXT, place, error);
            return;
        }
        if self.means_something_else(key, word, self.place(dotted)) {
            return;
        }
        self.put(key, json!(word), dotted);
    }

    /// Text that slurm.conf holds between double quotes.
    fn line(&mut self, key: &str, text: &str, dotted: &str) {
        if text.contains('"') || text.chars().any(char::is_control) {
            let error = Complaint::new("slurm.conf cannot hold a double quote or a line break", "take it out");
            let place = self.place(dotted);
            self.complain(&codes::BAD_TEXT, place, error);
            return;
        }
        self.put(key, json!(text), dotted);
    }

    /// Numbers of CPUs or cores.
    fn cpu_list(&mut self, key: &str, text: &str, dotted: &str) {
        if cpulist::parse(text).is_none() {
            let place = self.place(dotted);
            let error = Complaint::new(
                format!("`{}` is not a list of CPUs", text.escape_debug()),
                "write numbers and rising ranges: `0-3,8`",
            );
            self.complain(&codes::BAD_QUANTITY, place, error);
            return;
        }
        self.put(key, json!(text), dotted);
    }

    /// Refuses a word that Slurm reads as "all" or "none", and would so take the field away. Names of modes are looked up
    /// among those declared, and need no second refusal.
    fn means_something_else(&mut self, key: &str, word: &str, place: Place) -> bool {
        let of_modes = ["AllowQos", "DenyQos", "QOS", "DefaultQOS", "Preempt", "PreemptMode"].contains(&key);
        let refused = !of_modes
            && ["all", "none", "unlimited", "infinite", "(null)", "n/a"]
                .iter()
                .any(|one| word.eq_ignore_ascii_case(one));
        if refused {
            let error = Complaint::new(
                format!("`{word}` is no name to Slurm: it would be as if nothing were written"),
                "write a name, or take the field out",
            );
            self.complain(&codes::BAD_NAME, place, error);
        }
        refused
    }

    /// Text of an accounting object.
    fn text(&mut self, key: &str, written: &str, dotted: &str) {
        match text::check_text(written) {
            Ok(()) => {
                let folded = value::fold(written);
                if !folded.is_empty() {
                    self.put(key, json!(folded), dotted);
                }
            }
            Err(error) => {
                let place = self.place(dotted);
                self.complain(&codes::BAD_TEXT, place, error);
            }
        }
    }

    fn quantity<Number>(
        &mut self,
        text: &str,
        dotted: &str,
        parse: impl Fn(&str) -> Result<Number, Complaint>,
    ) -> Option<Number> {
        match parse(text) {
            Ok(number) => Some(number),
            Err(error) => {
                let place = self.place(dotted);
                self.complain(&codes::BAD_QUANTITY, place, error);
                None
            }
        }
    }

    /// A quantity in a unit of manifests, as the number that Slurm counts it by.
    fn measured(&mut self, key: &str, text: &str, dotted: &str, parse: fn(&str) -> Result<u64, Complaint>) {
        if let Some(number) = self.quantity(text, dotted, parse) {
            self.put(key, json!(number), dotted);
        }
    }

    pub(super) fn percent(&mut self, text: Option<&String>, dotted: &str) -> Option<u32> {
        text.and_then(|text| self.quantity(text, dotted, units::percent))
    }

    /// A factor.
    fn decimal(&mut self, key: &str, text: &str, dotted: &str) {
        let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        if let Some(decimal) = value::decimal(text).filter(|_| places <= 6) {
            self.put(key, json!(decimal), dotted);
        } else {
            let place = self.place(dotted);
            let hint = "write a decimal, zero or more, with at most six places: `0.5`".to_owned();
            self.complain(
                &codes::BAD_QUANTITY,
                place,
                Complaint::new(format!("`{text}` is not a factor that Slurm can keep"), hint),
            );
        }
    }

    fn names(&mut self, key: &str, names: &[String], dotted: &str) {
        let legal = |name: &str| {
            let bad = |letter: char| {
                letter.is_whitespace() || letter.is_control() || matches!(letter, ',' | '"' | '#' | '\\' | '[' | ']')
            };
            !name.is_empty() && !name.chars().any(bad)
        };
        let mut all_legal = true;
        for (path, name) in numbered(names, self.document, &self.path(dotted), self.refused) {
            let place = Place::value(self.document, path);
            if legal(name) {
                all_legal &= !self.means_something_else(key, name, place);
            } else {
                all_legal = false;
                let error = Complaint::new(
                    format!("`{}` cannot stand in a list of names", name.escape_debug()),
                    "take blanks, commas, quotes and brackets out; write one name an item",
                );
                self.complain(&codes::BAD_NAME, place, error);
            }
        }
        if all_legal && !names.is_empty() {
            self.put(key, json!(names), dotted);
        }
    }

    fn shares(&mut self, key: &str, text: &str, dotted: &str) {
        let value = match text {
            "parent" => Some(json!("parent")),
            number => number
                .replace('_', "")
                .parse::<u64>()
                .ok()
                .filter(|number| *number < 2_147_483_647)
                .map(|number| json!(number)),
        };
        if let Some(value) = value {
            self.put(key, value, dotted);
        } else {
            let place = self.place(dotted);
            self.complain(
                &codes::BAD_QUANTITY,
                place,
                Complaint::new(format!("`{text}` is not a number of shares"), "write a number, or `parent`"),
            );
        }
    }

    /// Hosts of a list whose names are right: those that a site defines, or those that exist.
    pub(super) fn host_list(
        &mut self,
        text: &str,
        place: Place,
        check: fn(&HostSet) -> Result<(), Complaint>,
    ) -> Option<HostSet> {
        let (code, error) = match HostSet::parse(text).map(|set| (check(&set), set)) {
            Ok((Ok(()), set)) => return Some(set),
            Ok((Err(error), _)) => (&codes::BAD_NAME, error),
            Err(error) => (&codes::BAD_HOST_LIST, Complaint::new(format!("`{text}`: {}", error.message), error.hint)),
        };
        self.complain(code, place, error);
        None
    }

    /// Two ways of saying one thing.
    pub(super) fn said_twice(&mut self, what: &str, place: Place, first: Place) {
        self.found.push(
            Diagnostic::new(&codes::SAID_TWICE, format!("{what} is said twice"))
                .at(place)
                .label("said again")
                .related(first, "said here")
                .hint("keep one of the two"),
        );
    }
}
