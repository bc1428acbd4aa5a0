//! Slurm host lists: expand, canonical form, limits, refusals (hostlist.c; scontrol(1) `show hostlist`).
//!
//! One dimension. `[01-3]` → 01, 02, 03: width comes from the low bound alone. `node1` and `node01` are two hosts.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

/// Most hosts in one range, and in one list.
pub const MAX_HOSTS: usize = 65_536;
/// Most digits of a number: beyond that Slurm's own tools saturate and crash.
const MAX_DIGITS: usize = 18;

/// Why a text is not a host list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HostlistError {
    /// Byte offset of what is wrong.
    pub offset: usize,
    /// Its length in bytes.
    pub length: usize,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub hint: String,
}

fn error(offset: usize, length: usize, message: impl Into<String>, hint: impl Into<String>) -> HostlistError {
    HostlistError { offset, length, message: message.into(), hint: hint.into() }
}

/// A host name with natural order: prefix, then trailing number, then width, then what follows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Host(String);

impl Host {
    /// Prefix and trailing digits.
    fn parts(&self) -> (&str, &str) {
        let start = self.0.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
        // Only the last digits that fit a number count.
        let start = start.max(self.0.len().saturating_sub(MAX_DIGITS));
        self.0.split_at(start)
    }
}

impl Ord for Host {
    fn cmp(&self, other: &Self) -> Ordering {
        natural_order(&self.0, &other.0)
    }
}

impl PartialOrd for Host {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Order of host names, as `scontrol show hostlistsorted` has it: by prefix as people count (`r2n` before `r10n`), then by
/// width, then by number, so that a range stays together.
pub fn natural_order(left: &str, right: &str) -> Ordering {
    let split = |text: &str| {
        let start = text.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
        start.max(text.len().saturating_sub(MAX_DIGITS))
    };
    let (left_prefix, left_digits) = left.split_at(split(left));
    let (right_prefix, right_digits) = right.split_at(split(right));
    prefix_order(left_prefix, right_prefix)
        .then_with(|| left_digits.len().cmp(&right_digits.len()))
        .then_with(|| left_digits.cmp(right_digits))
        .then_with(|| left.cmp(right))
}

/// Letters one by one, digits as numbers; digits that begin with a zero come first, one by one too.
fn prefix_order(left: &str, right: &str) -> Ordering {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let (Some(one), Some(other)) = (left.first(), right.first()) {
        let (ones, others) = match (digits(left), digits(right)) {
            (0, _) | (_, 0) => (1, 1),
            both => both,
        };
        let counted = ones + others > 2 && *one != b'0' && *other != b'0';
        let order = if counted { ones.cmp(&others) } else { Ordering::Equal };
        let order = order.then_with(|| left[..ones].cmp(&right[..others]));
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (&left[ones..], &right[others..]);
    }
    left.len().cmp(&right.len())
}

fn number(digits: &str) -> Option<u64> {
    digits.parse().ok()
}

/// A set of hosts; order and repetition have no meaning. Displays in Slurm's canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HostSet(BTreeSet<Host>);

impl HostSet {
    /// Parses what people write; quirks that Slurm tolerates with surprising results are refused.
    pub fn parse(text: &str) -> Result<Self, HostlistError> {
        let names = expand(text, true)?;
        if names.is_empty() {
            return Err(error(0, text.len(), "the host list is empty", "write at least one host, e.g. `gpu[001-004]`"));
        }
        Ok(names.into_iter().collect())
    }

    /// Parses what Slurm prints: blanks, line breaks and empty items are skipped.
    pub fn parse_lenient(text: &str) -> Result<Self, HostlistError> {
        Ok(expand(text, false)?.into_iter().collect())
    }

    /// Host names in natural order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|host| host.0.as_str())
    }

    /// How many hosts.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the host is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(&Host(name.to_owned()))
    }

    /// Hosts of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// Hosts of this one that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// Hosts in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }
}

impl FromIterator<String> for HostSet {
    fn from_iter<Names: IntoIterator<Item = String>>(names: Names) -> Self {
        Self(names.into_iter().map(Host).collect())
    }
}

/// First, last, and digits at least.
type Range = (u64, u64, usize);

impl fmt::Display for HostSet {
    /// `cpu001,gpu[0001-0120,0130]`: equal prefix and width join, a single host keeps its plain name.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: Vec<(&str, Vec<Range>)> = Vec::new();
        for host in &self.0 {
            let (prefix, digits) = host.parts();
            let Some(value) = number(digits) else {
                groups.push((&host.0, Vec::new()));
                continue;
            };
            let width = digits.len();
            match groups.last_mut().filter(|(last, runs)| *last == prefix && !runs.is_empty()) {
                Some((_, runs)) => match runs.last_mut() {
                    Some((_, high, run_width)) if *high + 1 == value && joins(*run_width, width, value) => {
                        *high = value;
                    }
                    _ => runs.push((value, value, width)),
                },
                None => groups.push((prefix, vec![(value, value, width)])),
            }
        }
        for (position, (prefix, runs)) in groups.iter().enumerate() {
            if position > 0 {
                formatter.write_str(",")?;
            }
            match runs.as_slice() {
                [] => formatter.write_str(prefix)?,
                [(low, high, width)] if low == high => write!(formatter, "{prefix}{low:0width$}")?,
                many => {
                    write!(formatter, "{prefix}[")?;
                    for (index, (low, high, width)) in many.iter().enumerate() {
                        let comma = if index > 0 { "," } else { "" };
                        if low == high {
                            write!(formatter, "{comma}{low:0width$}")?;
                        } else {
                            write!(formatter, "{comma}{low:0width$}-{high:0width$}")?;
                        }
                    }
                    formatter.write_str("]")?;
                }
            }
        }
        Ok(())
    }
}

/// Whether a number of this width continues a run that began with another: `9-11` is unpadded, `099-100` is padded.
fn joins(run_width: usize, width: usize, value: u64) -> bool {
    let plain = value.to_string().len();
    width == run_width.max(plain)
}

/// Hosts in the order in which Slurm walks them: with several brackets the last varies fastest; among the earlier ones
/// the rightmost varies slowest. For lists that are zipped with another (NodeAddr, Port).
pub fn expand_in_order(text: &str) -> Result<Vec<String>, HostlistError> {
    expand(text, false)
}

/// A piece of an item: literal text, or the alternatives of a bracket.
enum Piece<'a> {
    Text(&'a str),
    Ranges(Vec<(u64, u64, usize)>),
}

fn expand(text: &str, strict: bool) -> Result<Vec<String>, HostlistError> {
    let mut names = Vec::new();
    for (offset, item) in items(text, strict)? {
        let pieces = pieces(item, offset, strict)?;
        product(&pieces, offset, item.len(), &mut names)?;
        if names.len() > MAX_HOSTS {
            return Err(error(
                offset,
                item.len(),
                format!("the host list has more than {MAX_HOSTS} hosts"),
                "split it",
            ));
        }
    }
    Ok(names)
}

/// Splits at commas outside brackets, and leniently at white space.
fn items(text: &str, strict: bool) -> Result<Vec<(usize, &str)>, HostlistError> {
    let mut result = Vec::new();
    let mut start = 0;
    let mut open: Option<usize> = None;
    let mut push = |from: usize, to: usize| -> Result<(), HostlistError> {
        let item = &text[from..to];
        if item.is_empty() {
            if strict && !text.is_empty() {
                return Err(error(
                    from.min(text.len().saturating_sub(1)),
                    1,
                    "an item of the host list is empty",
                    "take the stray comma out",
                ));
            }
        } else {
            result.push((from, item));
        }
        Ok(())
    };
    for (position, letter) in text.char_indices() {
        match letter {
            '[' if open.is_some() => {
                return Err(error(
                    position,
                    1,
                    "brackets cannot be nested",
                    "write `gpu[1-2]x[1-2]` with brackets side by side",
                ));
            }
            '[' => open = Some(position),
            ']' if open.is_none() && strict => {
                return Err(error(position, 1, "`]` without `[`", "write a range as `gpu[001-004]`"));
            }
            ']' => open = None,
            ',' if open.is_none() => {
                push(start, position)?;
                start = position + 1;
            }
            blank if blank.is_whitespace() && open.is_none() => {
                if strict {
                    return Err(error(
                        position,
                        blank.len_utf8(),
                        "a host list has no blanks",
                        "separate hosts with commas: `gpu1,gpu2`",
                    ));
                }
                push(start, position)?;
                start = position + blank.len_utf8();
            }
            _ => {}
        }
    }
    if let Some(position) = open {
        return Err(error(position, text.len() - position, "`[` is never closed", "close the range: `gpu[001-004]`"));
    }
    push(start, text.len())?;
    Ok(result)
}

fn pieces(item: &str, offset: usize, strict: bool) -> Result<Vec<Piece<'_>>, HostlistError> {
    let mut result = Vec::new();
    let mut rest = item;
    let mut position = offset;
    while let Some(open) = rest.find('[') {
        if open > 0 {
            result.push(literal(&rest[..open], position, strict)?);
        }
        let close = rest[open..].find(']').map_or(rest.len(), |close| open + close);
        let inside = &rest[open + 1..close];
        result.push(Piece::Ranges(ranges(inside, position + open + 1)?));
        let next = (close + 1).min(rest.len());
        position += next;
        rest = &rest[next..];
    }
    if !rest.is_empty() {
        result.push(literal(rest, position, strict)?);
    }
    Ok(result)
}

fn literal(text: &str, offset: usize, strict: bool) -> Result<Piece<'_>, HostlistError> {
    if strict {
        if let Some(brace) = text.find(['{', '}']) {
            return Err(error(
                offset + brace,
                1,
                "functions such as `feature{x}` are resolved by the controller and cannot be checked here",
                "write the hosts out, or use a node set with a feature",
            ));
        }
        let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        if let Some((position, letter)) = text.char_indices().find(|(_, letter)| !legal(*letter)) {
            return Err(error(
                offset + position,
                letter.len_utf8(),
                format!("`{}` cannot be part of a host name", letter.escape_default()),
                "host names have letters, digits, `-`, `_` and `.`",
            ));
        }
        let digits = text.len() - text.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
        if digits > MAX_DIGITS {
            return Err(error(
                offset,
                text.len(),
                format!("a number of more than {MAX_DIGITS} digits"),
                "shorten it: Slurm's own tools fail on it",
            ));
        }
    }
    Ok(Piece::Text(text))
}

fn ranges(inside: &str, offset: usize) -> Result<Vec<(u64, u64, usize)>, HostlistError> {
    let mut result = Vec::new();
    let mut position = offset;
    for part in inside.split(',') {
        result.push(range(part, position)?);
        position += part.len() + 1;
    }
    Ok(result)
}

fn range(part: &str, offset: usize) -> Result<(u64, u64, usize), HostlistError> {
    let length = part.len().max(1);
    let (low, high) = part.split_once('-').unwrap_or((part, part));
    let bound = |text: &str| -> Result<u64, HostlistError> {
        if text.len() > MAX_DIGITS {
            return Err(error(offset, length, format!("a number of more than {MAX_DIGITS} digits"), "shorten it"));
        }
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = if part.contains('x') && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'x')
            {
                format!("`[{part}]` is a box of more than one dimension, which is not supported")
            } else {
                format!("`{part}` is not a range of numbers")
            };
            return Err(error(offset, length, message, "write numbers without blanks or signs: `[001-004,007]`"));
        }
        text.parse()
            .map_err(|_| error(offset, length, format!("`{part}` is not a range of numbers"), "write `[001-004]`"))
    };
    let (first, last) = (bound(low)?, bound(high)?);
    if first > last {
        return Err(error(
            offset,
            length,
            format!("the range `{part}` runs backwards"),
            format!("write `{high}-{low}`"),
        ));
    }
    if last - first >= MAX_HOSTS as u64 {
        return Err(error(offset, length, format!("the range `{part}` has more than {MAX_HOSTS} hosts"), "split it"));
    }
    Ok((first, last, low.len()))
}

/// Adds all names of one item, in Slurm's order.
fn product(pieces: &[Piece<'_>], offset: usize, length: usize, names: &mut Vec<String>) -> Result<(), HostlistError> {
    let brackets: Vec<(usize, Vec<String>)> = pieces
        .iter()
        .enumerate()
        .filter_map(|(index, piece)| match piece {
            Piece::Ranges(ranges) => Some((index, alternatives(ranges))),
            Piece::Text(_) => None,
        })
        .collect();
    let total = brackets
        .iter()
        .try_fold(1_usize, |total, (_, names)| total.checked_mul(names.len()).filter(|total| *total <= MAX_HOSTS));
    let Some(total) = total else {
        return Err(error(offset, length, format!("the host list has more than {MAX_HOSTS} hosts"), "split it"));
    };
    // The last bracket varies fastest; among the earlier ones the leftmost comes next.
    let mut order: Vec<usize> = Vec::new();
    if let Some(last) = brackets.len().checked_sub(1) {
        order.push(last);
        order.extend(0..last);
    }
    for step in 0..total {
        let mut rest = step;
        let mut chosen = vec![0; brackets.len()];
        for index in &order {
            let count = brackets[*index].1.len();
            chosen[*index] = rest % count;
            rest /= count;
        }
        let mut name = String::new();
        let mut bracket = 0;
        for piece in pieces {
            match piece {
                Piece::Text(text) => name.push_str(text),
                Piece::Ranges(_) => {
                    name.push_str(&brackets[bracket].1[chosen[bracket]]);
                    bracket += 1;
                }
            }
        }
        names.push(name);
    }
    Ok(())
}

fn alternatives(ranges: &[(u64, u64, usize)]) -> Vec<String> {
    ranges.iter().flat_map(|(low, high, width)| (*low..=*high).map(move |value| format!("{value:0width$}"))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> String {
        HostSet::parse(text).unwrap().to_string()
    }

    #[test]
    fn widths_come_from_the_low_bound() {
        assert_eq!(expand_in_order("n[01-3]").unwrap(), ["n01", "n02", "n03"]);
        assert_eq!(expand_in_order("n[1-03]").unwrap(), ["n1", "n2", "n3"]);
        assert_eq!(expand_in_order("n[9-11]").unwrap(), ["n9", "n10", "n11"]);
        assert_eq!(expand_in_order("n[098-101]").unwrap(), ["n098", "n099", "n100", "n101"]);
    }

    #[test]
    fn several_brackets_walk_in_slurms_order() {
        let names = expand_in_order("a[1-2]b[1-2]c[1-2]").unwrap();
        assert_eq!(names, ["a1b1c1", "a1b1c2", "a2b1c1", "a2b1c2", "a1b2c1", "a1b2c2", "a2b2c1", "a2b2c2"]);
    }

    #[test]
    fn canonical_form() {
        assert_eq!(canonical("gpu0002,gpu0001,gpu0003,gpu0130,gpu0002"), "gpu[0001-0003,0130]");
        assert_eq!(canonical("node9,node10,node11"), "node[9-11]");
        assert_eq!(canonical("node1,node01"), "node[1,01]");
        assert_eq!(canonical("n01,n1,n02,n2,n10,n002"), "n[1-2,01-02,10,002]");
        assert_eq!(canonical("r10n1,r2n1,r02n1,r2n2"), "r02n1,r2n[1-2],r10n1");
        assert_eq!(canonical("login"), "login");
        assert_eq!(canonical("b2,a1"), "a1,b2");
        assert_eq!(canonical("n[099-101]"), "n[099-101]");
        assert_eq!(canonical("r[1-2]n[01-02]"), "r1n[01-02],r2n[01-02]");
        assert_eq!(canonical("n[1-2]-ib"), "n1-ib,n2-ib");
    }

    #[test]
    fn quirks_are_refused_with_their_place() {
        for (text, offset) in [
            ("n[1-3, 5]", 6),
            ("n[+1-3]", 2),
            ("n[1-3", 1),
            ("n1]", 2),
            ("n[3-1]", 2),
            ("n[0-65536]", 2),
            ("n[1-9999999999999999999]", 2),
            ("bgl[000x133]", 4),
            ("n1,,n2", 3),
            ("n1 n2", 2),
            ("feature{a}", 7),
            ("n[[1]]", 2),
            ("", 0),
            ("nä1", 1),
        ] {
            let found = HostSet::parse(text).unwrap_err();
            assert_eq!(found.offset, offset, "{text}: {found}");
        }
        assert!(HostSet::parse("a[1-300]b[1-300]").is_err());
    }

    #[test]
    fn slurms_own_output_is_read_leniently() {
        assert_eq!(HostSet::parse_lenient("n1 n2,\nn3,,").unwrap().len(), 3);
        assert!(HostSet::parse_lenient("").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = HostSet::parse(&text);
            let _ = HostSet::parse_lenient(&text);
        }

        #[test]
        fn canonical_form_reads_back(names in proptest::collection::btree_set("[a-c]{1,2}(0{0,2}[0-9]{1,3})?", 1..40)) {
            let set: HostSet = names.iter().cloned().collect();
            prop_assert_eq!(HostSet::parse(&set.to_string()).unwrap(), set.clone());
            prop_assert_eq!(set.len(), names.len());
        }

        #[test]
        fn sets_behave(left in proptest::collection::btree_set("n[0-9]{1,2}", 0..20), right in proptest::collection::btree_set("n[0-9]{1,2}", 0..20)) {
            let (a, b): (HostSet, HostSet) = (left.into_iter().collect(), right.into_iter().collect());
            prop_assert_eq!(a.difference(&b).union(&a.intersection(&b)), a.clone());
            prop_assert_eq!(a.union(&b).len() + a.intersection(&b).len(), a.len() + b.len());
        }
    }
}
