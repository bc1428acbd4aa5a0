//! Lists of CPUs and cores as Slurm writes bitmaps: `0-3,8` (slurm.conf(5), CPUSpecList; gres.conf(5), Cores).

use std::collections::BTreeSet;

/// Highest number that is taken: a node has 16 bits of CPUs.
const HIGHEST: u32 = 0xffff;

/// The numbers of a list; `None` where Slurm could not read it. It passes over such a list with a line in its log.
pub fn parse(text: &str) -> Option<BTreeSet<u32>> {
    let number = |digits: &str| -> Option<u32> {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain { digits.parse().ok().filter(|number| *number <= HIGHEST) } else { None }
    };
    let mut all = BTreeSet::new();
    for part in text.split(',') {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        let (low, high) = (number(low)?, number(high)?);
        if low > high {
            return None;
        }
        all.extend(low..=high);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lists() {
        assert_eq!(parse("0-2,8").unwrap().into_iter().collect::<Vec<_>>(), [0, 1, 2, 8]);
        assert_eq!(parse("3,1,3").unwrap().into_iter().collect::<Vec<_>>(), [1, 3]);
        for bad in ["", "5-1", "1,,2", "1-", "-1", "a", "1 2", "0-65536", "99999999999", "0x3", "1-2-3", "+1"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
