//! An observation as it is written down and read back.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::masking::{Masking, Secrets, has_mark, texts};
use super::observation::{Facts, Jobs, Live, Observation, Owner, Reads};
use super::{LiveBody, findings};
use crate::diagnostics::Diagnostics;
use crate::resource::{Address, Body, Digest, Resource};
use crate::targets::{each, in_each};

/// What a record begins with: the name and the version of the format.
const FORMAT: &str = "sitewright-observation 1";

/// What finds secrets in bodies, of all kinds of targets: a twin keeps resources of each.
const SECRETS: &[Secrets] = &each!(secrets);

fn mask(masking: &mut Masking, body: &mut Value) {
    for secrets in SECRETS {
        masking.mask(*secrets, body);
    }
}

/// One live resource.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LiveRecord {
    owner: Owner,
    /// Absent where the facts hold the object that it is made of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    body: Option<Body>,
    /// Digest of the resource as it was read, where marks stand in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    as_read: Option<Digest>,
}

/// An observation without secrets.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record {
    format: String,
    target: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    salt: Option<String>,
    resources: BTreeMap<Address, LiveRecord>,
    running: BTreeMap<Address, Body>,
    jobs: Jobs,
    reads: Reads,
    #[serde(with = "findings")]
    findings: Diagnostics,
    facts: Facts,
}

impl From<Observation> for Record {
    fn from(observation: Observation) -> Self {
        let observation = observation.masked();
        let record = |(address, live): (Address, Live)| {
            let made = observation.facts.body_of(&address).is_some_and(|body| body == live.body);
            let body = (!made).then(|| Body::clone(&live.body));
            (address, LiveRecord { owner: live.owner, body, as_read: live.body.as_read().cloned() })
        };
        Self {
            format: FORMAT.to_owned(),
            target: observation.target,
            title: observation.title,
            salt: observation.salt,
            resources: observation.resources.into_iter().map(record).collect(),
            running: observation.running,
            jobs: observation.jobs,
            reads: observation.reads,
            findings: observation.findings,
            facts: observation.facts,
        }
    }
}

/// As a record: marks stand in place of secrets.
impl Serialize for Observation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Record::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Observation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Record::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
    }
}

impl TryFrom<Record> for Observation {
    type Error = String;

    fn try_from(record: Record) -> Result<Self, String> {
        if record.format != FORMAT {
            return Err(format!("its format is `{}`, and this version reads `{FORMAT}`", record.format));
        }
        let mut resources = BTreeMap::new();
        for (address, live) in record.resources {
            let body = match (live.body, record.facts.body_of(&address)) {
                (Some(body), _) => body.into(),
                (None, Some(body)) => body,
                (None, None) => return Err(format!("`{address}` has no fields")),
            };
            let body = match live.as_read {
                Some(as_read) => LiveBody::masked(Body::clone(&body), as_read),
                None => body,
            };
            resources.insert(address, Live { body, owner: live.owner });
        }
        Ok(Self {
            target: record.target,
            title: record.title,
            resources,
            running: record.running,
            salt: record.salt,
            jobs: record.jobs,
            reads: record.reads,
            findings: record.findings,
            facts: record.facts,
        })
    }
}

impl Facts {
    /// The fields of a resource, where the facts hold the object that they are made of.
    fn body_of(&self, address: &Address) -> Option<LiveBody> {
        in_each!(self, Facts, facts => facts.body_of(address), None)
    }

    fn mask(&mut self, masking: &mut Masking) {
        in_each!(self, Facts, facts => facts.mask(masking), ());
    }

    fn each_object(&mut self, change: &mut dyn FnMut(Option<&Address>, &mut Value)) {
        in_each!(self, Facts, facts => facts.each_object(change), ());
    }
}

fn changed(body: &Body, change: &mut dyn FnMut(&mut Value)) -> Body {
    let mut whole = Value::Object(body.clone().into_iter().collect());
    change(&mut whole);
    match whole {
        Value::Object(map) => map.into_iter().collect(),
        _ => Body::new(),
    }
}

impl Observation {
    /// What a record shows of it: marks stand in place of secrets. An observation without secrets is equal to this.
    #[must_use]
    pub fn masked(mut self) -> Self {
        if self.salt.is_some() {
            return self;
        }
        let mut masking = Masking::new();
        for live in self.resources.values_mut() {
            let before = masking.replaced();
            let body = changed(&live.body, &mut |body| mask(&mut masking, body));
            if masking.replaced() > before {
                let as_read = Digest::of_json(live);
                live.body = LiveBody::masked(body, as_read);
            }
        }
        for body in self.running.values_mut() {
            let before = masking.replaced();
            let masked = changed(body, &mut |body| mask(&mut masking, body));
            if masking.replaced() > before {
                *body = masked;
            }
        }
        self.facts.mask(&mut masking);
        if masking.replaced() > 0 {
            self.salt = Some(masking.salt().to_owned());
        }
        self
    }

    /// Puts back those secrets that these resources declare themselves, so that comparing with them sees no difference where
    /// there was none. It shows nothing that the manifests do not.
    pub fn reveal(&mut self, desired: &[Resource]) {
        let Some(salt) = self.salt.clone() else { return };
        let masking = Masking::of(&salt);
        let wanted: BTreeMap<&Address, &Resource> = desired.iter().map(|one| (&one.address, one)).collect();
        let mut known: BTreeMap<Address, BTreeMap<String, String>> = BTreeMap::new();
        let mut reveal = |address: &Address, value: &mut Value| {
            let Some(resource) = wanted.get(address).filter(|_| has_mark(value)) else { return };
            let marks = known.entry(address.clone()).or_insert_with(|| {
                let mut marks = BTreeMap::new();
                let mut whole = Value::Object(resource.body.clone().into_iter().collect());
                texts(&mut whole, &mut |text| {
                    marks.insert(masking.mark(text), text.clone());
                });
                marks
            });
            texts(value, &mut |text| {
                if let Some(own) = marks.get(text) {
                    text.clone_from(own);
                }
            });
        };
        for (address, live) in &mut self.resources {
            if let Some(as_read) = live.body.as_read().cloned() {
                let body = changed(&live.body, &mut |body| reveal(address, body));
                live.body = LiveBody::masked(body, as_read);
            }
        }
        for (address, body) in &mut self.running {
            *body = changed(body, &mut |body| reveal(address, body));
        }
        self.facts.each_object(&mut |address, object| {
            if let Some(address) = address {
                reveal(address, object);
            }
        });
    }
}
