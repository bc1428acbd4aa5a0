//! The digest line of our include files: tells whether another hand has changed them.

use crate::resource::Digest;

const LINE: &str = "# sitewright: digest ";

/// Puts the digest line in front. A file of ours is never empty: every program complains about one of zero bytes.
pub fn stamp(content: &str) -> String {
    format!("{LINE}{}\n{content}", Digest::of(content))
}

/// Whether the text has a digest line that matches; `None` where there is no such line.
pub fn stamp_matches(text: &str) -> Option<bool> {
    let rest = text.strip_prefix(LINE)?;
    let (digest, content) = rest.split_once('\n')?;
    Some(Digest::of(content).0 == digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_noticed() {
        let text = stamp("PartitionName=a\n");
        assert_eq!(stamp_matches(&text), Some(true));
        assert_eq!(stamp_matches(&text.replace("=a", "=b")), Some(false));
        assert_eq!(stamp_matches("PartitionName=a\n"), None);
    }
}
