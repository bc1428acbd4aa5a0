//! Writing to the terminal. A closed pipe is no error: the reader has seen enough. Any other failure is: who reads half of
//! it, or nothing, must not take it for the whole.

use std::io::{IsTerminal, Write};

use terminal_size::{Height, Width, terminal_size_of};

use super::exit::Exit;
use crate::report::Style;

/// Narrower is unreadable, and wider too: the eye loses the line.
const NARROWEST: usize = 40;
const WIDEST: usize = 120;

/// Standard output and standard error.
#[derive(Debug)]
pub(crate) struct Output {
    out: Style,
    error: Style,
    /// Why standard output could not be written.
    lost: Option<std::io::Error>,
}

impl Output {
    pub(super) fn new() -> Self {
        let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|width| *width >= NARROWEST);
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let style = |terminal: bool, size: Option<(Width, Height)>| {
            let seen = size.map(|(width, _)| usize::from(width.0).clamp(NARROWEST, WIDEST));
            Style { colour: terminal && !plain, width: said.or(seen).unwrap_or(80) }
        };
        let (out, error) = (std::io::stdout(), std::io::stderr());
        Self {
            out: style(out.is_terminal(), terminal_size_of(&out)),
            error: style(error.is_terminal(), terminal_size_of(&error)),
            lost: None,
        }
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
    pub(super) fn terminal() -> bool {
        std::io::stderr().is_terminal()
    }

    /// Writes to standard output.
    pub(super) fn say(&mut self, text: &str) {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Err(error) = written
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            self.lost.get_or_insert(error);
        }
    }

    /// Whether something that was said did not arrive.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// How a run ends, with what became of its output. `applied` says that it may have changed something.
    pub(super) fn finish(&mut self, exit: Exit, applied: bool) -> Exit {
        let Some(error) = self.lost.take() else { return exit };
        self.complain(&format!("error: failed to write to standard output: {error}\n"));
        match exit {
            Exit::Success if applied => Exit::Partly,
            Exit::Success | Exit::Changes => Exit::Problem,
            other => other,
        }
    }

    /// Writes a problem of the command line to standard error.
    pub(super) fn problem(&mut self, message: &str, hint: &str) {
        let text = crate::report::problem(message, hint, self.error);
        self.complain(&text);
    }

    /// Writes to standard error.
    #[expect(clippy::unused_self, reason = "what is written is written through the output")]
    pub(super) fn complain(&mut self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}
