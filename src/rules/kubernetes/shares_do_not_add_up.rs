//! The queues of a partition share out no more than all of it.

use super::named;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::kubernetes::Queue;
use crate::model::units::{WHOLE, percent_text};
use crate::model::{Partition, Site};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::rules::shares_do_not_add_up::CODE;

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (partition, _) in named::partitions(site) {
        shares(site, partition, found);
    }
}

fn shares(site: &Site, partition: &Partition, found: &mut Diagnostics) {
    let queues = site.queues(partition);
    let with_share: Vec<_> = queues.iter().filter_map(|queue| Some((queue, queue.side.share?))).collect();
    let total: u64 = with_share.iter().map(|(_, share)| u64::from(*share)).sum();
    // What `spec.share` alone adds up to is told once, for the factory.
    let own = with_share.iter().any(|(queue, _)| queue.side.says_share);
    let Some(((last, _), others)) = with_share.split_last().filter(|_| total > u64::from(WHOLE) && own) else { return };
    let place = |queue: &Queue<'_>| {
        let field = if queue.side.says_share { "spec.kubernetes.share" } else { "spec.share" };
        Place::value(queue.mode.document, FieldPath::keys(field))
    };
    let sum = percent_text(u32::try_from(total).unwrap_or(u32::MAX));
    let mut finding = Diagnostic::new(&CODE, format!("the queues of `{}` share out {sum} of it", partition.name))
        .at(place(last))
        .label("more than there is")
        .hint("lower a share");
    for (queue, share) in others {
        finding = finding.related(place(queue), format!("`{}`: {}", queue.mode.name, percent_text(*share)));
    }
    found.push(finding);
}
