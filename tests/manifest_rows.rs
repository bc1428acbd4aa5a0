//! Rows are walked in both directions: a manifest's text becomes a canonical field, and the field the same text again.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use sitewright::diagnostics::Place;
use sitewright::manifest::v1alpha1::API_VERSION;
use sitewright::manifest::{Kind, Schemas, Wire, load, load_texts};
use sitewright::model::rows::{Field, Table, Unit};
use sitewright::model::{self, TABLES};
use sitewright::resource::{Body, FieldPath, PROTECT, Resource, Segment};
use sitewright::{desired, slurm};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::new().unwrap());

fn day() -> jiff::civil::Date {
    jiff::civil::date(2026, 5, 1)
}

/// Tables with a name for messages.
fn table(index: usize) -> (&'static Table, String) {
    let table = &TABLES[index];
    (table, format!("{} in {}.{}", table.resource, table.manifest.name(), table.base))
}

/// A value put at a path of JSON.
fn put(part: &mut Value, path: &[Segment], value: &Value) {
    match path.split_first() {
        None => *part = value.clone(),
        Some((Segment::Key(key), rest)) => {
            if !part.is_object() {
                *part = json!({});
            }
            put(part.as_object_mut().unwrap().entry(key.clone()).or_insert(Value::Null), rest, value);
        }
        Some((Segment::Index(index), rest)) => {
            if !part.is_array() {
                *part = json!([]);
            }
            let items = part.as_array_mut().unwrap();
            while items.len() <= *index {
                items.push(Value::Null);
            }
            put(&mut items[*index], rest, value);
        }
    }
}

/// The base of a table as a path, in the first item of its lists.
fn base(table: &Table) -> FieldPath {
    table.base.split('.').fold(FieldPath::root(), |path, part| match part.strip_suffix("[]") {
        Some(list) => path.key(list).index(0),
        None => path.key(part),
    })
}

/// A manifest in which the part of a table says this, among what the manifest cannot do without.
fn manifest(table: &Table, part: &Value) -> Value {
    let spec = match table.manifest {
        Kind::Factory => json!({"host": {"entity": "CSC", "country": "FI"}}),
        Kind::Partition | Kind::AccessMode => json!({}),
        Kind::Project => json!({"organisation": {"name": "", "country": "FI", "category": "sme"}}),
        Kind::SupportService => {
            json!({"category": "helpdesk", "slurm": {"user": "svc", "partition": "booster", "limits": {}}})
        }
    };
    let mut document =
        json!({"apiVersion": API_VERSION, "kind": table.manifest.name(), "metadata": {"name": "one"}, "spec": spec});
    let base = base(table);
    if base.0.iter().any(|segment| *segment == Segment::Key("nodes".to_owned())) {
        put(&mut document, &FieldPath::keys("spec.nodes").index(0).key("hosts").0, &json!("gpu1"));
    }
    let needed: Value = serde_json::from_str(table.needs).unwrap();
    for more in [&needed, part] {
        merge(&mut document, &base.0, more);
    }
    // A project's default mode is one of its modes.
    if let (Kind::Project, Some(mode)) = (table.manifest, part.get("defaultMode")) {
        document["spec"]["modes"] = json!([mode]);
    }
    // Accelerators have no name of their own.
    if table.base.ends_with("accelerators") {
        document.pointer_mut("/spec/nodes/0/accelerators").unwrap().as_object_mut().unwrap().shift_remove("name");
    }
    document
}

fn merge(document: &mut Value, path: &[Segment], part: &Value) {
    match part {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let below: Vec<Segment> = path.iter().cloned().chain([Segment::Key(key.clone())]).collect();
                merge(document, &below, value);
            }
        }
        _ => put(document, path, part),
    }
}

/// Resources of one manifest and of the factory that it stands in, and what is wrong with it.
fn compiled(document: &Value) -> Result<Vec<Resource>, String> {
    let mut texts = vec![("one.yaml".to_owned(), yaml(document))];
    if document["kind"] != "Factory" {
        let factory = json!({"apiVersion": API_VERSION, "kind": "Factory", "metadata": {"name": "nordlys"}, "spec": {"host": {"entity": "CSC", "country": "FI"}}});
        texts.push(("factory.yaml".to_owned(), yaml(&factory)));
    }
    for name in ["fast", "slow"] {
        let mode = json!({"apiVersion": API_VERSION, "kind": "AccessMode", "metadata": {"name": name}, "spec": {}});
        texts.push((format!("{name}.yaml"), yaml(&mode)));
    }
    let loaded = load_texts(texts, &SCHEMAS);
    let (site, found) = model::resolve(&loaded);
    let wrong: Vec<String> = loaded.diagnostics.0.iter().chain(&found.0).map(|one| one.message.clone()).collect();
    if wrong.is_empty() { Ok(desired::compile(&site, day())) } else { Err(wrong.join("; ")) }
}

fn yaml(document: &Value) -> String {
    serde_yaml::to_string(document).unwrap()
}

/// The resource that the part of a table declares.
fn resource(table: &Table, resources: &[Resource]) -> Body {
    let name = match (table.resource, table.manifest, table.base) {
        ("account", Kind::Factory, "spec.accounts[]") => "branch",
        ("nodeset", ..) => "set",
        ("node", ..) => "node",
        ("gres", _, "spec.nodes[].accelerators") => "gpu1/gpu",
        ("gres", ..) => "gpu1/gres",
        ("association", ..) => "one/user",
        ("user", ..) => "user",
        ("account" | "qos", Kind::SupportService, _) => "svc-one",
        _ => "one",
    };
    resources
        .iter()
        .find(|one| one.address.kind == table.resource && one.address.name == name)
        .map(|one| one.body.clone())
        .unwrap_or_default()
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("fast".to_owned()),
        "[a-z][a-z0-9]{2,8}".prop_filter("no word of Slurm", |word| {
            !["all", "none", "unlimited", "infinite", "yes", "no", "on", "off", "null", "parent"]
                .contains(&word.as_str())
        })
    ]
}

fn sorted(names: BTreeSet<String>) -> Value {
    json!(names.into_iter().collect::<Vec<_>>())
}

/// TRES of the long names, in lower case.
fn tres() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["license/matlab", "gres/shard", "billing", "gres/gpu:h100", "fs/lustre"])
        .prop_map(str::to_owned)
}

/// Values that a field can have, in the form in which the rows write them.
fn values(table: &'static Table, field: Field) -> BoxedStrategy<Vec<(FieldPath, Value)>> {
    let path = field.path();
    let schema = table.schema(&SCHEMAS, &path).clone();
    let words = |schema: &Value| -> Option<Vec<String>> {
        Some(schema.get("enum")?.as_array()?.iter().map(|word| word.as_str().unwrap().to_owned()).collect())
    };
    let at = path.clone();
    let one = move |value: Value| vec![(at.clone(), value)];
    let most = slurm::fields::find(table.resource, field.key).map_or(1000, |field| field.most);
    let unit = match field.unit {
        Unit::Composed(unit) => *unit,
        unit => unit,
    };
    match unit {
        Unit::Number => prop_oneof![1..100_u64, 1..=most].prop_map(move |number| one(json!(number))).boxed(),
        Unit::Flag | Unit::OwnAccount => Just(one(json!(true))).boxed(),
        Unit::Word if field.key == "Port" => (1..65_536_u64).prop_map(move |port| one(json!(port.to_string()))).boxed(),
        Unit::Word if field.key == "DefaultQOS" => {
            prop::sample::select(vec!["fast", "slow"]).prop_map(move |mode| one(json!(mode))).boxed()
        }
        Unit::Word | Unit::Text | Unit::Line => word().prop_map(move |word| one(json!(word))).boxed(),
        Unit::Cpus => (0..9_u64, 10..64_u64).prop_map(move |(low, high)| one(json!(format!("{low}-{high}")))).boxed(),
        Unit::Choice => prop::sample::select(words(&schema).unwrap()).prop_map(move |word| one(json!(word))).boxed(),
        Unit::OneOf(words) => prop::sample::select(words).prop_map(move |(word, _)| one(json!(word))).boxed(),
        Unit::Minutes => {
            let units = prop::sample::select(vec!["m", "h", "d"]);
            (1..24_u64, units).prop_map(move |(number, unit)| one(json!(canonical_time(number, unit)))).boxed()
        }
        Unit::Seconds => {
            let units = prop::sample::select(vec!["s", "m", "h"]);
            (1..18_u64, units).prop_map(move |(number, unit)| one(json!(canonical_time(number, unit)))).boxed()
        }
        Unit::Megabytes => {
            let units = prop::sample::select(vec!["MB", "GB"]);
            (2..1000_u64, units).prop_map(move |(number, unit)| one(json!(format!("{number}{unit}")))).boxed()
        }
        Unit::Decimal => {
            (1..1000_u64, 1..10_u64).prop_map(move |(whole, part)| one(json!(format!("{whole}.{part}")))).boxed()
        }
        Unit::Shares => prop_oneof![Just("parent".to_owned()), (0..100_000_u64).prop_map(|number| number.to_string())]
            .prop_map(move |text| one(json!(text)))
            .boxed(),
        Unit::Names | Unit::Flags => {
            let known = words(schema.get("items").unwrap());
            // Modes of a project are compiled only where they are declared.
            let declared = (field.key == "QOS").then(|| vec!["fast".to_owned(), "slow".to_owned()]);
            match known.or(declared) {
                Some(words) => {
                    let count = words.len().min(3);
                    prop::sample::subsequence(words, 1..=count)
                        .prop_map(move |words| one(sorted(words.into_iter().collect())))
                        .boxed()
                }
                None => prop::collection::btree_set(word(), 1..4).prop_map(move |names| one(sorted(names))).boxed(),
            }
        }
        Unit::Hosts => (1..9_u64).prop_map(move |high| one(json!(format!("login[0-{high}]")))).boxed(),
        Unit::HostLists => (1..9_u64).prop_map(move |high| one(json!([format!("gpu[0-{high}]")]))).boxed(),
        Unit::Sharing => {
            let words = prop::sample::select(vec!["exclusive", "yes:4", "yes:2", "force:1", "force:4", "force:32767"]);
            words.prop_map(move |word| one(json!(word))).boxed()
        }
        Unit::Says(word) => Just(one(json!(word))).boxed(),
        Unit::Weights => {
            let map = prop::collection::btree_map(tres(), (0..9_u64, 1..9_u64), 1..3);
            map.prop_map(move |map| {
                map.into_iter()
                    .map(|(tres, (whole, part))| (path.key(&tres), json!(format!("{whole}.{part}"))))
                    .collect()
            })
            .boxed()
        }
        Unit::Amounts => {
            let number = || prop::option::of(1..100_000_u64);
            let others = prop::collection::btree_map(tres(), 1..1000_u64, 0..3);
            (number(), number(), number(), number(), others)
                .prop_filter("something", |(gpus, cpus, nodes, memory, others)| {
                    gpus.or(*cpus).or(*nodes).or(*memory).is_some() || !others.is_empty()
                })
                .prop_map(move |(gpus, cpus, nodes, memory, others)| {
                    let short = [("gpus", gpus), ("cpus", cpus), ("nodes", nodes)];
                    let short = short.into_iter().filter_map(|(key, amount)| Some((path.key(key), json!(amount?))));
                    let memory = memory.map(|number| (path.key("memory"), json!(canonical_size(number))));
                    let long =
                        others.into_iter().map(|(key, amount)| (path.key("tres").key(&key), json!(amount.to_string())));
                    short.chain(memory).chain(long).collect()
                })
                .boxed()
        }
        Unit::TresMinutes(hours) => {
            let others = prop::collection::btree_map(tres(), 1..1000_u64, 0..3);
            (1..100_000_u64, any::<bool>(), others)
                .prop_map(move |(amount, whole, others)| {
                    let gpus = match hours {
                        Some(_) if whole => (hours_beside(&path), json!(amount)),
                        Some(_) => (path.key("gres/gpu"), json!((amount * 60 + 1).to_string())),
                        None => (path.key("gres/gpu"), json!((amount * 60).to_string())),
                    };
                    let others = others.into_iter().map(|(key, amount)| (path.key(&key), json!(amount.to_string())));
                    others.chain([gpus]).collect()
                })
                .boxed()
        }
        Unit::Gres => (1..9_u64, word(), 1..9_u64)
            .prop_map(|(gpus, model, shards)| {
                let (accelerators, gres) = (FieldPath::keys("accelerators"), FieldPath::keys("gres").index(0));
                vec![
                    (accelerators.key("model"), json!(model)),
                    (accelerators.key("count"), json!(gpus)),
                    (gres.key("name"), json!("shard")),
                    (gres.key("count"), json!(shards)),
                ]
            })
            .boxed(),
        Unit::Raw | Unit::Limits | Unit::Composed(_) => Just(Vec::new()).boxed(),
    }
}

/// `gpuHours` beside `tresMinutes`.
fn hours_beside(path: &FieldPath) -> FieldPath {
    path.parent().unwrap().key("gpuHours")
}

fn canonical_time(number: u64, unit: &str) -> String {
    format!("{number}{unit}")
}

fn canonical_size(megabytes: u64) -> String {
    slurm::value::size(megabytes) + "B"
}

/// A table, a field of it, and what a manifest says in that field.
fn said() -> impl Strategy<Value = (usize, Field, Vec<(FieldPath, Value)>)> {
    (0..TABLES.len(), any::<prop::sample::Index>()).prop_flat_map(|(index, field)| {
        let fields = TABLES[index].fields();
        let field = fields[field.index(fields.len())];
        (Just(index), Just(field), values(&TABLES[index], field))
    })
}

fn both_ways(index: usize, field: Field, said: &[(FieldPath, Value)]) -> Result<(), TestCaseError> {
    let (table, name) = table(index);
    let mut part = json!({});
    for (path, value) in said {
        put(&mut part, &path.0, value);
    }
    let document = manifest(table, &part);
    let resources = match compiled(&document) {
        Ok(resources) => resources,
        Err(wrong) => return Err(TestCaseError::fail(format!("{name} {}: {wrong}\n{}", field.key, yaml(&document)))),
    };
    let body = resource(table, &resources);
    let Some(value) = body.get(field.key) else {
        // A default is no value.
        let defaults = [json!(1), json!("6818"), json!("up"), json!("unknown"), json!("none")];
        let is_default = said.iter().all(|(_, value)| defaults.contains(value));
        prop_assert!(is_default, "{name}: {} does not become {}\n{}", yaml(&part), field.key, yaml(&document));
        return Ok(());
    };
    let one: Body = BTreeMap::from([(field.key.to_owned(), value.clone())]);
    let back = table.said(&one, &SCHEMAS);
    prop_assert_eq!(&back.left, &Vec::<String>::new(), "{} {}", name, field.key);
    let entries: BTreeMap<&FieldPath, &Value> = back.entries.iter().map(|entry| (&entry.path, &entry.value)).collect();
    let wanted: BTreeMap<&FieldPath, &Value> = said.iter().map(|(path, value)| (path, value)).collect();
    prop_assert_eq!(entries, wanted, "{} {}", name, field.key);
    // The texts, as YAML, give the same body again.
    let mut again = json!({});
    for entry in &back.entries {
        let read: Value = serde_yaml::from_str(&entry.text()).unwrap();
        let read = if entry.value.is_string() && !read.is_string() { json!(entry.text()) } else { read };
        put(&mut again, &entry.path.0, &read);
    }
    let resources = compiled(&manifest(table, &again)).map_err(TestCaseError::fail)?;
    let read = resource(table, &resources);
    prop_assert_eq!(read.get(field.key), Some(value), "{} {}", name, field.key);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn a_field_reads_the_same_both_ways((index, field, said) in said()) {
        if !said.is_empty() {
            both_ways(index, field, &said)?;
        }
    }
}

#[test]
fn every_row_is_walked_both_ways() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for (index, rows) in TABLES.iter().enumerate() {
        for field in rows.fields() {
            for _ in 0..4 {
                let said = values(rows, field).new_tree(&mut runner).unwrap().current();
                if !said.is_empty() {
                    both_ways(index, field, &said).unwrap();
                }
            }
        }
    }
}

#[test]
fn every_row_is_a_field_of_its_schema_and_of_slurm() {
    for (index, rows) in TABLES.iter().enumerate() {
        let (_, name) = table(index);
        let mut seen = BTreeSet::new();
        for field in rows.fields() {
            assert!(rows.schema(&SCHEMAS, &field.path()).is_object(), "{name}: no field {}", field.path());
            assert!(seen.insert(field.key), "{name}: {} stands twice", field.key);
            let own = ["*", PROTECT].contains(&field.key) || slurm::fields::find(rows.resource, field.key).is_some();
            assert!(own, "{name}: Slurm has no {}", field.key);
        }
    }
}

/// A key of a `slurm:` map stands where the manifest has the map.
#[test]
fn keys_of_slurm_have_their_places() {
    for (index, rows) in TABLES.iter().enumerate() {
        let (_, name) = table(index);
        let fields = rows.fields();
        let Some(raw) = fields.iter().find(|field| field.unit == Unit::Raw) else { continue };
        let key = match rows.resource {
            "partition" => "PriorityTier",
            "node" => "Weight",
            _ => "Priority",
        };
        let path = raw.path().key(key);
        let mut part = json!({});
        put(&mut part, &path.0, &json!("7"));
        let resources = compiled(&manifest(rows, &part)).unwrap();
        let place = resources.iter().find_map(|one| match (one.body.get(key), one.places.get(key)?) {
            (Some(value), Place::Field { path, .. }) if *value == json!(7) => Some(path.clone()),
            _ => None,
        });
        assert_eq!(place, Some(FieldPath([base(rows).0, path.0].concat())), "{name}");
    }
}

/// Fields without a row of their own are keys of the `slurm:` map, and what that refuses is left.
#[test]
fn fields_without_a_row_are_written_by_slurms_name() {
    let of = |resource: &str, manifest: Kind| {
        TABLES.iter().find(|table| table.resource == resource && table.manifest == manifest).unwrap()
    };
    let partition = of("partition", Kind::Partition);
    let body: Body = BTreeMap::from([
        ("OverSubscribe".to_owned(), json!("FORCE:2")),
        ("ExclusiveUser".to_owned(), json!(true)),
        ("CpuBind".to_owned(), json!("MAP_CPU")),
        ("MaxTime".to_owned(), json!(90)),
    ]);
    let said = partition.said(&body, &SCHEMAS);
    let texts: Vec<String> = said.entries.iter().map(|entry| format!("{}: {}", entry.path, entry.text())).collect();
    assert_eq!(
        texts,
        ["slurm.CpuBind: MAP_CPU", "sharing: user", "limits.wallTime: 1h30m", "slurm.OverSubscribe: \"FORCE:2\""]
    );
    assert!(said.left.is_empty());
    let level = of("user", Kind::Factory);
    let body: Body = BTreeMap::from([("DefaultAccount".to_owned(), json!("medix"))]);
    assert_eq!(level.said(&body, &SCHEMAS).left, ["DefaultAccount"]);
    let mode = of("qos", Kind::AccessMode);
    let body: Body = BTreeMap::from([("Description".to_owned(), json!("a \"quoted\" text"))]);
    assert_eq!(mode.said(&body, &SCHEMAS).left, ["Description"]);
}

/// JSON of a manifest that was read.
fn written(wire: &Wire) -> Value {
    match wire {
        Wire::Factory(manifest) => serde_json::to_value(manifest),
        Wire::Partition(manifest) => serde_json::to_value(manifest),
        Wire::AccessMode(manifest) => serde_json::to_value(manifest),
        Wire::Project(manifest) => serde_json::to_value(manifest),
        Wire::SupportService(manifest) => serde_json::to_value(manifest),
    }
    .unwrap()
}

fn at<'a>(document: &'a Value, path: &FieldPath) -> Option<&'a Value> {
    path.0.iter().try_fold(document, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    })
}

/// The part of a document that a place stands in, where the table begins in such a part.
fn part_of(table: &Table, place: &FieldPath) -> Option<FieldPath> {
    let base = base(table);
    let alike = |(one, other): (&Segment, &Segment)| match (one, other) {
        (Segment::Index(_), Segment::Index(_)) => true,
        (one, other) => one == other,
    };
    let part = FieldPath(place.0.get(..base.0.len())?.to_vec());
    part.0.iter().zip(&base.0).all(alike).then_some(part)
}

const BOTH_WAYS: [&str; 5] = ["partition", "qos", "account", "user", "association"];

/// Bodies of the resources that this is about.
fn bodies(resources: &[Resource]) -> BTreeMap<String, &Body> {
    let about = resources.iter().filter(|one| BOTH_WAYS.contains(&one.address.kind.as_str()));
    about.map(|one| (one.address.to_string(), &one.body)).collect()
}

#[test]
fn examples_say_what_their_resources_say_backwards() {
    for example in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap() {
        let folder = example.unwrap().path();
        let loaded = load(&folder, &SCHEMAS);
        let (site, _) = model::resolve(&loaded);
        let before = desired::compile(&site, day());
        let mut documents: BTreeMap<_, (Kind, Value)> =
            loaded.documents.iter().map(|one| (one.id, (one.wire.kind(), written(&one.wire)))).collect();
        let mut walked = 0;
        for resource in before.iter().filter(|one| BOTH_WAYS.contains(&one.address.kind.as_str())) {
            for (key, value) in &resource.body {
                let name = format!("{}: {} {key}", folder.display(), resource.address);
                let place = resource.places.get(key).or(resource.place.as_ref()).unwrap();
                let Place::Field { document, path: place, .. } = place else { panic!("{name}: {place:?}") };
                let (kind, document) = documents.get_mut(document).unwrap();
                // The account of a service has the QOS of its mode or its own, and both have the text of the service.
                if *kind == Kind::SupportService && ["Description", "QOS", "DefaultQOS"].contains(&key.as_str()) {
                    continue;
                }
                let tables = TABLES.iter().filter(|one| one.resource == resource.address.kind && one.manifest == *kind);
                let of_part = tables.filter_map(|table| Some((table, part_of(table, place)?)));
                // Names stand above the spec, where an account has its parent from.
                let Some((table, part)) = of_part.max_by_key(|(_, part)| part.0.len()) else {
                    assert_eq!(key, "Parent", "{name}: {place}");
                    continue;
                };
                let said = table.said(&Body::from([(key.clone(), value.clone())]), &SCHEMAS);
                assert!(said.left.is_empty(), "{name}: {said:?}");
                let below = FieldPath(place.0[part.0.len()..].to_vec());
                let found = said
                    .entries
                    .iter()
                    .any(|entry| entry.path.0.starts_with(&below.0) || below.0.starts_with(&entry.path.0));
                if !found {
                    // Allocations and node groups have a say in these, and the names of accounts.
                    let others = ["allocations", "nodes", "name"].map(FieldPath::keys);
                    assert!(others.iter().any(|other| below.0.starts_with(&other.0)), "{name}: {place} {said:?}");
                    continue;
                }
                for entry in &said.entries {
                    let path = FieldPath([part.0.clone(), entry.path.0.clone()].concat());
                    assert!(at(document, &path).is_some(), "{name}: the manifest does not say {path}");
                    put(document, &path.0, &entry.value);
                    walked += 1;
                }
            }
        }
        assert!(walked > 10, "{}: {walked}", folder.display());
        let texts = documents.values().enumerate().map(|(number, (_, one))| (format!("{number}.yaml"), yaml(one)));
        let (site, _) = model::resolve(&load_texts(texts.collect(), &SCHEMAS));
        let after = desired::compile(&site, day());
        assert_eq!(bodies(&before), bodies(&after), "{}", folder.display());
    }
}
