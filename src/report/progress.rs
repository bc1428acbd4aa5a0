//! Apply while it works, and what it came to.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::printable::printable;
use super::style::{Style, count};
use super::wrap::after;
use crate::apply::{Event, Outcome, Summary};

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

/// What an apply came to.
pub fn summary(summary: &Summary, style: Style) -> String {
    let mut parts = Vec::new();
    for (number, word) in [(summary.created, "created"), (summary.changed, "changed"), (summary.deleted, "deleted")] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    let done = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
    let seconds = format!("{:.1} s", summary.seconds);
    let mut text = String::new();
    if summary.failed.is_empty() && summary.skipped.is_empty() {
        return format!("{} {done} ({seconds})\n", style.green("Applied:"));
    }
    for (address, why) in summary.failed.iter().take(20) {
        let line = after("failed:", &printable(&format!("{address}: {why}")), 2, style.width);
        text.push_str(&line.strip_prefix("failed:").map_or_else(|| line.clone(), |rest| style.red("failed:") + rest));
    }
    if summary.failed.len() > 20 {
        text.push_str(&format!("… and {} more failed\n", summary.failed.len() - 20));
    }
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
