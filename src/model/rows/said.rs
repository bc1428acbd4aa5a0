//! Walking rows backwards: canonical fields → what a manifest says.

use serde_json::{Map, Value, json};

use super::limits::LIMITS;
use super::row::{Field, Row, Unit, camel};
use super::text;
use super::words::SHORT;
use crate::manifest::v1alpha1::access_mode::QosFlag;
use crate::manifest::{Kind, Schemas};
use crate::resource::{Body, FieldPath, Segment};
use crate::slurm::{fields as slurm, value};

/// Rows of one kind of resource in one kind of manifest.
#[derive(Debug)]
pub struct Table {
    /// Kind of resource, as addresses call it: `partition`.
    pub resource: &'static str,
    /// Kind of the manifest that declares it.
    pub manifest: Kind,
    /// Part of the manifest that the rows' paths begin in: `spec`, or an item of a list: `spec.nodes[]`.
    pub base: &'static str,
    /// Fields that such a part cannot do without, in JSON. They are no field of the resource.
    pub needs: &'static str,
    pub(in crate::model) fields: fn() -> Vec<Field>,
    pub(in crate::model) heard: fn(&Value) -> Option<Body>,
}

/// A field of a manifest that says a field of a resource, or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Field of the resource: `MaxTRESPerJob`.
    pub key: String,
    /// Path below the table's base: `perJob.gpus`.
    pub path: FieldPath,
    /// Value: a text, a whole number, `true`, or a list of texts.
    pub value: Value,
}

/// What a manifest says for the fields of a resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// Fields of the manifest. Read together, they give each field that [`Said::left`] does not name.
    pub entries: Vec<Entry>,
    /// Fields of the resource whose value no field of the manifest gives, and no key of its `slurm:` map.
    pub left: Vec<String>,
}

/// The fields of rows, those of an association's limits among them.
pub(in crate::model) fn fields<Spec>(rows: &[Row<Spec>]) -> Vec<Field> {
    let expanded = |field: Field| match field.unit {
        Unit::Limits => LIMITS.iter().map(|row| Field { under: field.path, ..row.field }).collect(),
        _ => vec![field],
    };
    rows.iter().flat_map(|row| expanded(row.field)).collect()
}

impl Entry {
    /// The value in one line of YAML: `1d12h`, `[fast-lane, playground]`.
    pub fn text(&self) -> String {
        text::yaml(&self.value)
    }
}

impl Said {
    /// The part of the manifest that holds all entries, to be written at the table's base.
    pub fn part(&self) -> Value {
        let mut part = Value::Object(Map::new());
        for entry in &self.entries {
            insert(&mut part, &entry.path.0, &entry.value);
        }
        part
    }
}

fn insert(part: &mut Value, path: &[Segment], value: &Value) {
    let Some((first, rest)) = path.split_first() else {
        *part = value.clone();
        return;
    };
    match first {
        Segment::Key(key) => {
            if !part.is_object() {
                *part = Value::Object(Map::new());
            }
            if let Some(map) = part.as_object_mut() {
                insert(map.entry(key.clone()).or_insert(Value::Null), rest, value);
            }
        }
        Segment::Index(index) => {
            if !part.is_array() {
                *part = Value::Array(Vec::new());
            }
            if let Some(items) = part.as_array_mut() {
                if items.len() <= *index {
                    items.resize(index + 1, Value::Null);
                }
                insert(&mut items[*index], rest, value);
            }
        }
    }
}

impl Table {
    /// The rows, in the order in which the resolver reads them.
    pub fn fields(&self) -> Vec<Field> {
        (self.fields)()
    }

    /// Schema of a field by its path below the base; null where the manifest has no such field.
    pub fn schema<'a>(&self, schemas: &'a Schemas, path: &FieldPath) -> &'a Value {
        let mut whole = FieldPath::root();
        for part in self.base.split('.') {
            whole = match part.strip_suffix("[]") {
                Some(list) => whole.key(list).index(0),
                None => whole.key(part),
            };
        }
        whole.0.extend(path.0.iter().cloned());
        schemas.at(self.manifest, &whole)
    }

    /// What a manifest says for the canonical fields of a resource. Each entry is read forwards again before it is taken.
    ///
    /// Fields that are composed are written as if nothing were composed with them: the QOS of a project as its `modes`, the
    /// nodes of a partition as its `hosts`, the parent of an account as its `parent`. A reader that knows more (allocations,
    /// node groups, the factory's account) writes that, and takes these entries out.
    pub fn said(&self, body: &Body, schemas: &Schemas) -> Said {
        let fields = self.fields();
        let raw = fields.iter().find(|field| field.unit == Unit::Raw);
        let mut said = Said::default();
        for (key, value) in body {
            let own = fields.iter().filter(|field| field.key == key).find_map(|field| {
                let entries = self.entries(field, value, schemas)?;
                let free = |entry: &Entry| said.entries.iter().all(|other| other.path != entry.path);
                (entries.iter().all(free) && self.is_heard(field, &entries, value)).then_some(entries)
            });
            let entries = own.or_else(|| {
                let field = raw?;
                let written = value::written(slurm::find(self.resource, key)?, value);
                let entry = Entry { key: key.clone(), path: field.path().key(key), value: json!(written) };
                let entries = vec![entry];
                self.is_heard(field, &entries, value).then_some(entries)
            });
            match entries {
                Some(entries) => said.entries.extend(entries),
                None => said.left.push(key.clone()),
            }
        }
        said
    }

    /// Whether entries give the value when they are read forwards.
    fn is_heard(&self, field: &Field, entries: &[Entry], value: &Value) -> bool {
        // What these two become depends on more than their fields; their entries follow from the value by themselves.
        if matches!(field.unit, Unit::Composed(Unit::Gres | Unit::OwnAccount)) {
            return true;
        }
        let Some(first) = entries.first() else { return false };
        let mut part: Value = serde_json::from_str(self.needs).unwrap_or_default();
        for entry in entries {
            insert(&mut part, &entry.path.0, &entry.value);
        }
        (self.heard)(&part).is_some_and(|body| body.get(&first.key) == Some(value))
    }

    fn entries(&self, field: &Field, value: &Value, schemas: &Schemas) -> Option<Vec<Entry>> {
        let path = field.path();
        let schema = self.schema(schemas, &path);
        let unit = match field.unit {
            Unit::Composed(unit) => *unit,
            unit => unit,
        };
        let entry = |path: FieldPath, value: Value| Entry { key: field.key.to_owned(), path, value };
        let amounts = |base: &FieldPath, map: &Map<String, Value>| -> Option<Vec<Entry>> {
            map.iter().map(|(tres, amount)| Some(entry(base.key(tres), json!(amount_text(tres, amount)?)))).collect()
        };
        let entries = match unit {
            Unit::Amounts => {
                let (mut entries, mut others) = (Vec::new(), Map::new());
                for (tres, amount) in value.as_object()? {
                    match SHORT.iter().find(|(name, _)| name == tres) {
                        Some((_, "memory")) => {
                            entries.push(entry(path.key("memory"), json!(text::size(amount.as_u64()?))));
                        }
                        Some((_, short)) => entries.push(entry(path.key(short), amount.clone())),
                        None => {
                            others.insert(tres.clone(), amount.clone());
                        }
                    }
                }
                entries.extend(amounts(&path.key("tres"), &others)?);
                entries
            }
            Unit::TresMinutes(hours) => {
                let mut minutes = value.as_object()?.clone();
                let gpus = minutes.get("gres/gpu").and_then(Value::as_u64).filter(|minutes| minutes.is_multiple_of(60));
                let mut entries = Vec::new();
                if let Some((hours, gpus)) = hours.zip(gpus) {
                    minutes.shift_remove("gres/gpu");
                    let hours = FieldPath::keys(&camel(&field.dotted(hours)));
                    entries.push(entry(hours, json!(gpus / 60)));
                }
                entries.extend(amounts(&path, &minutes)?);
                entries
            }
            Unit::Weights => {
                value.as_object()?.iter().map(|(tres, weight)| entry(path.key(tres), weight.clone())).collect()
            }
            Unit::Gres => gres(value.as_object()?)?.into_iter().map(|(path, value)| entry(path, value)).collect(),
            unit => vec![entry(path, simple(unit, value, schema)?)],
        };
        Some(entries)
    }
}

/// The value of a field that stands at one path.
fn simple(unit: Unit, value: &Value, schema: &Value) -> Option<Value> {
    Some(match unit {
        Unit::Number => json!(value.as_u64()?),
        Unit::Flag | Unit::OwnAccount => json!(true),
        Unit::Word | Unit::Text | Unit::Line | Unit::Cpus | Unit::Decimal | Unit::Hosts | Unit::Shares => {
            json!(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
        }
        Unit::Choice => {
            let slurm = value.as_str()?;
            json!(listed(schema)?.find(|word| word.eq_ignore_ascii_case(slurm))?)
        }
        Unit::OneOf(_) => json!(unit.manifest_word(value.as_str()?)?),
        Unit::Sharing => json!(value.as_str()?.to_lowercase()),
        Unit::Says(word) => json!(value.as_bool()?.then_some(word)?),
        Unit::Minutes => json!(text::time(value.as_u64()?.checked_mul(60)?)),
        Unit::Seconds => json!(text::time(value.as_u64()?)),
        Unit::Megabytes => json!(text::size(value.as_u64()?)),
        Unit::Names => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            let legal = |name: &str| listed(items).is_none_or(|mut words| words.any(|word| word == name));
            let names = value.as_array()?;
            names.iter().all(|name| name.as_str().is_some_and(legal)).then(|| json!(names))?
        }
        Unit::Flags => {
            let words = value.as_array()?.iter().map(|flag| flag_word(flag.as_str()?, schema.get("items")?));
            json!(words.collect::<Option<Vec<_>>>()?)
        }
        Unit::HostLists => json!([value.as_str()?]),
        _ => return None,
    })
}

/// Words that a schema lists.
fn listed(schema: &Value) -> Option<impl Iterator<Item = &str>> {
    Some(schema.get("enum")?.as_array()?.iter().filter_map(Value::as_str))
}

/// The word of manifests for a flag of a QOS.
fn flag_word<'a>(slurm: &str, schema: &'a Value) -> Option<&'a str> {
    listed(schema)?.find(|word| serde_json::from_value::<QosFlag>(json!(word)).is_ok_and(|flag| flag.slurm() == slurm))
}

/// An amount by Slurm's name of the TRES. Memory has a unit in manifests.
fn amount_text(tres: &str, amount: &Value) -> Option<String> {
    let amount = amount.as_u64()?;
    Some(if tres == "mem" { text::size(amount) } else { amount.to_string() })
}

/// The first GPUs are the accelerators, and all others stand in the list.
fn gres(map: &Map<String, Value>) -> Option<Vec<(FieldPath, Value)>> {
    let mut entries = Vec::new();
    let (mut has_accelerators, mut others) = (false, 0);
    for (name, count) in map {
        let count = json!(count.as_u64()?);
        let (name, kind) = name.split_once(':').map_or((name.as_str(), None), |(name, kind)| (name, Some(kind)));
        let of_gpus = name == "gpu" && !has_accelerators;
        has_accelerators |= of_gpus;
        let base = if of_gpus { FieldPath::keys("accelerators") } else { FieldPath::keys("gres").index(others) };
        if !of_gpus {
            others += 1;
            entries.push((base.key("name"), json!(name)));
        }
        let field = if of_gpus { "model" } else { "type" };
        entries.extend(kind.map(|kind| (base.key(field), json!(kind))));
        entries.push((base.key("count"), count));
    }
    Some(entries)
}
