//! Writing to the terminal. A closed pipe is no error: the reader has seen enough.

use std::io::{IsTerminal, Write};

use crate::report::Style;

/// Standard output and standard error.
#[derive(Debug)]
pub(crate) struct Output {
    out: Style,
    error: Style,
}

impl Output {
    pub(super) fn new() -> Self {
        let width = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|width| *width >= 40).unwrap_or(80);
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let style = |terminal: bool| Style { colour: terminal && !plain, width };
        Self { out: style(std::io::stdout().is_terminal()), error: style(std::io::stderr().is_terminal()) }
    }

    pub(super) fn colour_out(&self) -> bool {
        self.out.colour
    }

    /// Style of standard output.
    pub(super) fn style(&self) -> Style {
        self.out
    }

    /// Style of standard error.
    pub(super) fn error_style(&self) -> Style {
        self.error
    }

    /// Whether progress can be drawn.
    pub(super) fn terminal(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Writes to standard output.
    pub(super) fn say(&mut self, text: &str) {
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
        let _ = std::io::stdout().lock().flush();
    }

    /// Writes to standard error.
    pub(super) fn complain(&mut self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}
