//! Verbs that only read: their code reaches nothing that writes a target, and each reads a target once.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]
#![expect(unreachable_pub, dead_code, reason = "the stand-in is shared with other test programs")]

mod fake;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fake::Fake;

/// Modules of the crate by their path (`cli::plan`), each with its file and its code.
struct Crate(BTreeMap<String, (String, String)>);

/// Code without comments, texts, and the tests at its end.
fn bare(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    // Who may see an item is no use of it.
    let text = &text.replace("pub(in crate::", "pub(in ");
    let mut bare = String::new();
    let mut quoted = false;
    for line in text.lines() {
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' if quoted => {
                    letters.next();
                }
                // A quotation mark as a letter.
                '\'' if !quoted && letters.clone().take(2).collect::<String>() == "\"'" => {
                    letters.next();
                    letters.next();
                }
                '"' => quoted = !quoted,
                '/' if !quoted && letters.peek() == Some(&'/') => break,
                _ if !quoted => bare.push(letter),
                _ => {}
            }
        }
        bare.push('\n');
    }
    bare
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// `a::{b, c::{self, d as e}}` → `a::b`, `a::c`, `a::c::d`, each with the name that it has from then on.
fn expanded(tree: &str, before: &str, all: &mut Vec<(String, String)>) {
    let tree = tree.trim();
    if let Some((head, rest)) = tree.split_once('{') {
        let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
        let (mut depth, mut part) = (0, String::new());
        for letter in inner.chars().chain([',']) {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    if !part.trim().is_empty() {
                        expanded(&part, &format!("{before}{}", head.trim()), all);
                    }
                    part.clear();
                    continue;
                }
                _ => {}
            }
            part.push(letter);
        }
        return;
    }
    let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
    let path = format!("{before}{}", path.trim());
    let path = path.strip_suffix("::self").unwrap_or(&path).to_owned();
    let last = path.rsplit("::").next().unwrap_or_default().to_owned();
    all.push((path, if name.is_empty() { last } else { name.trim().to_owned() }));
}

/// Paths that a file imports, each with the name that it has there.
fn imports(code: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for part in code.split("use ").skip(1).filter_map(|part| part.split_once(';')) {
        expanded(&part.0.replace('\n', " "), "", &mut all);
    }
    all
}

/// Every path that stands in the code as such: `crate::plan::codes`, `kubernetes::diagnostic`.
fn paths(code: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for word in code.split(|letter| !is_word(letter) && letter != ':') {
        // What ends so is the head of a tree of imports.
        if word.contains("::") && !word.ends_with(':') {
            all.insert(word.trim_matches(':').to_owned());
        }
    }
    all
}

impl Crate {
    fn of(files: impl Iterator<Item = (String, String)>) -> Self {
        let module = |file: &str| {
            let path = file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
            if path == "lib" { String::new() } else { path }
        };
        Self(files.map(|(file, text)| (module(&file), (file, bare(&text)))).collect())
    }

    fn real() -> Self {
        fn walk(root: &Path, folder: &Path, all: &mut Vec<(String, String)>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, all);
                } else {
                    let name = path.strip_prefix(root).unwrap().display().to_string();
                    all.push((name, std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut all = Vec::new();
        walk(&root, &root, &mut all);
        Self::of(all.into_iter())
    }

    fn join(module: &str, name: &str) -> String {
        if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
    }

    /// The module that defines what a path in a module means; re-exports are followed. `None` for what is no part of the
    /// crate.
    fn defining(&self, module: &str, path: &str, depth: usize) -> Option<String> {
        if depth > 16 {
            return None;
        }
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        let parent = || module.rsplit_once("::").map_or("", |(parent, _)| parent).to_owned();
        let (base, rest) = match first {
            "crate" => (String::new(), rest),
            "super" => (parent(), rest),
            "self" => (module.to_owned(), rest),
            _ if self.0.contains_key(&Self::join(module, first)) => (Self::join(module, first), rest),
            _ => {
                let (_, code) = self.0.get(module)?;
                let (imported, _) = imports(code).into_iter().find(|(_, name)| name == first)?;
                let whole = if rest.is_empty() { imported } else { format!("{imported}::{rest}") };
                // A crate outside has the same first word as what it is imported as.
                if whole == path {
                    return None;
                }
                return self.defining(module, &whole, depth + 1);
            }
        };
        match rest {
            "" => Some(base),
            rest if rest.starts_with("super::") => self.defining(&base, rest, depth + 1),
            rest => {
                let (next, _) = rest.split_once("::").unwrap_or((rest, ""));
                let (_, code) = self.0.get(&base)?;
                if self.0.contains_key(&Self::join(&base, next)) || imports(code).iter().any(|(_, name)| name == next) {
                    return self.defining(&base, rest, depth + 1);
                }
                Some(base)
            }
        }
    }

    /// Modules whose items a module uses.
    fn used(&self, module: &str) -> BTreeSet<String> {
        // What a module re-exports is used by whoever names it.
        let mut code = String::new();
        for (index, part) in self.0[module].1.split("pub use ").enumerate() {
            code.push_str(if index == 0 { part } else { part.split_once(';').map_or("", |(_, rest)| rest) });
        }
        let code = &code;
        let all = imports(code);
        let mut used: BTreeSet<String> = paths(code);
        used.extend(all.into_iter().map(|(path, _)| path));
        // The macros of the table of targets name modules beside the one that calls them.
        for (macro_name, after) in [("each!(", ""), ("one_of!", "pub enum ")] {
            for part in code.split(macro_name).skip(1) {
                let named = if after.is_empty() { part } else { part.split_once(after).map_or("", |(_, rest)| rest) };
                let name: String = named.chars().take_while(|letter| is_word(*letter)).collect();
                used.extend(["slurm", "kubernetes"].map(|target| format!("super::{target}::{name}")));
            }
        }
        let mut found: BTreeSet<String> = used.iter().filter_map(|path| self.defining(module, path, 0)).collect();
        found.remove(module);
        found
    }

    /// All that a module reaches, each with the module through which it is reached first.
    fn reached(&self, start: &str) -> BTreeMap<String, String> {
        let mut reached = BTreeMap::from([(start.to_owned(), String::new())]);
        let mut open = vec![start.to_owned()];
        while let Some(module) = open.pop() {
            for next in self.used(&module) {
                if self.0.contains_key(&next) && !reached.contains_key(&next) {
                    reached.insert(next.clone(), module.clone());
                    open.push(next);
                }
            }
        }
        reached
    }

    /// How a start reaches a room, module by module.
    fn way_into(&self, start: &str, room: &str) -> Option<String> {
        let reached = self.reached(start);
        let mut here = reached.keys().find(|module| module.split("::").next() == Some(room))?.clone();
        let mut way = vec![here.clone()];
        while let Some(before) = reached.get(&here).filter(|before| !before.is_empty()) {
            here.clone_from(before);
            way.push(here.clone());
        }
        way.reverse();
        Some(way.join(" → "))
    }
}

#[test]
fn verbs_that_read_reach_nothing_that_writes() {
    let all = Crate::real();
    for verb in ["validate", "plan", "doctor", "render", "explain", "init"] {
        let start = format!("cli::{verb}");
        assert_eq!(all.way_into(&start, "apply"), None, "{verb} reaches what writes a target");
    }
    // The search sees what is there.
    assert!(all.way_into("cli::apply", "apply").is_some());
    let plan = all.reached("cli::plan");
    for module in [
        "cli::session",
        "session",
        "live::kubernetes::observe",
        "live::slurm",
        "diff::kubernetes::judge",
        "plan::build",
    ] {
        assert!(plan.contains_key(module), "{module}: {:?}", plan.keys());
    }
}

#[test]
fn the_search_follows_names_to_where_they_are_defined() {
    let files = [
        ("lib.rs", "pub mod a; pub mod b; pub mod apply; mod targets;"),
        ("a.rs", "use crate::b::{self, Deep as Shallow};\nfn f() { b::inner::g(); }\n// crate::apply::never\n"),
        ("b/mod.rs", "mod inner; mod other; pub use inner::Deep; pub use other::Unused;"),
        ("b/inner.rs", "pub struct Deep; fn g() { super::super::c::h() }"),
        ("b/other.rs", "use crate::apply::Writer; pub struct Unused;"),
        ("c.rs", "fn h() { \"crate::apply::Writer\"; crate::d::K }"),
        ("d/mod.rs", "mod slurm; mod kubernetes; mod table; pub use table::K;"),
        ("d/table.rs", "pub const K: &[u8] = &each!(TARGET);"),
        ("d/slurm.rs", "pub const TARGET: u8 = 1;"),
        ("d/kubernetes.rs", "pub const TARGET: u8 = crate::apply::X;"),
        ("apply.rs", "pub struct Writer; pub const X: u8 = 2;"),
    ];
    let all = Crate::of(files.into_iter().map(|(file, text)| (file.to_owned(), text.to_owned())));
    assert_eq!(all.way_into("b", "apply"), None, "a module does not reach its children by declaring them");
    assert_eq!(all.way_into("a", "apply").unwrap(), "a → b::inner → c → d::table → d::kubernetes → apply");
    assert!(!all.reached("a").contains_key("b::other"), "what is re-exported beside it is not used");
}

/// Binds the cluster of the stand-in behind a script that notes each program.
fn counting(fake: &Fake) {
    fake.write("note", "#!/bin/sh\nlog=$1; shift\necho \"$*\" >> \"$log\"\nexec sh \"$@\"\n");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake/cluster");
    let words = ["note", "log"].map(|name| fake.path(name)).into_iter().chain([script, fake.path("answers")]);
    let words: Vec<String> = words.map(|path| format!("\"{}\"", path.display())).collect();
    let prefix = format!("[sh, {}]", words.join(", "));
    fake.write(
        "sitewright.yaml",
        &format!("targets: {{ compute: {{ cluster: {{ slurm: {{ prefix: {prefix} }} }} }} }}\n"),
    );
}

/// Programs that were run, and how often partitions were asked for before the first write.
fn readings(fake: &Fake) -> (String, usize) {
    let log = std::fs::read_to_string(fake.path("log")).unwrap();
    std::fs::remove_file(fake.path("log")).unwrap();
    let before: Vec<&str> = log.lines().take_while(|line| !line.contains("sacctmgr -i")).collect();
    let count = before.iter().filter(|line| line.ends_with("scontrol -a -o show partition")).count();
    (log, count)
}

#[test]
fn each_verb_reads_a_target_once() {
    let fake = Fake::new();
    counting(&fake);
    fake.write("site.yaml", &fake::SITE.replace("priority: 50", "priority: 60"));
    for verb in [&["plan"][..], &["plan", "--out", "plan.json"], &["doctor"]] {
        fake.tool(&[verb, &["--env", "cluster"]].concat());
        let (log, count) = readings(&fake);
        assert_eq!(count, 1, "{verb:?}:\n{log}");
    }
    for apply in [&["apply", "--yes", "--env", "cluster"][..], &["apply", "plan.json", "--yes"]] {
        fake.tool(apply);
        let (log, count) = readings(&fake);
        assert_eq!(count, 1, "{apply:?}:\n{log}");
        let place =
            |what: &str| log.lines().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}:\n{log}"));
        assert!(place(".sitewright.lock") < place("show partition"), "it is read under the lock:\n{log}");
        assert!(place("show partition") < place("sacctmgr -i"), "it is read before it is written:\n{log}");
    }
}
