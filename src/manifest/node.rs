//! YAML → a tree that keeps the text of scalars as written, and the place of everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span};

use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Place};
use crate::resource::{FieldPath, Segment};

/// Deepest nesting.
const DEPTH: usize = 64;
/// Most nodes that aliases may repeat in a file: a few lines of aliases of aliases can mean billions.
const REPEATED: usize = 200_000;
/// Most bytes that aliases may repeat in a file: one long text can be repeated often.
const REPEATED_BYTES: usize = 16 << 20;
/// Most nodes of all files together: each takes a hundred bytes of memory.
pub(super) const NODES: usize = 4_000_000;
/// Mappings with more keys than this look duplicates up in a set.
const FEW_KEYS: usize = 16;

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

    /// How many nodes it has, itself included.
    fn size(&self) -> usize {
        match &self.content {
            Content::Scalar(..) => 1,
            Content::Sequence(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Content::Mapping(entries) => 1 + entries.iter().map(|entry| entry.value.size()).sum::<usize>(),
        }
    }

    /// How many bytes of text it has, keys included.
    fn bytes(&self) -> usize {
        match &self.content {
            Content::Scalar(text, _) => text.len(),
            Content::Sequence(items) => items.iter().map(Self::bytes).sum(),
            Content::Mapping(entries) => entries.iter().map(|entry| entry.key.len() + entry.value.bytes()).sum(),
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Path of what stands at an offset; or of the collection in which nothing known stands there, and `true`.
    pub(super) fn path_at(&self, offset: usize) -> (FieldPath, bool) {
        let mut path = FieldPath::root();
        let mut node = self;
        let holds = |start: usize, length: usize| start <= offset && offset < start + length.max(1);
        loop {
            match &node.content {
                Content::Scalar(..) => return (path, false),
                Content::Sequence(items) => {
                    let Some(index) = items.iter().position(|item| holds(item.offset, item.length)) else {
                        return (path, true);
                    };
                    path = path.index(index);
                    node = &items[index];
                }
                Content::Mapping(entries) => {
                    if let Some(entry) = entries.iter().find(|entry| holds(entry.offset, entry.length)) {
                        return (path.key(&entry.key), false);
                    }
                    let Some(entry) = entries.iter().find(|entry| holds(entry.value.offset, entry.value.length)) else {
                        return (path, true);
                    };
                    path = path.key(&entry.key);
                    node = &entry.value;
                }
            }
        }
    }

    /// Bytes of the value (or of the key) at a path; of its nearest parent where the path leads nowhere.
    pub(super) fn span_of(&self, path: &[Segment], key_wanted: bool) -> (usize, usize) {
        let mut node = self;
        // The root is pointed at by its first key: its whole text would be no place.
        let mut span = match &self.content {
            Content::Mapping(entries) => {
                entries.first().map_or((self.offset, self.length), |entry| (entry.offset, entry.length))
            }
            Content::Sequence(_) => (self.offset, 1.min(self.length)),
            Content::Scalar(..) => (self.offset, self.length),
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
                        Content::Mapping(entries) => {
                            entries.first().map_or((item.offset, item.length), |entry| (entry.offset, entry.length))
                        }
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
    parse_within(file, text, &AtomicUsize::new(NODES))
}

/// The same with no more nodes than are left for all files together.
pub(super) fn parse_within(file: &str, text: &str, left: &AtomicUsize) -> (Vec<Node>, Vec<Diagnostic>) {
    let mut builder = Builder {
        file,
        found: Vec::new(),
        stack: Vec::new(),
        documents: Vec::new(),
        anchors: BTreeMap::new(),
        repeated: (0, 0),
        left,
    };
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
                    Diagnostic::new(&codes::YAML_SYNTAX, format!("invalid YAML: {}", error.info()))
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
    Sequence {
        offset: usize,
        anchor: usize,
        items: Vec<Node>,
    },
    Mapping {
        offset: usize,
        anchor: usize,
        entries: Vec<Entry>,
        seen: BTreeSet<String>,
        key: Option<(Option<String>, usize, usize)>,
    },
}

struct Builder<'a> {
    file: &'a str,
    found: Vec<Diagnostic>,
    stack: Vec<Open>,
    documents: Vec<Node>,
    /// Nodes that aliases can repeat, by the parser's number; zero is none.
    anchors: BTreeMap<usize, Node>,
    /// Nodes and bytes that aliases have repeated.
    repeated: (usize, usize),
    /// Nodes that may still be made, here or in other files.
    left: &'a AtomicUsize,
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
        if self.stack.len() > DEPTH {
            self.refuse(&span, "the text is nested too deeply", "no manifest has so many levels: look at the brackets");
            return false;
        }
        let (offset, length) = bytes(&span);
        if matches!(event, Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..)) && !self.take() {
            let message = format!("the manifests have more than {NODES} values together");
            self.refuse(&span, &message, "no site has so many: look at what the file repeats");
            return false;
        }
        match event {
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), &span);
                let plain = style == ScalarStyle::Plain;
                self.value(Node { content: Content::Scalar(text.into_owned(), plain), offset, length }, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), &span);
                self.stack.push(Open::Sequence { offset, anchor, items: Vec::new() });
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), &span);
                self.stack.push(Open::Mapping {
                    offset,
                    anchor,
                    entries: Vec::new(),
                    seen: BTreeSet::new(),
                    key: None,
                });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let end = offset + length;
                let (content, start, anchor) = match self.stack.pop() {
                    Some(Open::Sequence { offset, anchor, items }) => (Content::Sequence(items), offset, anchor),
                    Some(Open::Mapping { offset, anchor, entries, .. }) => (Content::Mapping(entries), offset, anchor),
                    None => return true,
                };
                self.value(Node { content, offset: start, length: end.saturating_sub(start) }, anchor);
            }
            Event::Alias(anchor) => {
                let repeated = self.anchors.get(&anchor).map(|node| (node.size(), node.bytes(), node));
                match repeated {
                    Some((size, bytes, _))
                        if self.repeated.0 + size > REPEATED || self.repeated.1 + bytes > REPEATED_BYTES =>
                    {
                        self.refuse(&span, "aliases repeat too much", "write the values out, or split the file");
                        return false;
                    }
                    Some((size, bytes, node)) => {
                        let node = node.clone();
                        self.repeated = (self.repeated.0 + size, self.repeated.1 + bytes);
                        self.value(node, 0);
                    }
                    None => {
                        self.refuse(&span, "an alias repeats what it stands in", "write the value out");
                        self.value(Node { content: Content::Scalar(String::new(), true), offset, length }, 0);
                    }
                }
            }
            Event::UnresolvedAlias(_) => {
                self.refuse(&span, "no anchor has this name", "anchors hold within one document: write the value out");
                self.value(Node { content: Content::Scalar(String::new(), true), offset, length }, 0);
            }
            _ => {}
        }
        true
    }

    /// Takes one node of those that are left.
    fn take(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    fn refuse_tag(&mut self, tagged: bool, span: &Span) {
        if tagged {
            self.refuse(span, "tags are not supported", "take the tag out: each field's type is known");
        }
    }

    fn value(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let place = |node: &Node| Place::Text { file: self.file.to_owned(), offset: node.offset, length: node.length };
        match self.stack.last_mut() {
            None => self.documents.push(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { entries, seen, key, .. }) => {
                if let Some((name, offset, length)) = key.take() {
                    // Of a key that was refused, the value says nothing more.
                    entries.extend(name.map(|key| Entry { key, offset, length, value: node }));
                    return;
                }
                let Content::Scalar(name, plain) = &node.content else {
                    self.found.push(
                        Diagnostic::new(&codes::YAML_FEATURE, "a key has to be a plain word")
                            .at(place(&node))
                            .hint("write `key: value`"),
                    );
                    *key = Some((None, node.offset, node.length));
                    return;
                };
                if *plain && name == "<<" {
                    self.found.push(
                        Diagnostic::new(&codes::YAML_FEATURE, "merge keys are not supported")
                            .at(place(&node))
                            .hint("write the fields out"),
                    );
                    *key = Some((None, node.offset, node.length));
                    return;
                }
                if entries.len() == FEW_KEYS {
                    seen.extend(entries.iter().map(|entry| entry.key.clone()));
                }
                let fresh = if entries.len() < FEW_KEYS {
                    entries.iter().all(|entry| entry.key != *name)
                } else {
                    seen.insert(name.clone())
                };
                if !fresh && let Some(first) = entries.iter().find(|entry| entry.key == *name) {
                    let first = Place::Text { file: self.file.to_owned(), offset: first.offset, length: first.length };
                    self.found.push(
                        Diagnostic::new(&codes::DUPLICATE_KEY, format!("`{name}` stands twice in one mapping"))
                            .at(place(&node))
                            .related(first, "the first one")
                            .hint("keep one of them"),
                    );
                }
                *key = Some((Some(name.clone()), node.offset, node.length));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            ("a: *x\n", "yaml-syntax"),
            ("a: &x [*x]\n", "yaml-feature-refused"),
            ("a: !t [1]\n", "yaml-feature-refused"),
            ("a: !t 1\n", "yaml-feature-refused"),
            ("<<: 1\n", "yaml-feature-refused"),
            ("[a]: 1\n", "yaml-feature-refused"),
        ] {
            let (_, found) = parse("f", text);
            assert_eq!(found.first().map(|one| one.code.name), Some(code), "{text}: {found:?}");
        }
    }

    #[test]
    fn aliases_repeat_and_do_not_explode() {
        let (documents, found) = parse("f", "a: &x { b: 1 }\nc: *x\n");
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(documents[0].get("c").unwrap().get("b").unwrap().text(), Some("1"));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let below = format!("*a{}", level - 1);
            bomb.push_str(
                &["a", &level.to_string(), ": &a", &level.to_string(), " [", &vec![below; 9].join(", "), "]\n"]
                    .concat(),
            );
        }
        let (_, found) = parse("f", &bomb);
        assert_eq!(found.last().map(|one| one.message.as_str()), Some("aliases repeat too much"));
    }

    #[test]
    fn aliases_are_counted_in_bytes_too() {
        let long = "x".repeat(1 << 20);
        let text = format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 100].join(", "));
        let (_, found) = parse("f", &text);
        assert_eq!(found.last().map(|one| one.message.as_str()), Some("aliases repeat too much"));
    }

    #[test]
    fn files_together_have_a_bound() {
        let left = AtomicUsize::new(10);
        assert!(parse_within("f", "a: 1\nb: 2\n", &left).1.is_empty());
        let (_, found) = parse_within("g", "a: [1, 2, 3, 4, 5, 6]\n", &left);
        assert!(found.last().is_some_and(|one| one.message.contains("values together")), "{found:?}");
    }

    #[test]
    fn depth_and_width_are_no_trouble() {
        let (_, found) = parse("f", &"[".repeat(100_000));
        assert!(!found.is_empty());
        let (_, found) = parse("f", &"a:\n ".repeat(2_000));
        assert!(!found.is_empty());
        let wide: String = (0..50_000).map(|key| ["k", &key.to_string(), ": 1\n"].concat()).collect();
        let (documents, found) = parse("f", &(wide + "k3: 2\n"));
        assert_eq!(documents.len(), 1);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code.name, "duplicate-key");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse("f", &String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn never_panics(text in "[a-z:\\[\\]{}&*!\"' \n#|>-]{0,60}") {
            let _ = parse("f", &text);
        }
    }
}
