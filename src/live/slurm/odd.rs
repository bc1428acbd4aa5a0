//! Values whose form is not known: an error where the value is ours or compared, else kept as text and reported.
//!
//! New releases print new forms, and sites have objects of all ages. A plan depends on what is ours; what others have may
//! look as it likes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::complaints::{incomplete, one};
use crate::diagnostics::codes::reading as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::slurm::fields::Field;
use crate::slurm::value;

/// Values kept as text, by the program that printed them and the field: how many, and the first.
#[derive(Debug, Default)]
pub(super) struct Odd(BTreeMap<(&'static str, &'static str), (usize, String, String)>);

impl Odd {
    /// Reads a value of an object. Where nothing depends on the value, an unknown form is kept as its text.
    pub(super) fn read(
        &mut self,
        program: &'static str,
        (field, text): (&'static Field, &str),
        object: &str,
        strict: bool,
    ) -> Result<Option<Value>, Diagnostics> {
        match value::canonical(field, text) {
            Ok(value) => Ok(value),
            Err(error) if strict => Err(one(incomplete(program, &format!("{} of `{object}`: {error}", field.key)))),
            Err(_) => {
                let entry = (program, field.key);
                self.0.entry(entry).or_insert_with(|| (0, object.to_owned(), text.to_owned())).0 += 1;
                Ok(Some(json!(text)))
            }
        }
    }

    /// A warning for each field.
    pub(super) fn findings(self) -> impl Iterator<Item = Diagnostic> {
        self.0.into_iter().map(|((program, field), (count, object, text))| {
            let more = match count {
                1 => String::new(),
                2 => ", and of 1 more".to_owned(),
                many => format!(", and of {} more", many - 1),
            };
            Diagnostic::of_run(
                &codes::UNKNOWN_FORM,
                format!(
                    "`{program}` prints {field} of `{object}`{more} in a form that is not known here: `{}`",
                    text.escape_debug()
                ),
            )
            .why("nothing in this factory depends on the value, so it is kept as text")
            .hint(format!("nothing has to be done; to see it: `{program}`"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slurm::fields::find;

    #[test]
    fn unknown_forms_are_errors_only_where_something_depends_on_them() {
        let weight = find("node", "Weight").unwrap();
        let mut odd = Odd::default();
        assert_eq!(odd.read("scontrol show node", (weight, "7"), "n1", false).unwrap(), Some(json!(7)));
        for node in ["n2", "n3", "n4"] {
            let kept = odd.read("scontrol show node", (weight, "heavy"), node, false).unwrap();
            assert_eq!(kept, Some(json!("heavy")));
        }
        assert!(odd.read("scontrol show node", (weight, "heavy"), "ours", true).is_err());
        let said: Vec<String> = odd.findings().map(|found| found.message).collect();
        assert_eq!(
            said,
            ["`scontrol show node` prints Weight of `n2`, and of 2 more in a form that is not known here: `heavy`"]
        );
    }
}
