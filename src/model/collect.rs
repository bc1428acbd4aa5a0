//! Collecting the fields of one resource: parsing units, checking names, remembering places.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::bounds;
use super::fields::Fields;
use super::lists::numbered;
use super::units::{self, UnitError};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, DocumentId, Place, nearest};
use crate::manifest::Refused;
use crate::manifest::v1alpha1::{Amounts, AssociationLimits};
use crate::resource::FieldPath;
use crate::resource::hostlist::HostSet;
use crate::slurm::cpulist;
use crate::slurm::fields;
use crate::slurm::text::{self, TextError};
use crate::slurm::value;

/// Collects fields of one kind.
pub(super) struct Collector<'a> {
    pub(super) kind: &'static str,
    pub(super) document: DocumentId,
    pub(super) base: FieldPath,
    pub(super) fields: Fields,
    pub(super) refused: &'a Refused,
    pub(super) found: &'a mut Diagnostics,
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        kind: &'static str,
        document: DocumentId,
        base: FieldPath,
        refused: &'a Refused,
        found: &'a mut Diagnostics,
    ) -> Self {
        Self { kind, document, base, fields: Fields::default(), refused, found }
    }

    pub(super) fn path(&self, dotted: &str) -> FieldPath {
        let mut path = self.base.clone();
        path.0.extend(FieldPath::keys(dotted).0);
        path
    }

    pub(super) fn place(&self, dotted: &str) -> Place {
        Place::value(self.document, self.path(dotted))
    }

    pub(super) fn complain(&mut self, code: &'static Code, place: Place, (message, hint): UnitError) {
        self.found.push(Diagnostic::new(code, message).at(place).hint(hint));
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

    pub(super) fn number(&mut self, key: &str, number: Option<u64>, dotted: &str) {
        if let Some(number) = number {
            self.put(key, json!(number), dotted);
        }
    }

    pub(super) fn flag(&mut self, key: &str, flag: bool, dotted: &str) {
        if flag {
            self.put(key, json!(true), dotted);
        }
    }

    pub(super) fn word(&mut self, key: &str, word: Option<&String>, dotted: &str) {
        if let Some(word) = word {
            let bad = word.is_empty()
                || word
                    .chars()
                    .any(|letter| letter.is_control() || letter.is_whitespace() || matches!(letter, '"' | '#' | '\\'));
            if bad {
                let error = (
                    format!("`{}` cannot stand in slurm.conf as one word", word.escape_debug()),
                    "take blanks, quotes, `#` and backslashes out".to_owned(),
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
    }

    /// Numbers of CPUs or cores.
    pub(super) fn cpu_list(&mut self, key: &str, text: Option<&String>, dotted: &str) {
        let Some(text) = text else { return };
        if cpulist::parse(text).is_none() {
            let place = self.place(dotted);
            let error = (
                format!("`{}` is not a list of CPUs", text.escape_debug()),
                "write numbers and rising ranges: `0-3,8`".to_owned(),
            );
            self.complain(&codes::BAD_QUANTITY, place, error);
            return;
        }
        self.put(key, json!(text), dotted);
    }

    /// One of a few words, which the schema knows.
    pub(super) fn choice(&mut self, key: &str, word: Option<&String>, dotted: &str) {
        if let Some(word) = word {
            self.put(key, json!(word.to_uppercase()), dotted);
        }
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
            let error = (
                format!("`{word}` is no name to Slurm: it would be as if nothing were written"),
                "write a name, or take the field out".to_owned(),
            );
            self.complain(&codes::BAD_NAME, place, error);
        }
        refused
    }

    /// Text of an accounting object.
    pub(super) fn text(&mut self, key: &str, text: Option<&String>, dotted: &str) {
        let Some(written) = text else { return };
        match text::check_text(written) {
            Ok(()) => {
                let folded = value::fold(written);
                if !folded.is_empty() {
                    self.put(key, json!(folded), dotted);
                }
            }
            Err(error) => {
                let place = self.place(dotted);
                self.complain(&codes::BAD_TEXT, place, (error.message, error.hint));
            }
        }
    }

    fn quantity<Number>(
        &mut self,
        text: &str,
        dotted: &str,
        parse: impl Fn(&str) -> Result<Number, UnitError>,
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

    pub(super) fn minutes(&mut self, key: &str, text: Option<&String>, dotted: &str) {
        if let Some(minutes) = text.and_then(|text| self.quantity(text, dotted, units::minutes)) {
            self.put(key, json!(minutes), dotted);
        }
    }

    pub(super) fn seconds(&mut self, key: &str, text: Option<&String>, dotted: &str) {
        if let Some(seconds) = text.and_then(|text| self.quantity(text, dotted, units::seconds)) {
            self.put(key, json!(seconds), dotted);
        }
    }

    pub(super) fn megabytes(&mut self, key: &str, text: Option<&String>, dotted: &str) -> Option<u64> {
        let megabytes = text.and_then(|text| self.quantity(text, dotted, units::megabytes))?;
        self.put(key, json!(megabytes), dotted);
        Some(megabytes)
    }

    pub(super) fn percent(&mut self, text: Option<&String>, dotted: &str) -> Option<u32> {
        text.and_then(|text| self.quantity(text, dotted, units::percent))
    }

    /// A factor.
    pub(super) fn real(&mut self, key: &str, text: Option<&String>, dotted: &str) {
        let Some(text) = text else { return };
        let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        if let Some(decimal) = value::decimal(text).filter(|_| places <= 6) {
            self.put(key, json!(decimal), dotted);
        } else {
            let place = self.place(dotted);
            let hint = "write a decimal, zero or more, with at most six places: `0.5`".to_owned();
            self.complain(&codes::BAD_QUANTITY, place, (format!("`{text}` is not a factor that Slurm can keep"), hint));
        }
    }

    pub(super) fn names(&mut self, key: &str, names: &[String], dotted: &str) {
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
                let error = (
                    format!("`{}` cannot stand in a list of names", name.escape_debug()),
                    "take blanks, commas, quotes and brackets out; write one name an item".to_owned(),
                );
                self.complain(&codes::BAD_NAME, place, error);
            }
        }
        if all_legal && !names.is_empty() {
            self.put(key, json!(names), dotted);
        }
    }

    pub(super) fn shares(&mut self, text: Option<&String>, dotted: &str) {
        let Some(text) = text else { return };
        let value = match text.as_str() {
            "parent" => Some(json!("parent")),
            number => number
                .replace('_', "")
                .parse::<u64>()
                .ok()
                .filter(|number| *number < 2_147_483_647)
                .map(|number| json!(number)),
        };
        if let Some(value) = value {
            self.put("Fairshare", value, dotted);
        } else {
            let place = self.place(dotted);
            self.complain(
                &codes::BAD_QUANTITY,
                place,
                (format!("`{text}` is not a number of shares"), "write a number, or `parent`".to_owned()),
            );
        }
    }

    /// Hosts of a list whose names are right: those that a site defines, or those that exist.
    pub(super) fn host_list(
        &mut self,
        text: &str,
        place: Place,
        check: fn(&HostSet) -> Result<(), TextError>,
    ) -> Option<HostSet> {
        let (code, error) = match HostSet::parse(text).map(|set| (check(&set), set)) {
            Ok((Ok(()), set)) => return Some(set),
            Ok((Err(error), _)) => (&codes::BAD_NAME, (error.message, error.hint)),
            Err(error) => (&codes::BAD_HOST_LIST, (format!("`{text}`: {}", error.message), error.hint)),
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

    /// An amount that sums and products can be made of.
    fn bounded(&mut self, amount: u64, place: Place) -> Option<u64> {
        if amount <= units::MOST {
            return Some(amount);
        }
        self.complain(&codes::BAD_QUANTITY, place, units::too_much(amount));
        None
    }

    /// TRES amounts, short names and long ones; a TRES map where there is any.
    pub(super) fn amounts(&mut self, key: &str, amounts: &Amounts, dotted: &str) -> BTreeMap<String, u64> {
        let at = |name: &str| if dotted.is_empty() { name.to_owned() } else { format!("{dotted}.{name}") };
        let mut map = BTreeMap::new();
        let memory = amounts.memory.as_ref().and_then(|text| self.quantity(text, &at("memory"), units::megabytes));
        let short = [
            ("gres/gpu", amounts.gpus, "gpus"),
            ("cpu", amounts.cpus, "cpus"),
            ("node", amounts.nodes, "nodes"),
            ("mem", memory, "memory"),
        ];
        let mut first = None;
        for (tres, amount, field) in short {
            let Some(amount) = amount else { continue };
            let place = self.place(&at(field));
            if let Some(amount) = self.bounded(amount, place) {
                map.insert(tres.to_owned(), amount);
                first.get_or_insert_with(|| at(field));
            }
        }
        for (tres, amount) in &amounts.tres {
            first.get_or_insert_with(|| at("tres"));
            if map.contains_key(&tres.to_lowercase()) {
                let short =
                    short.iter().find(|(name, ..)| name.eq_ignore_ascii_case(tres)).map_or("tres", |(.., field)| field);
                let (again, earlier) = (self.tres_place(&at("tres"), tres), self.place(&at(short)));
                self.said_twice(&format!("`{tres}`"), again, earlier);
                continue;
            }
            self.add_tres(tres, amount, &at("tres"), &mut map);
        }
        self.put_map(key, &map, &first.unwrap_or_else(|| dotted.to_owned()));
        map
    }

    /// TRES-minutes by Slurm's names.
    pub(super) fn tres_minutes(
        &mut self,
        key: &str,
        gpu_hours: Option<u64>,
        more: &BTreeMap<String, String>,
        hours_at: &str,
        more_at: &str,
    ) {
        let mut map = BTreeMap::new();
        let place = self.place(hours_at);
        if let Some(hours) = gpu_hours.and_then(|hours| self.bounded(hours, place)) {
            map.insert("gres/gpu".to_owned(), hours.saturating_mul(60));
        }
        for (tres, amount) in more {
            if map.contains_key(&tres.to_lowercase()) {
                let (again, earlier) =
                    (self.tres_place(more_at, tres), self.place(if gpu_hours.is_some() { hours_at } else { more_at }));
                self.said_twice(&format!("`{tres}`"), again, earlier);
                continue;
            }
            self.add_tres(tres, amount, more_at, &mut map);
        }
        self.put_map(key, &map, if gpu_hours.is_some() { hours_at } else { more_at });
    }

    /// Place of a TRES in a map; its name may hold dots.
    fn tres_place(&self, dotted: &str, tres: &str) -> Place {
        Place::value(self.document, self.path(dotted).key(tres))
    }

    fn put_map(&mut self, key: &str, map: &BTreeMap<String, u64>, dotted: &str) {
        if !map.is_empty() {
            self.put(key, json!(map), dotted);
        }
    }

    fn add_tres(&mut self, tres: &str, amount: &str, dotted: &str, map: &mut BTreeMap<String, u64>) {
        let name = tres.to_lowercase();
        let place = self.tres_place(dotted, tres);
        if let Err(error) = bounds::name(tres) {
            self.complain(&codes::BAD_QUANTITY, place, error);
            return;
        }
        let parsed = if name == "mem" {
            units::megabytes(amount)
        } else {
            amount
                .replace('_', "")
                .parse::<u64>()
                .map_err(|_| (format!("`{amount}` is not a number"), "write a whole number".to_owned()))
        };
        match parsed {
            Ok(number) => {
                if let Some(number) = self.bounded(number, place) {
                    map.insert(name, number);
                }
            }
            Err(error) => self.complain(&codes::BAD_QUANTITY, place, error),
        }
    }

    /// Limits of an association.
    pub(super) fn association_limits(&mut self, limits: &AssociationLimits, dotted: &str) {
        // Most of thousands of members have none.
        if *limits == AssociationLimits::default() {
            return;
        }
        let at = |name: &str| format!("{dotted}.{name}");
        self.amounts("GrpTRES", &limits.total, &at("total"));
        self.tres_minutes("GrpTRESMins", limits.gpu_hours, &limits.tres_minutes, &at("gpuHours"), &at("tresMinutes"));
        self.tres_minutes("GrpTRESRunMins", None, &limits.running_tres_minutes, "", &at("runningTresMinutes"));
        self.number("GrpJobs", limits.total_running_jobs, &at("totalRunningJobs"));
        self.number("GrpJobsAccrue", limits.total_accruing_jobs, &at("totalAccruingJobs"));
        self.number("GrpSubmit", limits.total_submitted_jobs, &at("totalSubmittedJobs"));
        self.minutes("GrpWall", limits.total_wall_time.as_ref(), &at("totalWallTime"));
        self.amounts("MaxTRESPerJob", &limits.per_job, &at("perJob"));
        self.amounts("MaxTRESPerNode", &limits.per_node, &at("perNode"));
        self.tres_minutes("MaxTRESMinsPerJob", None, &limits.per_job_tres_minutes, "", &at("perJobTresMinutes"));
        self.minutes("MaxWall", limits.wall_time.as_ref(), &at("wallTime"));
        self.number("MaxJobs", limits.running_jobs, &at("runningJobs"));
        self.number("MaxJobsAccrue", limits.accruing_jobs, &at("accruingJobs"));
        self.number("MaxSubmitJobs", limits.submitted_jobs, &at("submittedJobs"));
        self.number("MinPrioThreshold", limits.minimum_priority, &at("minimumPriority"));
    }

    /// The `slurm:` map: fields by Slurm's name, without one of their own set beside.
    pub(super) fn raw(&mut self, map: &BTreeMap<String, String>) {
        for (key, text) in map {
            let place = Place::key(self.document, self.path("slurm").key(key));
            let known: Vec<&'static str> = fields::of_kind(self.kind).into_iter().map(|field| field.key).collect();
            let Some(field) = fields::of_kind(self.kind)
                .into_iter()
                .find(|field| field.key.eq_ignore_ascii_case(key) || field.write.eq_ignore_ascii_case(key))
            else {
                let hint = nearest(key, known).map_or_else(
                    || "see `man slurm.conf` and `man sacctmgr`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                self.complain(&codes::BAD_SLURM_KEY, place, (format!("`{key}` is no field that Slurm has here"), hint));
                continue;
            };
            if self.fields.body.contains_key(field.key) {
                self.complain(
                    &codes::BAD_SLURM_KEY,
                    place,
                    (format!("`{}` is also set by a field of its own", field.key), "keep one of the two".to_owned()),
                );
                continue;
            }
            // What is put together from several fields, or carries our mark.
            let modes = self.kind != "partition" && matches!(field.key, "QOS" | "DefaultQOS");
            if modes || matches!(field.key, "Description" | "Organization" | "Parent" | "Nodes" | "Comment" | "Gres") {
                self.complain(
                    &codes::BAD_SLURM_KEY,
                    place,
                    (format!("`{}` has a field of its own", field.key), "write it there".to_owned()),
                );
                continue;
            }
            match value::canonical(field, text) {
                Ok(Some(value)) => {
                    let place = Place::value(self.document, self.path("slurm").key(key));
                    self.insert(field.key, value, place);
                }
                Ok(None) => {}
                Err(error) => {
                    let place = Place::value(self.document, self.path("slurm").key(key));
                    self.complain(
                        &codes::BAD_QUANTITY,
                        place,
                        (format!("`{key}`: {error}"), format!("write {}", error.wanted)),
                    );
                }
            }
        }
    }
}
