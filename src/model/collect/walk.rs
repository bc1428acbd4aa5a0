//! Walking rows forwards: what a manifest says → canonical fields.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Collector;
use crate::diagnostics::{Diagnostics, DocumentId};
use crate::manifest::Refused;
use crate::model::rows::{Field, LIMITS, Row, Unit, Written};
use crate::model::units;
use crate::resource::hostlist::HostSet;
use crate::resource::{Body, FieldPath};
use crate::slurm::text::check_known_hosts;

impl Collector<'_> {
    /// Collects the fields of a part of a manifest. Fields that are composed are left to the resolver of the kind.
    pub(in crate::model) fn walk<Spec>(&mut self, rows: &[Row<Spec>], spec: &Spec) {
        for row in rows {
            self.field(&row.field, (row.read)(spec));
        }
    }

    fn field(&mut self, field: &Field, written: Written<'_>) {
        if written.is_nothing() {
            return;
        }
        let (key, at) = (field.key, &field.dotted(field.path));
        match (field.unit, written) {
            (Unit::Number, Written::Number(number)) => self.put(key, json!(number), at),
            (Unit::Flag, Written::Flag(flag)) => self.put(key, json!(flag), at),
            (Unit::Word, Written::Text(text)) => self.word(key, text, at),
            (Unit::Choice, Written::Text(text)) => self.put(key, json!(text.to_uppercase()), at),
            (Unit::Text, Written::Text(text)) => self.text(key, text, at),
            (Unit::Line, Written::Text(text)) => self.line(key, text, at),
            (Unit::Cpus, Written::Text(text)) => self.cpu_list(key, text, at),
            (Unit::Minutes, Written::Text(text)) => self.measured(key, text, at, units::minutes),
            (Unit::Seconds, Written::Text(text)) => self.measured(key, text, at, units::seconds),
            (Unit::Megabytes, Written::Text(text)) => self.measured(key, text, at, units::megabytes),
            (Unit::Decimal, Written::Text(text)) => self.decimal(key, text, at),
            (Unit::Shares, Written::Text(text)) => self.shares(key, text, at),
            (Unit::Names | Unit::Flags, Written::Names(names)) => self.names(key, &names, at),
            (Unit::Hosts, Written::Text(text)) => self.hosts(key, &[text.to_owned()], at),
            (Unit::HostLists, Written::Names(texts)) => self.hosts(key, &texts, at),
            (Unit::Weights, Written::Map(map)) => self.weights(key, map, at),
            (Unit::Amounts, Written::Amounts(amounts)) => self.amounts(key, amounts, at),
            (Unit::TresMinutes(None), Written::Map(more)) => self.tres_minutes(key, None, more, "", at),
            (Unit::TresMinutes(Some(path)), Written::TresMinutes { hours, more }) => {
                self.tres_minutes(key, hours, more, &field.dotted(path), at);
            }
            (Unit::Sharing, Written::Text(text)) => self.sharing(key, text, at),
            (Unit::Says(word), Written::Text(text)) if text == word => self.put(key, json!(true), at),
            (Unit::OneOf(_), Written::Text(text)) => {
                if let Some(word) = field.unit.slurm_word(text) {
                    self.put(key, json!(word), at);
                }
            }
            (Unit::Limits, Written::Limits(limits)) => {
                for row in LIMITS {
                    self.field(&Field { under: field.path, ..row.field }, (row.read)(limits));
                }
            }
            (Unit::Raw, Written::Map(map)) => self.raw(map, at),
            (Unit::Composed(unit), written) if self.alone => self.field(&Field { unit: *unit, ..*field }, written),
            _ => {}
        }
    }

    /// Hosts that exist, as one host list.
    fn hosts(&mut self, key: &str, texts: &[String], dotted: &str) {
        let mut all = HostSet::default();
        for text in texts {
            let place = self.place(dotted);
            match self.host_list(text, place, check_known_hosts) {
                Some(set) => all = all.union(&set),
                None => return,
            }
        }
        self.put(key, json!(all.to_string()), dotted);
    }
}

/// Fields that a part of a manifest becomes, where nothing stands beside it. None where the part is not right.
pub(in crate::model) fn heard<Spec: DeserializeOwned>(
    kind: &'static str,
    rows: &[Row<Spec>],
    spec: &Value,
) -> Option<Body> {
    let spec = Spec::deserialize(spec).ok()?;
    let (refused, mut found) = (Refused::default(), Diagnostics::new());
    let mut collector = Collector::new(kind, DocumentId(0), FieldPath::root(), &refused, &mut found);
    collector.alone = true;
    collector.walk(rows, &spec);
    let body = collector.fields.body;
    found.is_empty().then_some(body)
}
