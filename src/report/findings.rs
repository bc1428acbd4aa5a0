//! Findings for people: what, where with an excerpt, why, and the way out.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use super::printable::{printable, printable_in_place};
use super::style::{Style, count};
use super::wrap::{after, lines, wrap};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::manifest::{Located, Sources};

/// Most findings that are shown: nobody reads more at once, and the first bring the others with them.
const SHOWN: usize = 50;

/// What stopped a command. Only what has a place in a file is counted over files.
pub fn complaints(found: &Diagnostics, sources: &Sources, style: Style) -> String {
    if found.0.iter().any(|one| one.place.is_some()) {
        return findings(found, sources, style);
    }
    let mut text: String = found.0.iter().map(|one| finding(one, None, sources, style) + "\n").collect();
    if found.has_errors() {
        text.push_str("Nothing was changed.\n");
    }
    text
}

/// All findings, sorted by place, and a closing line.
pub fn findings(found: &Diagnostics, sources: &Sources, style: Style) -> String {
    let mut located: Vec<(Option<Located>, &Diagnostic)> =
        found.0.iter().map(|one| (one.place.as_ref().and_then(|place| sources.locate(place)), one)).collect();
    located.sort_by(|left, right| {
        let key = |one: &(Option<Located>, &Diagnostic)| {
            one.0.as_ref().map(|place| (place.file.clone(), place.offset)).unwrap_or_default()
        };
        key(left).cmp(&key(right))
    });
    let more = located.len().saturating_sub(SHOWN);
    if more > 0 {
        // No warning takes the room of an error.
        located.sort_by_key(|(_, one)| one.code.severity);
        located.truncate(SHOWN);
    }
    let mut text = String::new();
    for (place, one) in &located {
        text.push_str(&finding(one, place.as_ref(), sources, style));
        text.push('\n');
    }
    if more > 0 {
        text.push_str(&format!("… and {more} more (--format json lists all)\n\n"));
    }
    text.push_str(&closing(found, sources.len()));
    text
}

fn closing(found: &Diagnostics, files: usize) -> String {
    let of = |severity| found.0.iter().filter(|one| one.code.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(count(errors, "error"));
    }
    if warnings > 0 {
        parts.push(count(warnings, "warning"));
    }
    let places = if files > 0 { format!(" in {}", count(files, "file")) } else { String::new() };
    match (errors, warnings) {
        (0, 0) => format!("No findings{places}.\n"),
        (0, _) => format!("{}{places}.\n", parts.join(", ")),
        _ => format!("{}{places}. Nothing was changed.\n", parts.join(", ")),
    }
}

fn finding(one: &Diagnostic, place: Option<&Located>, sources: &Sources, style: Style) -> String {
    let word = one.code.severity.word();
    let mut text = title(word, one.code.name, &printable(&one.message), one.code.severity == Severity::Error, style);
    if let Some(place) = place {
        text.push_str(&excerpt(place, &printable(one.label.as_deref().unwrap_or("here")), sources, style));
    }
    for (related, label) in &one.related {
        if let Some(place) = sources.locate(related) {
            text.push_str(&excerpt(&place, &printable(label), sources, style));
        }
    }
    if let Some(why) = &one.why {
        text.push_str(&after("  why:", &printable(why), 4, style.width));
    }
    if let Some(hint) = &one.hint {
        text.push_str(&after("  hint:", &printable(hint), 4, style.width));
    }
    text.push_str(&more(one.code.name, style));
    text
}

/// `error[code]: message`.
pub(super) fn title(word: &str, code: &str, message: &str, red: bool, style: Style) -> String {
    let head = format!("{word}[{code}]");
    let room = style.width.saturating_sub(head.chars().count() + 2);
    let message: Vec<String> =
        lines(message, room, style.width.saturating_sub(2)).iter().map(|line| style.bold(line)).collect();
    let head = if red { style.red(&head) } else { style.yellow(&head) };
    format!("{head}: {}\n", message.join("\n  "))
}

/// Where a code is explained.
pub(super) fn more(code: &str, style: Style) -> String {
    style.dim(&format!("  more: sitewright explain {code}\n"))
}

/// A problem of the command line itself: what is wrong, and the way out.
pub fn problem(message: &str, hint: &str, style: Style) -> String {
    let text = after("error:", message, 2, style.width);
    let text = text.strip_prefix("error:").map_or_else(|| text.clone(), |rest| style.red("error:") + rest);
    text + &after("  hint:", hint, 4, style.width)
}

/// The few lines of a file around a place. miette walks through all that it is given, for each place anew.
struct Window {
    file: String,
    text: String,
    /// Byte offset and line (from zero) of its begin in the file.
    offset: usize,
    line: usize,
}

impl Window {
    fn around(place: &Located, content: &str) -> Self {
        let back = |end: usize| content.get(..end).and_then(|before| before.rfind('\n'));
        let (mut start, mut line) = (back(place.offset).map_or(0, |newline| newline + 1), place.line.saturating_sub(1));
        for _ in 0..2 {
            if start > 0 {
                start = back(start - 1).map_or(0, |newline| newline + 1);
                line = line.saturating_sub(1);
            }
        }
        let mut end = place.offset;
        for _ in 0..3 {
            let next = content.get(end..).and_then(|after| after.find('\n'));
            end = next.map_or(content.len(), |newline| end + newline + 1);
        }
        let text = printable_in_place(content.get(start..end).unwrap_or_default());
        Self { file: printable(&place.file).into_owned(), text, offset: start, line }
    }
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = SourceSpan::new(span.offset().saturating_sub(self.offset).into(), span.len());
        let read = self.text.as_str().read_span(&inner, before, after)?;
        let span = SourceSpan::new((read.span().offset() + self.offset).into(), read.span().len());
        let (line, column, count) = (read.line() + self.line, read.column(), read.line_count());
        // The bytes are the window's own, so they outlive the reading of them.
        let data = self
            .text
            .as_bytes()
            .get(read.span().offset()..read.span().offset() + read.span().len())
            .unwrap_or_default();
        Ok(Box::new(MietteSpanContents::new_named(self.file.clone(), data, span, line, column, count)))
    }
}

/// One marked place, drawn by miette.
struct Snippet {
    source: Window,
    label: LabeledSpan,
}

impl fmt::Debug for Snippet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("snippet")
    }
}

impl fmt::Display for Snippet {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Snippet {}

impl miette::Diagnostic for Snippet {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

fn excerpt(place: &Located, label: &str, sources: &Sources, style: Style) -> String {
    let Some(content) = sources.text(&place.file) else { return format!("   {}\n", printable(&place.file)) };
    // A mark never runs over its line.
    let rest = content.get(place.offset..).unwrap_or_default();
    let line_end = rest.find('\n').unwrap_or(rest.len());
    let length = place.length.clamp(1, line_end.max(1));
    if content.is_empty() {
        return format!("   {}:{}:{}\n", printable(&place.file), place.line, place.column);
    }
    let snippet = Snippet {
        source: Window::around(place, content),
        label: LabeledSpan::new_primary_with_span(Some(label.to_owned()), (place.offset, length)),
    };
    let theme = if style.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(style.width).with_context_lines(1);
    if handler.render_report(&mut text, &snippet).is_err() {
        return format!("   {}:{}:{}\n", printable(&place.file), place.line, place.column);
    }
    // Only the drawing: miette puts an (empty) title above it.
    let start = text.find('╭').map_or(0, |position| text[..position].rfind('\n').map_or(0, |line| line + 1));
    let drawing = text[start..].trim_end_matches('\n');
    format!("{drawing}\n")
}

/// The page of a code.
pub fn explain(code: &Code) -> String {
    format!(
        "{}[{}]: {}\n\n{}\n\nYields it:\n\n{}\n\nPut right:\n\n{}\n",
        code.severity.word(),
        code.name,
        code.summary,
        wrap(code.explanation, 80),
        indent(code.failing),
        indent(code.passing)
    )
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
