//! TRES amounts, minutes and weights.

use std::collections::BTreeMap;

use serde_json::json;

use super::Collector;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Complaint, Place};
use crate::model::bounds;
use crate::model::rows::{Quantities, SHORT};
use crate::model::units;
use crate::slurm::{fields, value};

impl Collector<'_> {
    /// An amount that sums and products can be made of.
    fn bounded(&mut self, amount: u64, place: Place) -> Option<u64> {
        if amount <= units::MOST {
            return Some(amount);
        }
        self.complain(&codes::BAD_QUANTITY, place, units::too_much(amount));
        None
    }

    /// TRES amounts, short names and long ones; a TRES map where there is any.
    pub(super) fn amounts(&mut self, key: &'static str, amounts: Quantities<'_>, dotted: &str) {
        let at = |name: &str| format!("{dotted}.{name}");
        let mut map = BTreeMap::new();
        let memory = amounts.memory.and_then(|text| self.quantity(text, &at("memory"), units::megabytes));
        let written = [amounts.gpus, amounts.cpus, amounts.nodes, memory];
        let mut first = None;
        for ((tres, field), amount) in SHORT.into_iter().zip(written) {
            let Some(amount) = amount else { continue };
            let place = self.place(&at(field));
            if let Some(amount) = self.bounded(amount, place) {
                map.insert(tres.to_owned(), amount);
                first.get_or_insert_with(|| at(field));
            }
        }
        for (tres, amount) in amounts.tres {
            first.get_or_insert_with(|| at("tres"));
            if map.contains_key(&tres.to_lowercase()) {
                let short =
                    SHORT.iter().find(|(name, _)| name.eq_ignore_ascii_case(tres)).map_or("tres", |(_, field)| field);
                let (again, earlier) = (self.tres_place(&at("tres"), tres), self.place(&at(short)));
                self.said_twice(&format!("`{tres}`"), again, earlier);
                continue;
            }
            self.add_tres(tres, amount, &at("tres"), &mut map);
        }
        self.put_map(key, &map, &first.unwrap_or_else(|| dotted.to_owned()));
        self.amounts.insert(key, map);
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
                .map_err(|_| Complaint::new(format!("`{amount}` is not a number"), "write a whole number"))
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

    /// Weights by TRES; each is checked by itself, so that none can say more than one.
    pub(super) fn weights(&mut self, key: &str, map: &BTreeMap<String, String>, dotted: &str) {
        let mut text = Vec::new();
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (tres, weight) in map {
            let path = self.path(dotted).key(tres);
            if let Some(first) = seen.insert(tres.to_lowercase(), tres) {
                let first = Place::key(self.document, self.path(dotted).key(first));
                self.said_twice(&format!("`{tres}`"), Place::key(self.document, path), first);
            } else if let Err(error) = bounds::name(tres) {
                self.complain(&codes::BAD_QUANTITY, Place::key(self.document, path), error);
            } else if let Err(error) = bounds::weight(weight) {
                self.complain(&codes::BAD_QUANTITY, Place::value(self.document, path), error);
            } else {
                text.push(format!("{tres}={weight}"));
            }
        }
        let canonical = fields::find(self.kind, key).map(|field| value::canonical(field, &text.join(",")));
        if let Some(Ok(Some(value))) = canonical {
            self.put(key, value, dotted);
        }
    }
}
