//! Apply while it works, and what it came to.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::json::VERSION;
use super::printable::{Json, printable};
use super::style::{Style, count};
use super::wrap::after_painted;
use crate::apply::{Event, Outcome, Summary};
use crate::resource::Address;

/// Progress on a terminal; in a pipe only what went wrong.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    titles: BTreeMap<u32, String>,
}

impl Progress {
    /// For a terminal, or quiet.
    pub fn new(terminal: bool, actions: usize) -> Self {
        let bar = terminal.then(|| {
            let bar = ProgressBar::with_draw_target(Some(actions as u64), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("[{pos:>3}/{len}] {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar, titles: BTreeMap::new() }
    }

    /// Takes an event; returns a line to print, if there is one.
    pub fn take(&mut self, event: &Event) -> Option<String> {
        match event {
            Event::Started { id, title, .. } => {
                let title = printable(title).into_owned();
                self.titles.insert(*id, title.clone());
                if let Some(bar) = &self.bar {
                    bar.set_message(title);
                }
                None
            }
            Event::Waiting { id, what } => {
                if let Some(bar) = &self.bar {
                    let title = self.titles.get(id).cloned().unwrap_or_default();
                    bar.set_message(format!("{title}: {}", printable(what)));
                }
                None
            }
            Event::Ended { id, outcome } => {
                if let Some(bar) = &self.bar {
                    bar.inc(1);
                }
                match outcome {
                    Outcome::Failed(why) | Outcome::Partly(why) => {
                        let title = self.titles.get(id).cloned().unwrap_or_default();
                        let line = format!("failed: {title}: {}", printable(why));
                        match &self.bar {
                            Some(bar) => {
                                bar.println(line);
                                None
                            }
                            None => Some(line),
                        }
                    }
                    _ => None,
                }
            }
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Resources with what became of them, those of the same reason in one line.
fn together(word: &str, all: &[(Address, String)], said: &str, style: Style) -> String {
    let mut reasons: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
    for (address, why) in all {
        reasons.entry(why).or_default().push(address);
    }
    let mut text = String::new();
    for (why, addresses) in reasons.iter().take(20) {
        let Some(first) = addresses.first() else { continue };
        let which = match addresses.len() {
            1 => first.to_string(),
            many => format!("{many} resources, first {first}"),
        };
        let line = printable(&format!("{which}: {said}{why}")).into_owned();
        text.push_str(&after_painted((word, &style.yellow(word)), &line, 2, style.width));
    }
    if reasons.len() > 20 {
        text.push_str(&format!("… and {} more reasons\n", reasons.len() - 20));
    }
    text
}

/// What an apply came to, as a JSON document.
pub fn summary_json(summary: &Summary) -> Json {
    Json(json!({"version": VERSION, "summary": summary}))
}

/// What an apply came to.
pub fn summary(summary: &Summary, style: Style) -> String {
    let mut parts = Vec::new();
    for (number, word) in [(summary.created, "created"), (summary.changed, "changed"), (summary.deleted, "deleted")] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    if !summary.unseen.is_empty() {
        parts.push(format!("{} accepted and not read back", summary.unseen.len()));
    }
    let done = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
    let seconds = format!("{:.1} s", summary.seconds);
    let mut text = String::new();
    if summary.is_complete() {
        return format!("{} {done} ({seconds})\n", style.green("Applied:"));
    }
    for (address, why) in summary.failed.iter().take(20) {
        let line = printable(&format!("{address}: {why}")).into_owned();
        text.push_str(&after_painted(("failed:", &style.red("failed:")), &line, 2, style.width));
    }
    if summary.failed.len() > 20 {
        text.push_str(&format!("… and {} more failed\n", summary.failed.len() - 20));
    }
    text.push_str(&together("unseen:", &summary.unseen, "accepted, and could not be read back: ", style));
    text.push_str(&together("skipped:", &summary.skipped, "", style));
    if let Some(log) = &summary.rolled_back {
        text.push_str("\nThe previous files were put back. The controller's log said:\n");
        for line in log.lines() {
            text.push_str(&format!("  {}\n", printable(line)));
        }
    }
    for command in &summary.by_hand {
        text.push_str(&format!("\nTo run by hand: {}\n", printable(command)));
    }
    let verb = if summary.interrupted { "Interrupted" } else { "Applied" };
    text.push_str(&format!(
        "\n{verb}: {done}; failed {}; skipped {} ({seconds})\n",
        count(summary.failed.len(), "resource"),
        count(summary.skipped.len(), "resource")
    ));
    text.push_str("Run the same command again: it goes on from here.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_what_failed_and_what_was_not_tried() {
        let one = |name: &str, why: &str| (Address::new("services", "ConfigMap", name), why.to_owned());
        let all = Summary {
            created: 2,
            failed: vec![one("p/c", "the server does not answer")],
            skipped: vec![one("p/d", "out of reach"), one("p/e", "out of reach"), one("p/f", "needs `x`")],
            unseen: vec![one("p/a", "nobody answers"), one("p/b", "nobody answers")],
            seconds: 3.2,
            ..Summary::default()
        };
        let text = summary(&all, Style { colour: false, width: 100 });
        insta::assert_snapshot!(text, @r"
        failed: services/ConfigMap/p/c: the server does not answer
        unseen: 2 resources, first services/ConfigMap/p/a: accepted, and could not be read back: nobody
          answers
        skipped: services/ConfigMap/p/f: needs `x`
        skipped: 2 resources, first services/ConfigMap/p/d: out of reach

        Applied: 2 created, 2 accepted and not read back; failed 1 resource; skipped 3 resources (3.2 s)
        Run the same command again: it goes on from here.
        ");
        assert!(!all.is_complete());
        let unseen = Summary { unseen: all.unseen.clone(), ..Summary::default() };
        assert!(!unseen.is_complete() && Summary { created: 1, ..Summary::default() }.is_complete());
    }
}
