//! Host lists against Slurm's own tool: what we expand and print is what `scontrol show hostnames` and
//! `show hostlistsorted` make of it. No daemon is asked.

use std::collections::BTreeSet;

use sitewright::resource::hostlist::{HostSet, expand_in_order};

use crate::on_each_release;
use crate::rig::{index_of, without_cluster};

/// A fixed stream of numbers: a failure can be repeated.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    /// A number as it stands in a name: often plain, often padded, sometimes around a change of length.
    fn number(&mut self) -> (u64, usize) {
        let value = match self.below(4) {
            0 => self.below(4),
            1 => self.below(20),
            2 => 95 + self.below(10),
            _ => self.below(1500),
        };
        let width = if self.below(3) == 0 { self.below(5) } else { 0 };
        (value, usize::try_from(width).unwrap())
    }

    fn bracket(&mut self) -> String {
        let ranges: Vec<String> = (0..=self.below(3))
            .map(|_| {
                let (low, width) = self.number();
                let length = self.below(6);
                match length {
                    0 => format!("{low:0width$}"),
                    // The high bound's padding says nothing.
                    1 => format!("{low:0width$}-{:04}", low + length),
                    _ => format!("{low:0width$}-{}", low + length),
                }
            })
            .collect();
        format!("[{}]", ranges.join(","))
    }

    fn item(&mut self) -> String {
        let prefix =
            self.one_of(&["n", "n", "gpu", "N", "a-", "r2n", "r10n", "r01n", "x_", "x.", "node-7-", "", "login"]);
        match self.below(8) {
            0 => format!("{prefix}{}", self.one_of(&["login", "adm", "x1y"])),
            1..=3 => {
                let (value, width) = self.number();
                format!("{prefix}{value:0width$}")
            }
            4 => format!("{prefix}[1-{}]{}{}", 1 + self.below(12), self.one_of(&["", "n", "-b"]), self.bracket()),
            5 if self.below(3) == 0 => {
                format!("{prefix}[{}-{}]b[01-02]c{}", 1, 1 + self.below(3), self.bracket())
            }
            _ => format!("{prefix}{}", self.bracket()),
        }
    }

    fn list(&mut self) -> String {
        let items: Vec<String> = (0..=self.below(6)).map(|_| self.item()).collect();
        items.join(",")
    }
}

/// Answers of one `scontrol` to many questions, which it echoes behind its prompt.
fn ask(release: &str, questions: &[String]) -> Vec<String> {
    let input: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let ran = without_cluster(release, &["scontrol"], &input);
    let answers: Vec<String> = ran
        .out
        .split("scontrol: ")
        .skip(1)
        .take(questions.len())
        .map(|part| part.split_once('\n').map_or("", |(_, answer)| answer).trim_end().to_owned())
        .collect();
    assert_eq!(answers.len(), questions.len(), "{}", ran.error);
    answers
}

/// Whether Slurm may print one set of hosts in several ways: `a9` and `a10` are neighbours, and so are `a09` and `a10`.
fn has_two_neighbours(names: &[String]) -> bool {
    let digits_of = |name: &str| name.len() - name.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    let padded: BTreeSet<(&str, usize)> = names
        .iter()
        .map(|name| (name.split_at(name.len() - digits_of(name)), digits_of(name)))
        .filter(|((_, digits), width)| digits.starts_with('0') && *width > 1)
        .map(|((prefix, _), width)| (prefix, width))
        .collect();
    names.iter().any(|name| {
        let (prefix, digits) = name.split_at(name.len() - digits_of(name));
        !digits.is_empty() && digits.bytes().all(|digit| digit == b'9') && padded.contains(&(prefix, digits.len() + 1))
    })
}

fn two_thousand_lists(release: &'static str) {
    let mut numbers = Numbers(0x5eed);
    let lists: Vec<String> = (0..2000).map(|_| numbers.list()).collect();
    let questions = |verb: &str, texts: &[String]| -> Vec<String> {
        texts.iter().map(|text| format!("show {verb} {text}")).collect()
    };
    let expanded = ask(release, &questions("hostnames", &lists));
    let mut shuffled = Vec::new();
    for (list, answer) in lists.iter().zip(&expanded) {
        assert_eq!(expand_in_order(list).unwrap(), answer.lines().collect::<Vec<_>>(), "{list}");
        // Each host once, since `hostlistsorted` keeps repetitions, and in any order.
        let mut names: Vec<String> = HostSet::parse(list).unwrap().iter().map(ToOwned::to_owned).collect();
        for last in (1..names.len()).rev() {
            names.swap(last, usize::try_from(numbers.below(last as u64 + 1)).unwrap());
        }
        shuffled.push(names);
    }
    let joined: Vec<String> = shuffled.iter().map(|names| names.join(",")).collect();
    let sorted = ask(release, &questions("hostlistsorted", &joined));
    let mut compared = 0;
    for ((list, names), answer) in lists.iter().zip(&shuffled).zip(&sorted) {
        let ours = HostSet::parse(list).unwrap();
        assert_eq!(&HostSet::parse_lenient(answer).unwrap(), &ours, "{list}");
        if !has_two_neighbours(names) {
            assert_eq!(&ours.to_string(), answer, "{list}");
            compared += 1;
        }
    }
    assert!(compared > 1900, "only {compared} could be compared as text");
    // What we print, `hostlist` prints again: it needs no order of its own.
    let canonical: Vec<String> = lists.iter().map(|list| HostSet::parse(list).unwrap().to_string()).collect();
    assert_eq!(ask(release, &questions("hostlist", &canonical)), canonical);
}

/// A text, what each release makes of it (nothing where it refuses; the last answer is that of later releases too), and
/// what we do: what people write, what Slurm prints.
type Otherwise = (&'static str, &'static [&'static [&'static str]], bool, Option<&'static [&'static str]>);

#[rustfmt::skip]
const OTHERWISE: &[Otherwise] = &[
    // Quirks that Slurm tolerates with surprising results.
    ("n[1-3",        &[&["n]"], &[]],                               false, None),
    ("n[1-3, 5]",    &[&["n1", "n2", "n3", "n05"], &["n1", "n2", "n3", "n05"]], false, None),
    ("n[+1-3]",      &[&["n01", "n02", "n03"], &["n01", "n02", "n03"]], false, None),
    ("n[[1]]",       &[&[], &["n[1]"]],                             false, None),
    ("n1]",          &[&["n1]"], &["n1]"]],                         false, Some(&["n1]"])),
    ("n[1-2]]",      &[&[], &["n1]", "n2]"]],                       false, Some(&["n1]", "n2]"])),
    ("n1,,n2",       &[&["n1", "n2"], &["n1", "n2"]],               false, Some(&["n1", "n2"])),
    ("n1 n2\tn3\nn4", &[&["n1", "n2", "n3", "n4"], &["n1", "n2", "n3", "n4"]], false, Some(&["n1", "n2", "n3", "n4"])),
    // Resolved by the controller from 25.05 on, which knows no such feature here; a name before.
    ("feature{a}",   &[&["feature{a}"], &["feature{a}"], &[]],      false, Some(&["feature{a}"])),
    // Refused by all.
    ("n[3-1]",       &[&[], &[]],                                   false, None),
    ("n[1-a]",       &[&[], &[]],                                   false, None),
    ("n[]",          &[&[], &[]],                                   false, None),
    ("n[1,]",        &[&[], &[]],                                   false, None),
    ("n[0-65536]",   &[&[], &[]],                                   false, None),
    ("bgl[000x133]", &[&[], &[]],                                   false, None),
    // Text behind the last bracket came with 23.11; we write such names out.
    ("n[1-2]-ib",    &[&[], &["n1-ib", "n2-ib"]],                   true,  Some(&["n1-ib", "n2-ib"])),
    // Numbers on which Slurm's own tools fail sooner or later.
    ("n[1000000000000000000-1000000000000000001]", &[&["n1000000000000000000", "n1000000000000000001"], &["n1000000000000000000", "n1000000000000000001"]], false, None),
    ("n[100000000000000000-100000000000000001]", &[&["n100000000000000000", "n100000000000000001"], &["n100000000000000000", "n100000000000000001"]], true, Some(&["n100000000000000000", "n100000000000000001"])),
];

fn differences_are_on_purpose(release: &'static str) {
    let index = index_of(release);
    let show =
        |verb: &str, text: &str| without_cluster(release, &["scontrol", "show", verb, text], "").out.trim().to_owned();
    for (text, theirs, strict, lenient) in OTHERWISE {
        assert_eq!(show("hostnames", text).lines().collect::<Vec<_>>(), theirs[index.min(theirs.len() - 1)], "{text}");
        assert_eq!(HostSet::parse(text).is_ok(), *strict, "{text}");
        assert_eq!(
            expand_in_order(text).ok(),
            lenient.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            "{text}"
        );
    }
    // Slurm's sorting keeps repetitions, and depends on the order in which it was told: we print the set.
    for (text, hostlist, sorted, ours) in [
        ("n3,n1,n2,n1", "n[3,1-2,1]", "n[1,1-3]", "n[1-3]"),
        ("n[1-3],n2", "n[1-3,2]", "n[1-2,2-3]", "n[1-3]"),
        ("a9,a10,a09", "a[9-10,09]", "a[9-10,09]", "a[9,09-10]"),
        ("a9,a09,a10", "a[9,09-10]", "a[9,09-10]", "a[9,09-10]"),
    ] {
        assert_eq!(
            (show("hostlist", text).as_str(), show("hostlistsorted", text).as_str()),
            (hostlist, sorted),
            "{text}"
        );
        assert_eq!(HostSet::parse(text).unwrap().to_string(), ours, "{text}");
    }
    // A single range goes as far as Slurm's; we end a whole list there too.
    assert_eq!(show("hostnames", "n[0-65535]").lines().count(), HostSet::parse("n[0-65535]").unwrap().len());
    assert_eq!(show("hostnames", "n[0-65535],m1").lines().count(), 65_537);
    assert!(HostSet::parse("n[0-65535],m1").is_err() && expand_in_order("n[0-65535],m1").is_err());
}

on_each_release!(two_thousand_lists, differences_are_on_purpose);
