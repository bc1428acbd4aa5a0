//! Sharing out what a partition has among its queues.

use crate::model::units::WHOLE;

/// The part of each queue, and what is left. A share is of the whole; queues without one divide what the others leave, and
/// the first of them get what cannot be divided.
pub(super) fn divide(total: u64, shares: &[Option<u32>]) -> (Vec<u64>, u64) {
    let mut left = total;
    let mut parts: Vec<u64> = Vec::new();
    for share in shares {
        let part = share.map_or(0, |share| part_of(total, share)).min(left);
        left -= part;
        parts.push(part);
    }
    let open = shares.iter().filter(|share| share.is_none()).count() as u64;
    if open == 0 {
        return (parts, left);
    }
    let (each, more) = (left / open, left % open);
    let without = parts.iter_mut().zip(shares).filter(|(_, share)| share.is_none());
    for (position, (part, _)) in (0..).zip(without) {
        *part = each + u64::from(position < more);
    }
    (parts, 0)
}

/// A part of the whole, rounded down.
pub(super) fn part_of(total: u64, share: u32) -> u64 {
    let part = u128::from(total) * u128::from(share) / u128::from(WHOLE);
    u64::try_from(part).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_are_of_the_whole_and_the_rest_is_divided() {
        assert_eq!(divide(32, &[Some(2500), Some(5000)]), (vec![8, 16], 8));
        assert_eq!(divide(32, &[Some(2500), None, None]), (vec![8, 12, 12], 0));
        assert_eq!(divide(7, &[None, None]), (vec![4, 3], 0));
        assert_eq!(divide(7, &[Some(3333)]), (vec![2], 5));
        assert_eq!(divide(7, &[]), (Vec::new(), 7));
        assert_eq!(divide(10, &[Some(8000), Some(8000)]), (vec![8, 2], 0), "no more than there is");
    }

    proptest! {
        #[test]
        fn nothing_is_lost(total in any::<u64>(), shares in proptest::collection::vec(proptest::option::of(0_u32..=10_000), 0..8)) {
            let (parts, left) = divide(total, &shares);
            let sum: u128 = parts.iter().map(|part| u128::from(*part)).sum();
            prop_assert_eq!(sum + u128::from(left), u128::from(total));
        }
    }
}
