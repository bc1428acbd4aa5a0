//! Colour, or none: the same text in both.

use owo_colors::OwoColorize;

/// Whether text is coloured, and how wide it may be.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether to colour.
    pub colour: bool,
    /// Columns.
    pub width: usize,
}

impl Style {
    /// Without colour, 80 columns: for pipes and tests.
    pub const PLAIN: Self = Self { colour: false, width: 80 };

    fn paint(self, text: &str, coloured: impl Fn(&str) -> String) -> String {
        if self.colour { coloured(text) } else { text.to_owned() }
    }

    pub(super) fn red(self, text: &str) -> String {
        self.paint(text, |text| text.red().to_string())
    }

    pub(super) fn green(self, text: &str) -> String {
        self.paint(text, |text| text.green().to_string())
    }

    pub(super) fn yellow(self, text: &str) -> String {
        self.paint(text, |text| text.yellow().to_string())
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.paint(text, |text| text.bold().to_string())
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.paint(text, |text| text.dimmed().to_string())
    }
}

/// `1 node`, `2 nodes`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The same for nouns whose plural is another word.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
