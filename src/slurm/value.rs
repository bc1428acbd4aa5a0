//! Texts of Slurm ↔ canonical JSON values, by shape.
//!
//! Canonical means: the default and every spelling of "absent" is no value at all, times are integers, TRES maps are
//! objects of integers with memory in megabytes, sets are sorted. So two values are equal exactly when Slurm means the
//! same by them.

use serde_json::{Map, Value, json};

use super::fields::{Field, Shape};
use crate::resource::hostlist::HostSet;

/// Why a text has no canonical value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct ValueError {
    /// The text.
    pub text: String,
    /// What was wanted, e.g. `a time such as 1-12:00:00`.
    pub wanted: &'static str,
}

fn wrong(text: &str, wanted: &'static str) -> ValueError {
    ValueError { text: text.to_owned(), wanted }
}

/// Spellings of "absent" that every program uses.
fn is_absent(text: &str) -> bool {
    matches!(text, "" | "(null)" | "N/A" | "n/a" | "None assigned")
        || ["none", "unlimited", "infinite"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Reads what Slurm prints, or what stands in its files.
pub fn canonical(field: &Field, text: &str) -> Result<Option<Value>, ValueError> {
    let text = match field.key {
        // `scontrol show node` prints the cores behind the number: `1(0-3)`, or `1((null))` while they are unknown.
        "RestrictedCoresPerGPU" => text.split('(').next().unwrap_or_default().trim(),
        _ => text.trim(),
    };
    if is_absent(text) || (!field.default.is_empty() && text.eq_ignore_ascii_case(field.default)) {
        return Ok(None);
    }
    let value = match field.shape {
        Shape::Text => json!(fold(text)),
        Shape::Word => json!(text),
        Shape::Choice => json!(choice(text)),
        Shape::Count => match text {
            "-1" => return Ok(None),
            _ => json!(text.parse::<u64>().map_err(|_| wrong(text, "a number"))?),
        },
        Shape::Real => match text {
            "-1" | "-1.000000" => return Ok(None),
            _ => json!(decimal(text).ok_or_else(|| wrong(text, "a decimal number"))?),
        },
        Shape::Minutes => match text {
            "-1" => return Ok(None),
            _ => json!(minutes(text).ok_or_else(|| wrong(text, "a time such as 1-12:00:00"))?),
        },
        Shape::Seconds | Shape::Clock => match text {
            "-1" => return Ok(None),
            _ => json!(seconds(text).ok_or_else(|| wrong(text, "a time such as 00:05:00"))?),
        },
        Shape::Megabytes => json!(megabytes(text).ok_or_else(|| wrong(text, "a size such as 512000 or 500G"))?),
        Shape::Tres => return tres(text).map(|map| (!map.is_empty()).then_some(Value::Object(map))),
        Shape::Weights => return weights(text).map(|map| (!map.is_empty()).then_some(Value::Object(map))),
        Shape::Names => return Ok(names(field, text)),
        Shape::Flag => match text.to_ascii_uppercase().as_str() {
            "YES" | "1" | "TRUE" | "UP" => json!(true),
            "NO" | "0" | "FALSE" => return Ok(None),
            _ => return Err(wrong(text, "YES or NO")),
        },
        Shape::Shares => match text {
            "parent" | "2147483647" => json!("parent"),
            _ => json!(text.parse::<u64>().map_err(|_| wrong(text, "`parent` or a number"))?),
        },
        Shape::Hosts => match text {
            "ALL" if !field.default.is_empty() => return Ok(None),
            _ => {
                let set = HostSet::parse_lenient(text).map_err(|_| wrong(text, "a host list"))?;
                if set.is_empty() {
                    return Ok(None);
                }
                json!(set.to_string())
            }
        },
        Shape::Gres => return gres(text).map(|map| (!map.is_empty()).then_some(Value::Object(map))),
    };
    Ok(if is_default(field, &value) { None } else { Some(value) })
}

/// Whether a value equals the field's default in another spelling (`0` against `00:00:00`).
fn is_default(field: &Field, value: &Value) -> bool {
    let zero_default = ["0", "00:00:00"].contains(&field.default);
    match value {
        Value::Number(number) if zero_default => number.as_u64() == Some(0),
        Value::Number(number) => field.default.parse::<u64>().is_ok_and(|default| number.as_u64() == Some(default)),
        Value::String(text) if field.shape == Shape::Real => decimal(field.default).as_deref() == Some(text),
        _ => false,
    }
}

/// The text for `sacctmgr … set` and for configuration files.
pub fn written(field: &Field, value: &Value) -> String {
    match (field.shape, value) {
        (Shape::Minutes, Value::Number(number)) => clock(number.as_u64().unwrap_or_default() * 60),
        (Shape::Clock, Value::Number(number)) => clock(number.as_u64().unwrap_or_default()),
        (Shape::Tres | Shape::Weights, Value::Object(map)) => {
            map.iter().map(|(name, amount)| format!("{name}={}", plain(amount))).collect::<Vec<_>>().join(",")
        }
        (Shape::Gres, Value::Object(map)) => {
            map.iter().map(|(name, count)| format!("{name}:{}", plain(count))).collect::<Vec<_>>().join(",")
        }
        (Shape::Flag, Value::Bool(flag)) => if *flag { "YES" } else { "NO" }.to_owned(),
        (_, Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        (_, other) => plain(other),
    }
}

/// The text for people, in Slurm's own spelling of times and sizes.
pub fn shown(field: &Field, value: &Value) -> String {
    match (field.shape, value) {
        (Shape::Seconds, Value::Number(number)) => clock(number.as_u64().unwrap_or_default()),
        (Shape::Megabytes, Value::Number(number)) => size(number.as_u64().unwrap_or_default()),
        (Shape::Tres, Value::Object(map)) => {
            let part = |(name, amount): (&String, &Value)| match (name.as_str(), amount.as_u64()) {
                ("mem", Some(megabytes)) => format!("{name}={}", size(megabytes)),
                _ => format!("{name}={}", plain(amount)),
            };
            map.iter().map(part).collect::<Vec<_>>().join(",")
        }
        _ => written(field, value),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// As slurmdbd stores text: trimmed and in lower case.
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// One spelling for each word of a closed set.
fn choice(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "admin" | "administrator" => "Administrator".to_owned(),
        "operator" => "Operator".to_owned(),
        "yes" => "YES:4".to_owned(),
        "force" => "FORCE:4".to_owned(),
        _ => text.to_ascii_uppercase(),
    }
}

/// Seconds of `D-HH:MM:SS`, `D-HH:MM`, `D-HH`, `HH:MM:SS`, `MM:SS`; a bare number is in the given unit.
fn time(text: &str, bare: u64) -> Option<u64> {
    let number = |part: &str| -> Option<u64> {
        (!part.is_empty() && part.len() <= 12 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    if let Some((days, rest)) = text.split_once('-') {
        let parts: Vec<u64> = rest.split(':').map(number).collect::<Option<_>>()?;
        let days = number(days)?.checked_mul(86_400)?;
        let within = match parts.as_slice() {
            [hours] => hours.checked_mul(3600)?,
            [hours, minutes] => hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?,
            [hours, minutes, seconds] => {
                hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(*seconds)?
            }
            _ => return None,
        };
        return days.checked_add(within);
    }
    let parts: Vec<u64> = text.split(':').map(number).collect::<Option<_>>()?;
    match parts.as_slice() {
        [alone] => alone.checked_mul(bare),
        [minutes, seconds] => minutes.checked_mul(60)?.checked_add(*seconds),
        [hours, minutes, seconds] => {
            hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(*seconds)
        }
        _ => None,
    }
}

/// Minutes of a Slurm time, rounded up as Slurm does (slurm.conf(5), MaxTime).
pub fn minutes(text: &str) -> Option<u64> {
    time(text, 60).map(|seconds| seconds.div_ceil(60))
}

/// Seconds of a Slurm time; a bare number is seconds.
pub fn seconds(text: &str) -> Option<u64> {
    time(text, 1)
}

/// `1-12:00:00` of seconds.
pub fn clock(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let hours = format!("{:02}:{:02}:{:02}", rest / 3600, rest % 3600 / 60, rest % 60);
    if days > 0 { format!("{days}-{hours}") } else { hours }
}

/// Megabytes of `512000`, `512000M`, `500G`, `1.5T`; Slurm counts by 1024.
pub fn megabytes(text: &str) -> Option<u64> {
    let unit_at = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let unit = unit.trim_end_matches(['b', 'B']).trim_end_matches('i');
    if unit.eq_ignore_ascii_case("k") {
        let kilobytes: u64 = number.parse().ok()?;
        return Some(kilobytes.div_ceil(1024));
    }
    let factor: u64 = match unit.to_ascii_uppercase().as_str() {
        "" | "M" => 1,
        "G" => 1 << 10,
        "T" => 1 << 20,
        "P" => 1 << 30,
        _ => return None,
    };
    scaled(number, factor)
}

/// Exact product of a decimal and a factor, rounded to the nearest whole; what is more than nothing, to one at least.
fn scaled(number: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty()
        || fraction.len() > 9
        || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let base = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = if fraction.is_empty() { 0 } else { fraction.parse::<u128>().ok()? * u128::from(factor) };
    let sum = base.checked_add(u64::try_from((part + scale / 2) / scale).ok()?)?;
    // Something never becomes nothing: as a limit, that would be none.
    Some(if sum == 0 && part > 0 { 1 } else { sum })
}

/// Megabytes as people and Slurm write them: the largest unit that stays exact.
pub fn size(megabytes: u64) -> String {
    for (unit, factor) in [("P", 1_u64 << 30), ("T", 1 << 20), ("G", 1 << 10)] {
        if megabytes >= factor && megabytes.is_multiple_of(factor) {
            return format!("{}{unit}", megabytes / factor);
        }
    }
    format!("{megabytes}M")
}

/// The shortest text of a decimal number: `0.500000` → `0.5`, `1.000000` → `1`.
pub fn decimal(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    // `.25` is a number to strtod too.
    if whole.is_empty() && fraction.is_empty() || whole.len() > 15 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    // Slurm keeps six decimals.
    let fraction = fraction.get(..6).unwrap_or(fraction).trim_end_matches('0');
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

/// `cpu=10,gres/gpu:h100=4,mem=500G` → amounts by lower-case name; memory in megabytes. A negative amount is "none".
pub fn tres(text: &str) -> Result<Map<String, Value>, ValueError> {
    let wanted = "a TRES list such as cpu=10,gres/gpu=4";
    let mut map: Vec<(String, u64)> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, amount) = part.split_once('=').ok_or_else(|| wrong(text, wanted))?;
        let name = name.trim().to_ascii_lowercase();
        let amount = amount.trim();
        if name.is_empty() {
            return Err(wrong(text, wanted));
        }
        if amount.starts_with('-') {
            continue;
        }
        let value = if name == "mem" || name.starts_with("bb/") {
            megabytes(amount)
        } else {
            amount.parse().ok().or_else(|| count_with_unit(amount))
        };
        map.push((name, value.ok_or_else(|| wrong(text, wanted))?));
    }
    map.sort();
    Ok(map.into_iter().map(|(name, amount)| (name, json!(amount))).collect())
}

/// Counts that Slurm abbreviates: `10K` of a plain TRES.
fn count_with_unit(text: &str) -> Option<u64> {
    let (number, factor) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 1 << 10),
        b'M' => (&text[..text.len() - 1], 1 << 20),
        b'G' => (&text[..text.len() - 1], 1 << 30),
        b'T' => (&text[..text.len() - 1], 1 << 40),
        _ => return None,
    };
    scaled(number, factor)
}

fn weights(text: &str) -> Result<Map<String, Value>, ValueError> {
    let wanted = "weights such as CPU=1.0,Mem=0.25G,GRES/gpu=2.0";
    let mut map: Vec<(String, String)> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, amount) = part.split_once('=').ok_or_else(|| wrong(text, wanted))?;
        let unit_at = amount.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(amount.len());
        let (number, unit) = amount.split_at(unit_at);
        let number = decimal(number).ok_or_else(|| wrong(text, wanted))?;
        map.push((name.trim().to_ascii_lowercase(), format!("{number}{}", unit.to_ascii_uppercase())));
    }
    map.sort();
    Ok(map.into_iter().map(|(name, amount)| (name, json!(amount))).collect())
}

/// Account and QOS names are folded as the database does; flags and features keep their case.
fn names(field: &Field, text: &str) -> Option<Value> {
    let folded = matches!(
        field.key,
        "AllowQos" | "DenyQos" | "AllowAccounts" | "DenyAccounts" | "QOS" | "Preempt" | "PreemptMode"
    );
    if text.eq_ignore_ascii_case("ALL") {
        return None;
    }
    let mut items: Vec<String> = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(|item| if folded { item.to_lowercase() } else { item.to_owned() })
        .collect();
    items.sort();
    items.dedup();
    (!items.is_empty()).then(|| json!(items))
}

/// `gpu:h100:4(S:0-1),shard:8` → counts by `name[:type]`.
fn gres(text: &str) -> Result<Map<String, Value>, ValueError> {
    let wanted = "a gres list such as gpu:h100:4";
    let mut map: Vec<(String, u64)> = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    let mut parts = Vec::new();
    for (position, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..position]);
                start = position + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    for part in parts {
        let part = part.split('(').next().unwrap_or_default().trim();
        if part.is_empty() {
            continue;
        }
        let (name, count) = match part.rsplit_once(':') {
            Some((name, count)) if count.starts_with(|digit: char| digit.is_ascii_digit()) => {
                let count = count.parse().ok().or_else(|| count_with_unit(count)).ok_or_else(|| wrong(text, wanted))?;
                (name, count)
            }
            _ => (part, 1),
        };
        map.push((name.trim_end_matches(":no_consume").to_owned(), count));
    }
    map.sort();
    Ok(map.into_iter().map(|(name, count)| (name, json!(count))).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::slurm::fields::{self, find};

    fn read(kind: &str, key: &str, text: &str) -> Option<Value> {
        canonical(find(kind, key).unwrap(), text).unwrap()
    }

    #[test]
    fn times_are_minutes_rounded_up() {
        assert_eq!(read("qos", "MaxWall", "1-12:00:00"), Some(json!(2160)));
        assert_eq!(read("qos", "MaxWall", "12:00:00"), Some(json!(720)));
        assert_eq!(read("partition", "MaxTime", "90"), Some(json!(90)));
        assert_eq!(read("partition", "MaxTime", "00:00:01"), Some(json!(1)));
        assert_eq!(read("partition", "MaxTime", "UNLIMITED"), None);
        assert_eq!(read("partition", "DefaultTime", "NONE"), None);
        assert_eq!(read("qos", "GraceTime", "00:00:00"), None);
        assert_eq!(read("qos", "GraceTime", "00:01:30"), Some(json!(90)));
    }

    #[test]
    fn tres_are_exact() {
        assert_eq!(read("qos", "GrpTRES", "mem=500G,cpu=10"), read("qos", "GrpTRES", "cpu=10,mem=512000M"));
        assert_eq!(read("qos", "GrpTRES", "gres/gpu:H100=4"), Some(json!({"gres/gpu:h100": 4})));
        assert_eq!(read("qos", "GrpTRES", ""), None);
        assert_eq!(read("qos", "GrpTRES", "cpu=-1"), None);
    }

    #[test]
    fn something_never_becomes_nothing() {
        assert_eq!(megabytes("0.0001G"), Some(1));
        assert_eq!(megabytes("0.4M"), Some(1));
        assert_eq!(megabytes("1K"), Some(1));
        assert_eq!(megabytes("0.000G"), Some(0));
        assert_eq!(megabytes("0.5G"), Some(512));
        assert_eq!(read("qos", "GrpTRES", "mem=0.0001G"), Some(json!({"mem": 1})));
    }

    #[test]
    fn absent_has_many_spellings() {
        for text in ["", "(null)", "N/A", "UNLIMITED", "INFINITE"] {
            assert_eq!(read("partition", "MaxNodes", text), None, "{text}");
        }
        assert_eq!(read("partition", "AllowQos", "ALL"), None);
        assert_eq!(read("qos", "UsageFactor", "1.000000"), None);
        assert_eq!(read("qos", "UsageFactor", "0.500000"), Some(json!("0.5")));
        assert_eq!(read("account", "Fairshare", "2147483647"), Some(json!("parent")));
        assert_eq!(read("account", "Fairshare", "1"), None);
    }

    #[test]
    fn gres_with_sockets() {
        assert_eq!(read("node", "Gres", "gpu:h100:4(S:0-1),shard:8"), Some(json!({"gpu:h100": 4, "shard": 8})));
        assert_eq!(read("node", "Gres", "gpu:a100(S:0,1):4"), Some(json!({"gpu:a100": 1})));
        assert_eq!(read("node", "Gres", "(null)"), None);
    }

    #[test]
    fn partition_words() {
        assert_eq!(read("partition", "OverSubscribe", "FORCE"), Some(json!("FORCE:4")));
        assert_eq!(read("partition", "OverSubscribe", "NO"), None);
        assert_eq!(read("partition", "State", "UP"), None);
        assert_eq!(read("partition", "AllowQos", "Fast,slow,Fast"), Some(json!(["fast", "slow"])));
        assert_eq!(
            read("partition", "TRESBillingWeights", "GRES/gpu=1.0,CPU=0.50"),
            Some(json!({"cpu": "0.5", "gres/gpu": "1"}))
        );
        assert_eq!(read("partition", "TRESBillingWeights", "mem=.25G"), Some(json!({"mem": "0.25G"})));
        assert_eq!(decimal("."), None);
    }

    #[test]
    fn cores_behind_a_number_are_no_part_of_it() {
        for (text, wanted) in [
            ("1((null))", Some(json!(1))),
            ("2(0-1,64-65)", Some(json!(2))),
            ("4", Some(json!(4))),
            ("0((null))", None),
            ("(null)", None),
        ] {
            assert_eq!(read("node", "RestrictedCoresPerGPU", text), wanted, "{text}");
        }
    }

    fn any_field() -> impl Strategy<Value = &'static Field> {
        let all: Vec<&'static Field> = ["qos", "account", "user", "partition", "node", "gres"]
            .iter()
            .flat_map(|kind| fields::of_kind(kind))
            .collect();
        proptest::sample::select(all)
    }

    proptest! {
        #[test]
        fn never_panics(field in any_field(), text in "\\PC{0,30}") {
            let _ = canonical(field, &text);
        }

        #[test]
        fn what_is_written_reads_back(field in any_field(), text in prop_oneof!["[0-9]{1,5}", "[0-9]{1,2}-[0-2][0-9]:00:00", "cpu=[1-9]{1,3},gres/gpu=[1-9]", "[a-z]{1,5}(,[a-z]{1,5})?", "YES"]) {
            if let Ok(Some(value)) = canonical(field, &text) {
                prop_assert_eq!(canonical(field, &written(field, &value)), Ok(Some(value)));
            }
        }

        #[test]
        fn sizes_read_back(megabytes_in in 1_u64..4_000_000_000) {
            prop_assert_eq!(megabytes(&size(megabytes_in)), Some(megabytes_in));
        }
    }
}
