//! `sitewright explain`.

use serde_json::Value;

use super::exit::Exit;
use super::output::Output;
use crate::diagnostics::nearest;
use crate::manifest::schema;
use crate::report;
use crate::rules::codes;

/// Explain a kind, a field or a diagnostic code.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  sitewright explain Partition\n  sitewright explain Partition.spec.limits.wallTime\n  sitewright explain Site.targets.slurm.restart\n  sitewright explain limit-exceeds-partition"
)]
pub(crate) struct Args {
    /// KIND, KIND.field or CODE; the kind of sitewright.yaml is Site
    #[arg(value_name = "KIND[.FIELD]|CODE")]
    what: String,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Exit {
    if let Some(code) = codes::find(&args.what) {
        output.say(&report::explain(code));
        return Exit::Success;
    }
    let mut parts = args.what.split('.');
    let kind = parts.next().unwrap_or_default();
    let Some(name) = schema::kind_named(kind) else {
        let kinds: Vec<&str> = schema::names().collect();
        let candidates = kinds.iter().copied().chain(codes::all().into_iter().map(|code| code.name));
        let hint = nearest(&args.what, candidates).map_or_else(
            || format!("kinds: {}; codes are printed with each finding", kinds.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        output.problem(&format!("there is no kind or code `{}`", args.what), &hint);
        return Exit::Problem;
    };
    let Some(root) = schema::of_kind(name) else { return Exit::Problem };
    let mut current = &root;
    let mut walked = name.to_owned();
    for part in parts {
        let part = part.trim_end_matches("[]");
        let Some((next, path)) = step(current, &walked, part) else {
            let (inner, path) = schema::innermost(current, &walked);
            let fields: Vec<&str> = inner
                .get("properties")
                .and_then(Value::as_object)
                .map(|map| map.keys().map(String::as_str).collect())
                .unwrap_or_default();
            let hint = match nearest(part, fields.iter().copied()) {
                Some(near) => format!("did you mean `{path}.{near}`?"),
                None if fields.is_empty() => format!("it is {}", report::type_text(current)),
                None => format!("fields: {}", fields.join(", ")),
            };
            output.problem(&format!("`{walked}` has no field `{part}`"), &hint);
            return Exit::Problem;
        };
        (current, walked) = (next, path);
    }
    output.say(&report::schema_page(&walked, current, output.style().width.min(80)));
    Exit::Success
}

/// Schema and path of a field. Names that the user chooses can be left out: `Site.targets.slurm` is a field of each.
fn step<'a>(field: &'a Value, walked: &str, part: &str) -> Option<(&'a Value, String)> {
    let (inner, path) = schema::innermost(field, walked);
    if let Some(next) = inner.get("properties").and_then(|map| map.get(part)) {
        return Some((next, format!("{path}.{part}")));
    }
    schema::named_by_user(field).map(|next| (next, format!("{walked}.*")))
}
