//! Findings for people: what, where with an excerpt, why, and the way out.

use std::borrow::Cow;
use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use super::printable::{printable, printable_in_place};
use super::style::{Style, count};
use super::wrap::{after, after_painted, lines, wrap};
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
    after_painted(("error:", &style.red("error:")), message, 2, style.width) + &after("  hint:", hint, 4, style.width)
}

/// The few lines of a file around a place. miette walks through all that it is given, for each place anew.
struct Window {
    file: String,
    text: String,
    /// Line (from zero) of its begin in the file.
    line: usize,
    /// Column (from zero) of the mark in the file: here its line may have lost its begin.
    column: usize,
}

impl Window {
    /// The lines, and where in them the mark begins. Of lines longer than `room` only a part is shown.
    fn around(place: &Located, content: &str, room: usize) -> (Self, usize) {
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
        let (mut text, mut mark) = (String::new(), 0);
        for one in printable_in_place(content.get(start..end).unwrap_or_default()).split_inclusive('\n') {
            let marked = place.offset.checked_sub(start).filter(|within| *within < one.len().max(1));
            let (shown, within) = clipped(one, marked.unwrap_or(0), room);
            if marked.is_some() {
                mark = text.len() + within;
            }
            text.push_str(&shown);
            start += one.len();
        }
        if place.offset >= end {
            mark = text.len();
        }
        (Self { file: printable(&place.file).into_owned(), text, line, column: place.column.saturating_sub(1) }, mark)
    }
}

/// A line, or the part of it around a byte of it, and where that byte stands then.
fn clipped(line: &str, at: usize, room: usize) -> (Cow<'_, str>, usize) {
    /// Letters kept before the mark.
    const BEFORE: usize = 20;
    let room = room.max(2 * BEFORE);
    let at = (0..=at.min(line.len())).rev().find(|index| line.is_char_boundary(*index)).unwrap_or_default();
    if line.chars().count() <= room {
        return (Cow::Borrowed(line), at);
    }
    let (before, after) = line.split_at(at);
    let cut = before.char_indices().rev().nth(BEFORE - 1).map_or(0, |(index, _)| index);
    let cut = if before.chars().count() + 2 * BEFORE <= room { 0 } else { cut };
    let kept = &before[cut..];
    let left = room.saturating_sub(kept.chars().count());
    let end = after.char_indices().nth(left).map_or(after.len(), |(index, _)| index);
    let (head, tail) = (if cut > 0 { "…" } else { "" }, if end < after.len() { "…\n" } else { "" });
    (Cow::Owned(format!("{head}{kept}{}{tail}", &after[..end])), head.len() + kept.len())
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let read = self.text.as_str().read_span(span, before, after)?;
        let column = if before == 0 && after == 0 { self.column } else { read.column() };
        let (span, line, count) = (*read.span(), read.line() + self.line, read.line_count());
        // The bytes are the window's own, so they outlive the reading of them.
        let data = self.text.as_bytes().get(span.offset()..span.offset() + span.len()).unwrap_or_default();
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
    // Lines as people write them stay whole; a minified object on one line would fill the screen.
    let (source, mark) = Window::around(place, content, style.width.saturating_sub(8).max(130));
    let line_end = source.text.get(mark..).and_then(|rest| rest.find('\n')).unwrap_or(length);
    let length = length.min(line_end.max(1));
    let label = LabeledSpan::new_primary_with_span(Some(label.to_owned()), (mark, length));
    let snippet = Snippet { source, label };
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
        "{}[{}]: {}\n\n{}\n\nExample:\n\n{}\n\nFix:\n\n{}\n",
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let line = format!("{}MARK{}\n", "a".repeat(300), "b".repeat(300));
        let (shown, at) = clipped(&line, 300, 72);
        assert_eq!(shown, format!("…{}MARK{}…\n", "a".repeat(20), "b".repeat(48)));
        assert_eq!(&shown[at..at + 4], "MARK");
        assert_eq!(clipped("short\n", 3, 72), (Cow::Borrowed("short\n"), 3));
        let (shown, at) = clipped(&line, 2, 72);
        assert_eq!((shown.chars().count(), at), (74, 2));
    }

    proptest! {
        #[test]
        fn what_is_cut_still_has_its_mark(line in "\\PC{0,300}", at in 0_usize..900, room in 0_usize..200) {
            let (shown, mark) = clipped(&line, at, room);
            prop_assert!(shown.is_char_boundary(mark));
            prop_assert!(shown.chars().count() <= room.max(40) + 3);
            if at < line.len() && line.is_char_boundary(at) {
                prop_assert_eq!(shown[mark..].chars().next(), line[at..].chars().next());
            }
        }
    }
}
