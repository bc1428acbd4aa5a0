//! What keeps a declared object from being written.

use super::waiting_for;
use crate::diagnostics::codes::kubernetes_objects as codes;
use crate::diagnostics::{Diagnostic, Place};
use crate::diff::Blocked;
use crate::live::kubernetes::Failure;
use crate::resource::Address;

/// It is being deleted, and waits for these finalizers.
pub(super) fn terminating(address: &Address, finalizers: &[String], place: Option<Place>) -> Blocked {
    let message = format!("`{address}` is being deleted{}", waiting_for(finalizers));
    let diagnostic =
        Diagnostic::new(&codes::OBJECT_TERMINATING, message).hint("wait until it is gone, then plan again");
    blocked(address, diagnostic, place)
}

/// The server would refuse it, told at the line that says what it refuses.
pub(super) fn refused(address: &Address, failure: &Failure, place: Option<Place>) -> Blocked {
    let hint = failure.hint_for(address);
    let hint = hint.unwrap_or_else(|| "correct what the server names, then plan again".to_owned());
    let diagnostic = Diagnostic::new(&codes::SERVER_REFUSES, format!("`{address}`: {}", failure.title())).hint(hint);
    let more = failure.message != failure.title();
    blocked(address, if more { diagnostic.why(failure.message.clone()) } else { diagnostic }, place)
}

fn blocked(address: &Address, diagnostic: Diagnostic, place: Option<Place>) -> Blocked {
    let diagnostic = match place {
        Some(place) => diagnostic.at(place),
        None => diagnostic,
    };
    Blocked { address: address.clone(), diagnostic }
}
