//! Why a saved plan does not fit any more.

use std::collections::BTreeMap;

use crate::diagnostics::codes::command as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::plan::{Move, Moved};
use crate::resource::Address;

/// Most resources that are named with one reason.
const SHOWN: usize = 5;

/// One finding for each resource that moved, for programs. `again` says what to do.
pub fn each_moved(moves: &[Moved], again: &str) -> Diagnostics {
    Diagnostics(moves.iter().map(|one| finding(&words(&one.what, &[&one.address]), again)).collect())
}

/// One finding for each reason, for people: equal reasons are read once. `again` says what to do.
pub fn moved_together(moves: &[Moved], again: &str) -> Diagnostics {
    // In the order in which they were found.
    let mut reasons: Vec<(&Move, Vec<&Address>)> = Vec::new();
    let mut places: BTreeMap<&Move, usize> = BTreeMap::new();
    for one in moves {
        let place = *places.entry(&one.what).or_insert(reasons.len());
        match reasons.get_mut(place) {
            Some((_, addresses)) => addresses.push(&one.address),
            None => reasons.push((&one.what, vec![&one.address])),
        }
    }
    Diagnostics(reasons.iter().map(|(what, addresses)| finding(&words(what, addresses), again)).collect())
}

/// The finding that nothing of a plan is left to do.
pub fn applied_already() -> Diagnostics {
    let message = "this plan is applied already: nothing that it wanted is left to do";
    let found = Diagnostic::of_run(&codes::STALE_PLAN, message).hint("see whether anything else is: `sitewright plan`");
    Diagnostics(vec![found])
}

fn finding(what: &str, again: &str) -> Diagnostic {
    Diagnostic::of_run(&codes::STALE_PLAN, format!("the site moved since this plan was made: {what}")).hint(again)
}

fn words(what: &Move, addresses: &[&Address]) -> String {
    let unset = |text: &str| if text.is_empty() { "unset".to_owned() } else { text.to_owned() };
    let field =
        |field: &str, now: &str, saw: &str| format!("{field} is {} now, the plan saw {}", unset(now), unset(saw));
    if let [only] = addresses {
        return match what {
            Move::Created => format!("`{only}` was created meanwhile"),
            Move::Deleted => format!("`{only}` was deleted meanwhile"),
            Move::Settled => format!("`{only}` is already as declared"),
            Move::Changed => format!("`{only}` changed since the plan was made"),
            Move::Field { field: name, now, saw } => format!("`{only}` {}", field(name, now, saw)),
            Move::FieldSettled { field, now } => format!("`{only}` {field} is already {}", unset(now)),
        };
    }
    let number = addresses.len();
    let said = match what {
        Move::Created => format!("{number} resources were created meanwhile"),
        Move::Deleted => format!("{number} resources were deleted meanwhile"),
        Move::Settled => format!("{number} resources are already as declared"),
        Move::Changed => format!("{number} resources changed since the plan was made"),
        Move::Field { field: name, now, saw } => format!("of {number} resources {}", field(name, now, saw)),
        Move::FieldSettled { field, now } => format!("of {number} resources {field} is already {}", unset(now)),
    };
    let shown: Vec<String> = addresses.iter().take(SHOWN).map(|address| format!("`{address}`")).collect();
    let more = number.saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{said}: {}{more}", shown.join(", "))
}
