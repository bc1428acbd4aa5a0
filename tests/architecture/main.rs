//! Data flows one way: a room imports rooms above it, never below; only some reach the outside.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod circles;
mod imports;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rooms in order. A room may import those that stand before it.
const ORDER: [&str; 17] = [
    "ground",
    "resource",
    "diagnostics",
    "slurm",
    "kubernetes",
    "targets",
    "manifest",
    "model",
    "rules",
    "desired",
    "live",
    "diff",
    "plan",
    "session",
    "apply",
    "report",
    "cli",
];

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

/// Texts of all files of the crate, by their paths below `src`.
fn texts() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root, &mut all);
    let named = all.into_iter().map(|path| {
        let relative = path.strip_prefix(&root).unwrap().display().to_string();
        (relative, std::fs::read_to_string(&path).unwrap())
    });
    named.collect()
}

/// Room, path below `src` and text of each file of a room.
fn sources() -> Vec<(String, String, String)> {
    let of_rooms = texts().into_iter().filter_map(|(file, text)| {
        let room = file.split('/').next()?.trim_end_matches(".rs").to_owned();
        ORDER.contains(&room.as_str()).then_some((room, file, text))
    });
    of_rooms.collect()
}

#[test]
fn imports_go_up() {
    let rank = |room: &str| ORDER.iter().position(|one| *one == room).unwrap();
    let mut wrong = Vec::new();
    for (room, file, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            for part in line.split("crate::").skip(1) {
                let used: String =
                    part.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
                if !ORDER.contains(&used.as_str()) || rank(&used) <= rank(&room) {
                    continue;
                }
                wrong.push(format!("src/{file}:{}: {room} imports {used}", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_some_rooms_reach_outside() {
    let mut wrong = Vec::new();
    for (room, file, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let network = line.contains("tokio::") && !["live", "apply", "cli"].contains(&room.as_str());
            let terminal =
                ["println!", "eprintln!", "print!(", "io::stdout", "io::stderr"].iter().any(|word| line.contains(word))
                    && !["cli", "report"].contains(&room.as_str());
            if network || terminal {
                wrong.push(format!("src/{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rows of the table of targets: `each!` names the module of each.
fn targets() -> Vec<String> {
    let table = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/targets.rs")).unwrap();
    let row = table.lines().find(|line| line.contains("::$item")).unwrap();
    let names: Vec<String> =
        row.split("super::").skip(1).filter_map(|part| Some(part.split_once("::$item")?.0.to_owned())).collect();
    assert!(names.len() > 1, "{row}");
    names
}

/// Shared files that name a target all the same, and why.
const NAMING: [(&str, &str); 16] = [
    ("cli/doctor.rs", "--slurm-conf lints a file and no target"),
    ("model/collect/mod.rs", "what manifests say without a block of a target is in Slurm's fields"),
    ("model/collect/raw.rs", "the same: the `slurm:` map of a kind"),
    ("model/collect/tres.rs", "the same"),
    ("model/collect/walk.rs", "the same"),
    ("model/rows/said.rs", "the same"),
    ("model/rows/text.rs", "the same: sizes are written as Slurm writes them"),
    ("model/rows/written.rs", "the same: flags of a QOS are spelt as Slurm spells them"),
    ("model/rows/words.rs", "the same"),
    ("model/node.rs", "the same"),
    ("model/tables.rs", "the same: a service that runs on Slurm has a table of its own"),
    ("model/accounts.rs", "the same: the `slurm:` map of a kind"),
    ("model/mode.rs", "the same"),
    ("model/bounds.rs", "the same"),
    ("model/partition.rs", "the same"),
    ("model/units.rs", "the same: sizes and times are read as Slurm reads them"),
];

/// Code without comments, texts, and the tests at its end.
fn bare(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut bare = String::new();
    for line in text.lines() {
        let mut letters = line.chars().peekable();
        let mut quoted = false;
        while let Some(letter) = letters.next() {
            match letter {
                '\\' if quoted => {
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

/// Words of the names in a line of code: `is_kubernetes` and `KubernetesFacts` have one of a target.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in line.chars() {
        if !letter.is_ascii_lowercase() {
            words.push(String::new());
        }
        if let Some(last) = words.last_mut().filter(|_| letter.is_ascii_alphanumeric()) {
            last.push(letter.to_ascii_lowercase());
        }
    }
    words
}

#[test]
fn a_third_target_touches_its_folders_and_the_table() {
    let targets = targets();
    let is_target = |name: &str| targets.iter().any(|target| target == name);
    let mut wrong = Vec::new();
    let mut named: Vec<&str> = Vec::new();
    for (room, file, text) in sources() {
        let own = file.split('/').any(|part| is_target(part.trim_end_matches(".rs")));
        let blocks = file.starts_with("manifest/v1alpha1/") || file.starts_with("diagnostics/codes/");
        if own || blocks || room == "targets" {
            continue;
        }
        for (number, line) in bare(&text).lines().enumerate() {
            let declares =
                targets.iter().any(|target| line.trim_start_matches("pub ").trim() == format!("mod {target};"));
            let names = words(line).iter().any(|word| is_target(word));
            if !names || declares {
                continue;
            }
            match NAMING.iter().find(|(one, _)| *one == file) {
                Some((one, _)) => named.push(one),
                None => wrong.push(format!("src/{file}:{}: {}", number + 1, line.trim())),
            }
        }
    }
    wrong.extend(NAMING.iter().filter(|(one, _)| !named.contains(one)).map(|(one, _)| format!("{one} names none")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
