//! Values that Slurm takes for what they say: no zero that means "no limit", no number that means "unset", no name of a
//! TRES that ends its list.

use serde_json::{Map, Value};

use super::units;
use crate::diagnostics::Complaint;
use crate::slurm::fields::{Field, Shape, Zero};
use crate::slurm::{tres, value};

/// Fields that limit each job, and what each job has some of.
const OF_EACH_JOB: [&str; 2] = ["MaxTRESPerJob", "MaxTRESPerNode"];
const HAD_BY_EACH_JOB: [&str; 3] = ["cpu", "mem", "node"];

/// Why a canonical value would mean something else to Slurm.
pub(super) fn check(field: &Field, value: &Value) -> Result<(), Complaint> {
    match (field.shape, value) {
        (Shape::Tres, Value::Object(map)) => amounts(field, map),
        (Shape::Weights, Value::Object(map)) => map.iter().try_for_each(|(name, weight)| {
            self::name(name)?;
            self::weight(weight.as_str().unwrap_or_default())
        }),
        (Shape::Gres, Value::Object(map)) => {
            map.values().filter_map(Value::as_u64).try_for_each(|count| number(field, count))
        }
        (Shape::Real, Value::String(text)) => {
            let whole = text.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(u64::MAX);
            if text == "0" || whole > field.most { number(field, whole) } else { Ok(()) }
        }
        (_, Value::Number(amount)) => number(field, amount.as_u64().unwrap_or(u64::MAX)),
        _ => Ok(()),
    }
}

fn amounts(field: &Field, map: &Map<String, Value>) -> Result<(), Complaint> {
    for (name, amount) in map {
        self::name(name)?;
        let amount = amount.as_u64().unwrap_or(u64::MAX);
        // What comes from GPU-hours is sixty times as much.
        if amount > field.most.saturating_mul(60) {
            return Err(units::too_much(amount));
        }
        if amount == 0 && OF_EACH_JOB.contains(&field.key) && HAD_BY_EACH_JOB.contains(&name.as_str()) {
            return Err(Complaint::new(
                format!("every job has some `{name}`: with a limit of 0 none could run"),
                "take it out, or write at least 1",
            ));
        }
    }
    Ok(())
}

/// Refuses what is no name of a TRES.
pub(super) fn name(name: &str) -> Result<(), Complaint> {
    if tres::is_name(name) {
        return Ok(());
    }
    let near = crate::diagnostics::nearest(name, ["cpu", "mem", "node", "gres/gpu", "billing", "energy"]);
    let hint = near.map_or_else(
        || "write e.g. `gres/gpu`, `cpu`, `license/matlab`".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Err(Complaint::new(format!("`{}` is not a TRES of Slurm", name.escape_debug()), hint))
}

/// Refuses what is no weight of a TRES: a decimal, and for memory its unit.
pub(super) fn weight(text: &str) -> Result<(), Complaint> {
    let number = text.strip_suffix(|letter: char| "KMGTPkmgtp".contains(letter)).unwrap_or(text);
    let places = number.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    if places <= 6 && value::decimal(number).is_some() {
        return Ok(());
    }
    let hint = "write a decimal, zero or more, with at most six places, and for memory a unit: `1.0`, `0.25G`";
    Err(Complaint::new(format!("`{text}` is not a weight"), hint.to_owned()))
}

fn number(field: &Field, number: u64) -> Result<(), Complaint> {
    let text = |number: u64| match field.shape {
        Shape::Minutes => value::clock(number.saturating_mul(60)),
        Shape::Seconds | Shape::Clock => value::clock(number),
        Shape::Megabytes => value::size(number),
        _ => number.to_string(),
    };
    if number > field.most {
        let hint = format!("write at most `{}`, or take the field out", text(field.most));
        return Err(Complaint::new(format!("`{}` is more than Slurm can hold here", text(number)), hint));
    }
    if number > 0 {
        return Ok(());
    }
    let meaning = match field.zero {
        Zero::Plain => return Ok(()),
        Zero::Unlimited => "to Slurm 0 is no limit at all",
        Zero::NoJob => "with 0 no job could run",
        Zero::One => "Slurm makes 1 of it",
        Zero::Ignored => "to Slurm 0 is as if nothing were written",
        Zero::Refused => "Slurm does not start with 0",
    };
    Err(Complaint::new(format!("{} cannot be 0: {meaning}", field.key), "write more, or take the field out"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::slurm::fields::{find, of_kind};

    #[test]
    fn every_number_has_its_end() {
        for kind in ["qos", "account", "association", "partition", "node", "gres"] {
            for field in of_kind(kind) {
                let value = |number: u64| match field.shape {
                    Shape::Count
                    | Shape::Minutes
                    | Shape::Seconds
                    | Shape::Clock
                    | Shape::Megabytes
                    | Shape::Shares => Some(json!(number)),
                    Shape::Real => Some(json!(number.to_string())),
                    Shape::Gres => Some(json!({"gpu:h100": number})),
                    _ => None,
                };
                let Some(most) = value(field.most) else { continue };
                assert_eq!(check(field, &most), Ok(()), "{kind} {}", field.key);
                assert!(check(field, &value(field.most + 1).unwrap()).is_err(), "{kind} {}", field.key);
                assert!(
                    field.most < 0xffff_fffe || matches!(field.shape, Shape::Megabytes | Shape::Gres),
                    "{kind} {}",
                    field.key
                );
                assert_eq!(check(field, &value(0).unwrap()).is_ok(), field.zero == Zero::Plain, "{kind} {}", field.key);
            }
        }
    }

    #[test]
    fn the_highest_values_mean_something_else() {
        for (kind, key, highest) in [
            ("partition", "MaxTime", 0xffff_ffff_u64 / 60),
            ("partition", "MaxNodes", 0xffff_fffe),
            ("partition", "PriorityTier", 0xfffe),
            ("partition", "OverTimeLimit", 0xfffe),
            ("node", "CPUs", 0xffff),
            ("node", "Weight", 0xffff_ffff),
            ("qos", "Priority", 0xffff_fffe),
            ("qos", "GrpJobs", 0x8000_0000),
            ("account", "Fairshare", 0x7fff_ffff),
        ] {
            assert!(check(find(kind, key).unwrap(), &json!(highest)).is_err(), "{kind} {key}");
        }
        assert!(check(find("qos", "GrpTRES").unwrap(), &json!({"cpu": u64::MAX})).is_err());
    }
}
