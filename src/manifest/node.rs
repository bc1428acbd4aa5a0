//! YAML → a tree that keeps the text of scalars as written, and the place of everything.

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span};

use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Place};
use crate::resource::Segment;

/// Deepest nesting, and most nodes in a file.
const DEPTH: usize = 64;
const NODES: usize = 2_000_000;

/// A node and its bytes.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) content: Content,
    pub(super) offset: usize,
    pub(super) length: usize,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Text as written (quotes and escapes resolved), and whether it was written plain.
    Scalar(String, bool),
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// A key with its bytes, and a value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(super) value: Node,
}

impl Node {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.content {
            Content::Mapping(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Bytes of the value (or of the key) at a path; of its nearest parent where the path leads nowhere.
    pub(super) fn span_of(&self, path: &[Segment], key_wanted: bool) -> (usize, usize) {
        let mut node = self;
        // The root is pointed at by its first key: its whole text would be no place.
        let mut span = match &self.content {
            Content::Mapping(entries) => entries.first().map_or((self.offset, self.length), |entry| (entry.offset, entry.length)),
            _ => (self.offset, self.length),
        };
        for (position, segment) in path.iter().enumerate() {
            let last = position + 1 == path.len();
            match (segment, &node.content) {
                (Segment::Key(key), Content::Mapping(entries)) => {
                    let Some(entry) = entries.iter().find(|entry| &entry.key == key) else { return span };
                    let collection = !matches!(entry.value.content, Content::Scalar(..));
                    // A collection is pointed at by its key, and so is an empty value.
                    span = if (last && key_wanted) || collection || entry.value.length == 0 {
                        (entry.offset, entry.length)
                    } else {
                        (entry.value.offset, entry.value.length)
                    };
                    node = &entry.value;
                }
                (Segment::Index(index), Content::Sequence(items)) => {
                    let Some(item) = items.get(*index) else { return span };
                    span = match &item.content {
                        Content::Mapping(entries) => entries.first().map_or((item.offset, item.length), |entry| (entry.offset, entry.length)),
                        _ => (item.offset, item.length),
                    };
                    node = item;
                }
                _ => return span,
            }
        }
        span
    }
}

/// All documents of a text, and what is wrong with it. A syntax error ends the text; documents before it are kept.
pub(super) fn parse(file: &str, text: &str) -> (Vec<Node>, Vec<Diagnostic>) {
    let mut builder = Builder { file, found: Vec::new(), stack: Vec::new(), documents: Vec::new(), count: 0 };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => {
                if !builder.event(event, span) {
                    break;
                }
            }
            Err(error) => {
                let offset = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                builder.found.push(
                    Diagnostic::new(&codes::YAML_SYNTAX, format!("this is no YAML: {}", error.info()))
                        .at(Place::Text { file: file.to_owned(), offset, length: 1 })
                        .hint("look at indentation, and at quotes and brackets that are not closed"),
                );
                break;
            }
        }
    }
    (builder.documents, builder.found)
}

enum Open {
    Sequence { offset: usize, items: Vec<Node> },
    Mapping { offset: usize, entries: Vec<Entry>, key: Option<(String, usize, usize)> },
}

struct Builder<'a> {
    file: &'a str,
    found: Vec<Diagnostic>,
    stack: Vec<Open>,
    documents: Vec<Node>,
    count: usize,
}

fn bytes(span: &Span) -> (usize, usize) {
    let start = span.start.byte_offset().unwrap_or(0);
    let end = span.end.byte_offset().unwrap_or(start);
    (start, end.saturating_sub(start))
}

impl Builder<'_> {
    fn refuse(&mut self, span: &Span, message: &str, hint: &str) {
        let (offset, length) = bytes(span);
        let place = Place::Text { file: self.file.to_owned(), offset, length };
        self.found.push(Diagnostic::new(&codes::YAML_FEATURE, message).at(place).hint(hint));
    }

    /// Takes one event; `false` ends the text.
    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        self.count += 1;
        if self.count > NODES || self.stack.len() > DEPTH {
            self.refuse(&span, "the text is nested too deeply, or too large", "split it into several files");
            return false;
        }
        let (offset, length) = bytes(&span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if anchor != 0 {
                    self.refuse(&span, "anchors are not supported", "write the value out: a reader must see what a field is where it stands");
                }
                if tag.is_some() {
                    self.refuse(&span, "tags are not supported", "take the tag out; each field's type is known");
                }
                let plain = style == ScalarStyle::Plain;
                self.value(Node { content: Content::Scalar(text.into_owned(), plain), offset, length }, true);
            }
            Event::SequenceStart(_, anchor, _) => {
                if anchor != 0 {
                    self.refuse(&span, "anchors are not supported", "write the value out");
                }
                self.stack.push(Open::Sequence { offset, items: Vec::new() });
            }
            Event::MappingStart(_, anchor, _) => {
                if anchor != 0 {
                    self.refuse(&span, "anchors are not supported", "write the value out");
                }
                self.stack.push(Open::Mapping { offset, entries: Vec::new(), key: None });
            }
            Event::SequenceEnd => {
                if let Some(Open::Sequence { offset: start, items }) = self.stack.pop() {
                    let end = offset + length;
                    self.value(Node { content: Content::Sequence(items), offset: start, length: end.saturating_sub(start) }, false);
                }
            }
            Event::MappingEnd => {
                if let Some(Open::Mapping { offset: start, entries, .. }) = self.stack.pop() {
                    let end = offset + length;
                    self.value(Node { content: Content::Mapping(entries), offset: start, length: end.saturating_sub(start) }, false);
                }
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(&span, "aliases are not supported", "write the value out");
                self.value(Node { content: Content::Scalar(String::new(), true), offset, length }, true);
            }
            _ => {}
        }
        true
    }

    fn value(&mut self, node: Node, scalar: bool) {
        let place = |offset, length| Place::Text { file: self.file.to_owned(), offset, length };
        match self.stack.last_mut() {
            None => self.documents.push(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { entries, key, .. }) => match key.take() {
                Some((name, offset, length)) => entries.push(Entry { key: name, offset, length, value: node }),
                None => {
                    let name = match &node.content {
                        Content::Scalar(text, _) if scalar => text.clone(),
                        _ => {
                            self.found.push(
                                Diagnostic::new(&codes::YAML_FEATURE, "a key has to be a plain word")
                                    .at(place(node.offset, node.length))
                                    .hint("write `key: value`"),
                            );
                            String::new()
                        }
                    };
                    if name == "<<" {
                        self.found.push(
                            Diagnostic::new(&codes::YAML_FEATURE, "merge keys are not supported")
                                .at(place(node.offset, node.length))
                                .hint("write the fields out"),
                        );
                    }
                    if let Some(first) = entries.iter().find(|entry| entry.key == name) {
                        self.found.push(
                            Diagnostic::new(&codes::DUPLICATE_KEY, format!("`{name}` stands twice in one mapping"))
                                .at(place(node.offset, node.length))
                                .related(place(first.offset, first.length), "the first one")
                                .hint("keep one of them"),
                        );
                    }
                    *key = Some((name, node.offset, node.length));
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::resource::FieldPath;

    #[test]
    fn scalars_keep_their_text_and_place() {
        let text = "a: NO\nb: 017\nc: [1.0, 12:00:00]\nd: \"x\\ny\"\n---\nä: 1\n";
        let (documents, found) = parse("f", text);
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0].get("a").unwrap().text(), Some("NO"));
        assert_eq!(documents[0].get("b").unwrap().text(), Some("017"));
        assert_eq!(documents[0].get("d").unwrap().text(), Some("x\ny"));
        let (offset, length) = documents[0].span_of(&FieldPath::keys("c").index(1).0, false);
        assert_eq!(&text[offset..offset + length], "12:00:00");
        let (offset, length) = documents[1].span_of(&FieldPath::keys("ä").0, false);
        assert_eq!(&text[offset..offset + length], "1");
    }

    #[test]
    fn what_is_refused() {
        for (text, code) in [
            ("a: [1", "yaml-syntax"),
            ("a: 1\na: 2\n", "duplicate-key"),
            ("a: &x 1\n", "yaml-feature-refused"),
            ("a: *x\n", "yaml-syntax"),
            ("a: !t 1\n", "yaml-feature-refused"),
            ("<<: 1\n", "yaml-feature-refused"),
            ("[a]: 1\n", "yaml-feature-refused"),
        ] {
            let (_, found) = parse("f", text);
            assert_eq!(found.first().map(|one| one.code.name), Some(code), "{text}: {found:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-z:\\[\\]{}&*!\"' \n#|>-]{0,60}") {
            let _ = parse("f", &text);
        }
    }
}
