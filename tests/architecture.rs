//! Data flows one way: a room imports rooms above it, never below; only some reach the outside.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::path::{Path, PathBuf};

/// Rooms in order. A room may import those that stand before it.
const ORDER: [&str; 15] = [
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

fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root, &mut all);
    all.into_iter()
        .filter_map(|path| {
            let relative = path.strip_prefix(&root).unwrap().display().to_string();
            let room = relative.split('/').next()?.trim_end_matches(".rs").to_owned();
            ORDER.contains(&room.as_str()).then(|| (room, relative, std::fs::read_to_string(&path).unwrap()))
        })
        .collect()
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
                // Places and paths know each other.
                if room == "resource" && used == "diagnostics" {
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
