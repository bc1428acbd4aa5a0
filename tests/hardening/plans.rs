//! Saved plans: where they are written, whether they are as they were saved, and what of them reaches a terminal.

use sitewright::diff::Taken;

use super::{Folder, fake, mode};

fn saved() -> Folder {
    let folder = Folder::with_site();
    folder.run(&["plan", "--out", "plan.json"]).expect(0);
    folder
}

#[test]
fn a_plan_overwrites_nothing_but_a_plan() {
    let folder = saved();
    folder.write("notes.json", "{\"format\": \"of mine\"}\n");
    folder.write("empty.json", "");
    folder.write("precious", "precious");
    folder.link("link.json", "precious");
    folder.link("dangling.json", "gone");
    std::fs::create_dir(folder.path("folder.json")).unwrap();
    let site = folder.read("site.yaml");
    for out in [
        "site.yaml",
        "new.yaml",
        "notes.json",
        "empty.json",
        "precious",
        "link.json",
        "dangling.json",
        "folder.json",
        "/dev/null",
        "plan.json/plan.json",
    ] {
        let ran = folder.run(&["plan", "--out", out]).expect(1);
        assert!(
            ran.error.starts_with("error[bad-plan-file]: ") && ran.error.contains("hint: ") && ran.out.is_empty(),
            "{out}: {}",
            ran.all()
        );
    }
    assert_eq!(folder.read("site.yaml"), site);
    assert_eq!(folder.read("precious"), "precious");
    assert!(!folder.path("gone").exists() && !folder.path("new.yaml").exists());
    assert!(std::os::unix::fs::FileTypeExt::is_char_device(&std::fs::metadata("/dev/null").unwrap().file_type()));
    std::fs::remove_file(folder.path("dangling.json")).unwrap();
    // Over itself, and over one of another version that was cut by hand.
    folder.run(&["plan", "--out", "plan.json"]).expect(0);
    folder.write("plan.json", "{\"format\":7,\"tool\":\"9.0.0\",\"factory\":\"nordlys\",\"manifests\":\"0\"}");
    folder.run(&["plan", "--out", "plan.json"]).expect(0);
    folder.run(&["apply", "plan.json", "--yes"]).expect(0);
    let left: Vec<_> = std::fs::read_dir(folder.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!left.iter().any(|name| name.contains(".new")), "{left:?}");
}

#[test]
fn a_plan_that_cannot_be_written_is_told() {
    let ran = Folder::with_site().run(&["plan", "--out", "no/such/folder/plan.json"]).expect(1);
    assert!(ran.error.contains("error: failed to write no/such/folder/plan.json: "), "{}", ran.error);
}

#[test]
fn an_edited_plan_is_refused() {
    for (from, to) in [
        ("\"factory\":\"nordlys\"", "\"factory\":\"solsken\""),
        ("\"deletes\":10", "\"deletes\":999"),
        ("\"deleteShare\":50", "\"deleteShare\":100"),
        ("\"Priority\":50", "\"Priority\":60"),
        ("\"operation\":\"create\"", "\"operation\":\"delete\""),
        ("\"destroying\":false", "\"destroying\":true"),
        ("\"checksum\":", "\"check\":"),
        ("\"at\":\"2", "\"at\":\"1"),
    ] {
        let folder = saved();
        let text = folder.read("plan.json");
        assert!(text.contains(from), "{from}: {text}");
        folder.write("plan.json", &text.replace(from, to));
        for words in [&["show", "plan.json"][..], &["apply", "plan.json", "--yes"]] {
            let ran = folder.run(words).expect(1);
            assert!(
                ran.error.starts_with("error[bad-plan-file]: `plan.json` is no plan: its checksum does not fit"),
                "{from}: {}",
                ran.error
            );
        }
        assert!(!folder.path(".sitewright").exists());
    }
}

/// With a checksum computed anew: what is applied is what is planned now, and nothing else.
fn forged(folder: &Folder, edit: impl Fn(&mut sitewright::plan::Plan)) {
    let mut plan = sitewright::plan::from_text(&folder.read("plan.json")).unwrap();
    edit(&mut plan);
    folder.write("plan.json", &sitewright::plan::to_text(&plan));
}

/// A field that is somebody else's.
fn taken() -> Taken {
    Taken { path: "Description".to_owned(), manager: "bo".to_owned(), version: String::new(), place: None }
}

#[test]
fn a_forged_plan_is_refused_too() {
    type Edit = fn(&mut sitewright::plan::Plan);
    let edits: [(Edit, i32, &str); 5] = [
        (|plan| plan.at = "2020-02-31".to_owned(), 1, "no day"),
        (|plan| plan.actions.truncate(1), 3, "what it would do is not what is to be done"),
        (|plan| plan.targets[0].identity.kind = "slurm".to_owned(), 3, "its targets were `compute → slurm`"),
        (|plan| plan.factory = "solsken".to_owned(), 3, "`solsken`"),
        (|plan| plan.changes[0].takes.push(taken()), 1, "was not asked for"),
    ];
    for (edit, exit, why) in edits {
        let folder = saved();
        forged(&folder, edit);
        let ran = folder.run(&["apply", "plan.json", "--yes"]).expect(exit);
        assert!(ran.error.contains(why) && ran.error.contains("hint: "), "{why}: {}", ran.error);
        assert!(!folder.path(".sitewright/default-compute.twin").exists());
    }
}

/// Whoever can write the file can make a plan that destroys; no flag of `apply` agrees to that.
#[test]
fn a_forged_plan_that_destroys_is_not_applied() {
    let folder = Folder::with_site();
    folder.run(&["apply", "--yes"]).expect(0);
    folder.write("site.yaml", &fake::SITE.replace("priority: 50", "priority: 60"));
    folder.run(&["plan", "--out", "plan.json"]).expect(0);
    forged(&folder, |plan| {
        plan.destroying = true;
        for change in &mut plan.changes {
            change.operation = sitewright::diff::Operation::Delete;
            change.fields.clear();
        }
    });
    let before = folder.read(".sitewright/default-compute.twin");
    for words in [&["apply", "plan.json", "--yes"][..], &["apply", "plan.json"]] {
        let ran = folder.run(words);
        assert_ne!(ran.code, 0, "{}", ran.all());
        assert!(!ran.out.contains("Applied"), "{}", ran.all());
        assert_eq!(folder.read(".sitewright/default-compute.twin"), before);
    }
}

/// What a shortened plan leaves out is said.
#[test]
fn a_plan_that_was_shortened_says_what_it_leaves_out() {
    let folder = saved();
    forged(&folder, |plan| {
        let kept = plan.changes[0].address.clone();
        plan.changes.truncate(1);
        plan.actions.retain(|action| action.addresses.contains(&kept));
    });
    let ran = folder.run(&["apply", "plan.json", "--yes"]);
    assert!(ran.code != 0 || ran.all().contains("not in the saved plan"), "{}", ran.all());
}

#[test]
fn no_text_of_a_plan_reaches_the_terminal_as_it_is() {
    let folder = Folder::with_site();
    folder.run(&["apply", "--yes"]).expect(0);
    folder.write("site.yaml", &format!("{}{}", fake::SITE.replace("priority: 50", "priority: 60"), mode("fast")));
    folder.run(&["plan", "--out", "plan.json"]).expect(0);
    let odd = "x\n  No changes.\u{1b}[2K\u{9b}1A\u{202e}\r";
    let plain = sitewright::plan::from_text(&folder.read("plan.json")).unwrap();
    // Into each text of the plan in turn.
    let texts = serde_json::to_value(&plain).unwrap();
    let mut paths = Vec::new();
    strings(&texts, String::new(), &mut paths);
    assert!(paths.len() > 25, "{paths:?}");
    let mut shown = 0;
    for path in paths {
        let mut value = texts.clone();
        let text = value.pointer_mut(&path).unwrap();
        let before = text.as_str().unwrap().to_owned();
        *text = format!("{before}{odd}").into();
        let Ok(plan) = serde_json::from_value(value) else { continue };
        folder.write("plan.json", &sitewright::plan::to_text(&plan));
        for words in [
            &["show", "plan.json", "--show", "all", "--stats"][..],
            &["show", "plan.json", "--format", "json"],
            &["apply", "plan.json"],
        ] {
            let ran = folder.run(words);
            assert!(!ran.all().contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r']), "{path}: {:?}", ran.all());
            assert!(!ran.all().lines().any(|line| line == "  No changes."), "{path}: {}", ran.all());
            shown += usize::from(ran.out.contains("No changes.\\u"));
        }
    }
    assert!(shown > 20, "{shown}");
}

/// Pointers to all strings of a document.
fn strings(value: &serde_json::Value, path: String, paths: &mut Vec<String>) {
    match value {
        serde_json::Value::String(_) => paths.push(path),
        serde_json::Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| strings(item, format!("{path}/{index}"), paths));
        }
        serde_json::Value::Object(map) => {
            map.iter().for_each(|(key, item)| {
                strings(item, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), paths);
            });
        }
        _ => {}
    }
}

#[test]
fn no_text_of_a_manifest_or_a_file_name_does_either() {
    let folder = Folder::with_site();
    let site = fake::SITE.replace("priority: 50", "description: \"a\\e[2Jb\", share: 12\u{9b}, x\u{202e}y: 1");
    folder.write("a\u{1b}[31m\nz.yaml", &site);
    folder.write("site.yaml", "spec: [\u{9b}\u{202e}");
    for words in [&["validate"][..], &["plan"], &["validate", "--format", "json"]] {
        let ran = folder.run(words).expect(1);
        assert!(!ran.all().contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{:?}", ran.all());
        assert!(ran.all().contains("\\u{1b}[31m\\nz.yaml") || words.len() > 2, "{}", ran.all());
    }
}

#[test]
fn no_answer_of_a_cluster_does_either() {
    let fake = fake::Fake::new();
    fake.write("answers/config.said", "error: \u{1b}[2J\u{9b}no\n");
    fake.write("answers/config.code", "1");
    fake.write("answers/config.raw", "");
    for words in [&["plan", "--env", "cluster"][..], &["doctor", "--env", "cluster"]] {
        let ran = fake.tool(words).expect(1);
        assert!(!ran.all().contains(['\u{1b}', '\u{9b}']), "{:?}", ran.all());
    }
}
