//! Numbers as people read them.

/// A number for people: `40,100`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (40_100, "40,100"), (1_000_000, "1,000,000")] {
            assert_eq!(grouped(number), text);
        }
    }
}
