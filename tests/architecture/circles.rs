//! No two files import each other, over however many others, and no room imports one below it. What an import is, says
//! [`crate::imports`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::imports::{Imports, imports};
use crate::{ORDER, texts};

/// Imports of this crate. A path that leads nowhere would be one that is not looked at.
fn of_this_crate() -> Imports {
    let imports = imports(&texts()).unwrap();
    assert!(imports.unresolved.is_empty(), "these lead nowhere: {:#?}", imports.unresolved);
    imports
}

/// Circles of files: for each file that is on one, the shortest.
fn circles(imports: &Imports) -> Vec<String> {
    let mut graph: Graph<'_> = BTreeMap::new();
    for one in &imports.files {
        graph.entry(&one.from).or_default().insert(&one.to);
    }
    let ways = graph.keys().filter_map(|file| back(&graph, file));
    // One circle is found from each of its files.
    let different: BTreeMap<BTreeSet<&str>, Vec<&str>> =
        ways.map(|way| (way.iter().copied().collect(), way)).rev().collect();
    let mut told: Vec<String> = different.values().map(|way| words(imports, way)).collect();
    told.sort();
    told
}

/// Files that each file imports.
type Graph<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// The shortest way from a file to itself.
fn back<'a>(graph: &Graph<'a>, file: &'a str) -> Option<Vec<&'a str>> {
    let mut ways = VecDeque::from([vec![file]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in graph.get(way.last()?).into_iter().flatten() {
            if *next == file {
                return Some(way);
            }
            if seen.insert(*next) {
                ways.push_back(way.iter().chain([next]).copied().collect());
            }
        }
    }
    None
}

/// `a.rs → b.rs (Item) → a.rs (other)`: each file with what the one before imports of it.
fn words(imports: &Imports, way: &[&str]) -> String {
    let mut text = way.first().copied().unwrap_or_default().to_owned();
    for (from, to) in way.iter().zip(way.iter().cycle().skip(1)) {
        let items: Vec<&str> = imports
            .files
            .iter()
            .filter(|one| one.from == *from && one.to == *to)
            .map(|one| one.item.as_str())
            .collect();
        text.push_str(&format!(" → {to} ({})", items.join(", ")));
    }
    text
}

#[test]
fn no_two_files_import_each_other() {
    let circles = circles(&of_this_crate());
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn no_room_imports_one_below_it() {
    let rank = |room: &str| ORDER.iter().position(|one| *one == room);
    let imports = of_this_crate();
    let mut wrong = Vec::new();
    for (file, room) in &imports.rooms {
        let own = file.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        // The program and the crate's root stand below all rooms.
        if let (Some(own), Some(used)) = (rank(own), rank(room))
            && used > own
        {
            wrong.push(format!("src/{file} imports {room}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Imports of a small crate: texts by file.
fn of(files: &[(&str, &str)]) -> Imports {
    let texts: BTreeMap<String, String> =
        files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    imports(&texts).unwrap()
}

/// `from → to item`, of a small crate.
fn told(files: &[(&str, &str)]) -> Vec<String> {
    of(files).files.iter().map(|one| format!("{} → {} {}", one.from, one.to, one.item)).collect()
}

#[test]
fn a_pair_is_found_and_named() {
    let found = of(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use super::{a::A, c}; pub struct B(A, c::C);"),
        ("c.rs", "pub struct C;"),
    ]);
    assert_eq!(circles(&found), ["a.rs → b.rs (B) → a.rs (A)"]);
}

#[test]
fn a_longer_circle_is_found_and_named() {
    let found = of(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::c::C; pub struct B;"),
        ("c.rs", "pub fn c() { let _ = crate::a::A; } pub struct C;"),
        ("d.rs", "use crate::a::A;"),
    ]);
    assert_eq!(circles(&found), ["a.rs → b.rs (B) → c.rs (C) → a.rs (A)"]);
}

#[test]
fn what_is_exported_again_is_followed_to_its_definition() {
    let found = [
        ("lib.rs", "mod room;"),
        ("room/mod.rs", "mod a; mod b; pub use a::A; pub(crate) use b::B as Renamed;"),
        ("room/a.rs", "use super::Renamed; pub struct A;"),
        ("room/b.rs", "use crate::room::A; pub struct B;"),
    ];
    assert_eq!(circles(&of(&found)), ["room/a.rs → room/b.rs (B) → room/a.rs (A)"]);
}

#[test]
fn a_parent_that_only_exports_its_children_imports_nothing() {
    let parent = |code: &str| {
        told(&[
            ("lib.rs", "mod room;"),
            ("room/mod.rs", &format!("mod child; pub use child::{{Item, make}}; pub const LIMIT: u8 = 1; {code}")),
            ("room/child.rs", "use super::LIMIT; pub struct Item; pub fn make() -> u8 { LIMIT }"),
        ])
    };
    assert_eq!(parent(""), ["room/child.rs → room/mod.rs LIMIT"]);
    // Its own code does, where it says the name; a variable of that name is another thing.
    assert_eq!(parent("fn own(make: u8) -> u8 { make }"), ["room/child.rs → room/mod.rs LIMIT"]);
    assert_eq!(
        parent("pub struct Whole(Item);"),
        ["room/child.rs → room/mod.rs LIMIT", "room/mod.rs → room/child.rs Item"]
    );
    assert_eq!(
        parent("fn own() { assert_eq!(make(), 1); }"),
        ["room/child.rs → room/mod.rs LIMIT", "room/mod.rs → room/child.rs make"]
    );
    assert_eq!(
        parent("use child::make as other;"),
        ["room/child.rs → room/mod.rs LIMIT", "room/mod.rs → room/child.rs make"]
    );
}

#[test]
fn supers_of_supers_and_private_imports_are_followed() {
    let files = [
        ("lib.rs", "mod room; mod other;"),
        ("other.rs", "pub struct Other;"),
        ("room/mod.rs", "mod inner; mod sibling; use crate::other::Other; struct Own(Other);"),
        ("room/sibling.rs", "pub struct Sibling(super::inner::deep::Deep);"),
        ("room/inner/mod.rs", "pub mod deep;"),
        ("room/inner/deep.rs", "use super::super::{Other, sibling::Sibling}; pub struct Deep;"),
    ];
    let found = told(&files);
    assert!(found.contains(&"room/inner/deep.rs → other.rs Other".to_owned()), "{found:?}");
    assert_eq!(circles(&of(&files)), ["room/inner/deep.rs → room/sibling.rs (Sibling) → room/inner/deep.rs (Deep)"]);
}

#[test]
fn macros_are_looked_through() {
    // The table's definition names no file; what it makes of an invocation does.
    let table = "macro_rules! each { ($item:ident) => { [super::one::$item, super::other::$item] }; } \
                 pub(crate) use each;";
    let files = [
        ("lib.rs", "mod room; mod table;"),
        ("table.rs", table),
        ("room/mod.rs", "mod all; mod one; mod other;"),
        ("room/all.rs", "use crate::table::each; pub trait Known {} pub const ALL: [&dyn Known; 2] = each!(KNOWN);"),
        ("room/one.rs", "use super::all::Known; pub const KNOWN: &dyn Known = &1;"),
        ("room/other.rs", "pub const KNOWN: u8 = 2;"),
    ];
    assert_eq!(circles(&of(&files)), ["room/all.rs → room/one.rs (KNOWN) → room/all.rs (Known)"]);
    // Types that an invocation defines are items of the file that it stands in.
    let files = [
        ("lib.rs", "mod a; mod b; mod table;"),
        (
            "table.rs",
            "macro_rules! one_of { (pub enum $name:ident {}) => { pub enum $name { A(crate::b::B) } }; } pub(crate) use one_of;",
        ),
        ("a.rs", "crate::table::one_of! { pub enum Step {} }"),
        ("b.rs", "pub struct B; pub fn fits(_: crate::a::Step) {}"),
    ];
    assert_eq!(told(&files), ["a.rs → b.rs B", "a.rs → table.rs one_of", "b.rs → a.rs Step", "table.rs → b.rs B"]);
    // So do words of any macro, and what a definition says of the crate.
    let found = of(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "pub fn a() { println!(\"{}\", crate::b::b(vec![1])); } pub struct A;"),
        ("b.rs", "macro_rules! named { () => { $crate::a::A }; } pub fn b(_: Vec<u8>) -> u8 { 1 }"),
        ("c.rs", "fn c() { macro_rules! inner { () => { { use crate::a::A; } }; } }"),
    ]);
    assert_eq!(circles(&found), ["a.rs → b.rs (b) → a.rs (A)"]);
    assert!(found.files.iter().any(|one| one.from == "c.rs" && one.to == "a.rs"), "{:?}", found.files);
}

#[test]
fn globs_attributes_and_renamed_files_are_looked_through() {
    let found = told(&[
        ("lib.rs", "mod room; mod a;"),
        ("a.rs", "pub fn small() -> u8 { 1 } pub mod inner { pub struct Inner; }"),
        ("room/mod.rs", "#[cfg(test)] #[path = \"room_tests.rs\"] mod tests; pub struct Room;"),
        ("room/room_tests.rs", "use super::*; use crate::a::*; type Mine = inner::Inner; struct T { room: Room }"),
        ("main.rs", "#[derive(Deserialize)] struct S { #[serde(default = \"sitewright::a::small\")] field: u8 }"),
    ]);
    assert_eq!(
        found,
        [
            "main.rs → a.rs small",
            "room/room_tests.rs → a.rs *",
            "room/room_tests.rs → a.rs Inner",
            "room/room_tests.rs → room/mod.rs *",
            "room/room_tests.rs → room/mod.rs Room",
        ]
    );
}

#[test]
fn rooms_are_those_that_a_path_passes_too() {
    let found = of(&[
        ("lib.rs", "mod ground; mod high; mod low;"),
        ("ground.rs", "pub struct Place;"),
        ("high.rs", "use crate::low::Place; use crate::low as below;"),
        ("low/mod.rs", "pub use crate::ground::Place;"),
    ]);
    let of_high: Vec<&str> =
        found.rooms.iter().filter(|(file, _)| file == "high.rs").map(|(_, room)| room.as_str()).collect();
    assert_eq!(of_high, ["ground", "low"]);
}

#[test]
fn what_leads_nowhere_or_is_not_read_is_told() {
    let found = of(&[("lib.rs", "mod a;"), ("a.rs", "use crate::b::B; fn a() { super::nothing(); self::a(); }")]);
    let paths: Vec<&str> = found.unresolved.iter().map(|(_, path)| path.as_str()).collect();
    assert_eq!(paths, ["crate::b::B", "super::nothing"]);
    let stray = BTreeMap::from([("lib.rs".to_owned(), String::new()), ("a.rs".to_owned(), String::new())]);
    assert!(imports(&stray).unwrap_err().contains("a.rs"));
}
