//! Quantities as people write them.

use jiff::civil::Date;

use crate::diagnostics::Complaint;
use crate::slurm::{fields, value};

/// The largest amount that is taken.
pub const MOST: u64 = fields::AMOUNT;

/// Why an amount is refused.
pub fn too_much(amount: u64) -> Complaint {
    Complaint::new(
        format!("{amount} is more than any site has"),
        format!("write at most {MOST}, or take the field out"),
    )
}

/// Seconds of `12h`, `2d`, `30m`, `1h30m`, `90s`, `1-12:00:00`, `12:00:00` (twelve hours). A bare number has no unit.
pub fn seconds(text: &str) -> Result<u64, Complaint> {
    let text = text.trim();
    let fail = |why: &str| {
        Err(Complaint::new(format!("`{text}` is not a time{why}"), "write e.g. `12h`, `2d`, `30m` or `1-12:00:00`"))
    };
    if text.is_empty() || text.len() > 40 {
        return fail("");
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Complaint::new(
            format!("`{text}` has no unit"),
            format!("write `{text}h`, `{text}m` or `{text}d`"),
        ));
    }
    if text.contains([':', '-']) {
        let parts = text.split(':').count();
        if parts == 2 && !text.contains('-') {
            return Err(Complaint::new(
                format!("`{text}` can be hours and minutes, or minutes and seconds"),
                format!("write `{text}:00` for hours and minutes, or `00:{text}`"),
            ));
        }
        return value::seconds(text).map_or_else(|| fail(""), Ok);
    }
    let mut total: u64 = 0;
    let mut rest = text;
    let mut last_factor = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let unit_end =
            rest[digits..].find(|letter: char| letter.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        let factor = match rest[digits..unit_end].trim() {
            "s" | "sec" | "seconds" => 1,
            "m" | "min" | "minutes" | "minute" => 60,
            "h" | "hours" | "hour" => 3600,
            "d" | "days" | "day" => 86_400,
            "w" | "weeks" | "week" => 604_800,
            _ => return fail(""),
        };
        if factor >= last_factor || digits == 0 {
            return fail("");
        }
        last_factor = factor;
        let number: Option<u64> = rest[..digits].parse().ok();
        let Some(sum) = number.and_then(|number| number.checked_mul(factor)).and_then(|part| total.checked_add(part))
        else {
            return fail(": it is too long");
        };
        total = sum;
        rest = &rest[unit_end..];
    }
    if total / 60 > u64::from(u32::MAX) { fail(": it is too long") } else { Ok(total) }
}

/// Minutes, rounded up as Slurm does.
pub fn minutes(text: &str) -> Result<u64, Complaint> {
    seconds(text).map(|seconds| seconds.div_ceil(60))
}

/// Megabytes of `512GB`, `512GiB`, `1TB`, `500G`; by 1024, as Slurm counts. A bare number has no unit.
pub fn megabytes(text: &str) -> Result<u64, Complaint> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Complaint::new(format!("`{text}` has no unit"), format!("write `{text}MB` or `{text}GB`")));
    }
    let compact: String = text.chars().filter(|letter| *letter != ' ').collect();
    value::megabytes(&compact)
        .ok_or_else(|| Complaint::new(format!("`{text}` is not a size"), "write e.g. `512GB` or `1TB`"))
        .and_then(|megabytes| match megabytes {
            ..MOST_MEGABYTES => Ok(megabytes),
            _ => Err(Complaint::new(format!("no site has memory of `{text}`"), "write e.g. `512GB` or `1TB`")),
        })
}

/// Eight exbibytes: more has no number on Kubernetes, which counts bytes with 63 bits.
const MOST_MEGABYTES: u64 = 1 << 43;

/// Watts of `12MW`, `6.1kW`, `800W`: more than none, and no more than the largest sites have.
pub fn watts(text: &str) -> Result<u64, Complaint> {
    let text = text.trim();
    let hint = || "write e.g. `12MW` or `6.1kW`".to_owned();
    let unit_at = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let places = match unit {
        "W" => 0,
        "kW" => 3,
        "MW" => 6,
        "GW" => 9,
        _ => return Err(Complaint::new(format!("`{text}` is not a power"), hint())),
    };
    let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || fraction.len() > places || !digits(whole) || !digits(fraction) {
        return Err(Complaint::new(format!("`{text}` is not a power"), hint()));
    }
    let watts =
        format!("{whole}{fraction:0<places$}").parse::<u64>().ok().filter(|watts| (1..=MOST_WATTS).contains(watts));
    watts.ok_or_else(|| Complaint::new(format!("no site has a power of `{text}`"), hint()))
}

/// The power of a site: ten gigawatts is more than any has.
const MOST_WATTS: u64 = 10_000_000_000;

/// Power usage effectiveness: all power by that of computing, so one at least.
pub fn effectiveness(text: &str) -> Result<(), Complaint> {
    let hint = || "all power by that of computing is 1 or more: write e.g. `1.08`".to_owned();
    let number =
        value::decimal(text.trim()).ok_or_else(|| Complaint::new(format!("`{text}` is not a number"), hint()))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let whole: u64 = whole.parse().unwrap_or(u64::MAX);
    if (1..10).contains(&whole) || (whole == 10 && fraction.is_empty()) {
        return Ok(());
    }
    Err(Complaint::new(format!("no site has an effectiveness of `{text}`"), hint()))
}

/// The whole, in hundredths of a percent.
pub const WHOLE: u32 = 10_000;

/// Hundredths of a percent of `60%`, `12.5%`.
pub fn percent(text: &str) -> Result<u32, Complaint> {
    let fail = || Complaint::new(format!("`{text}` is not a share"), "write e.g. `60%`");
    let number = text.trim().strip_suffix('%').ok_or_else(fail)?.trim();
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.len() > 2
        || !fraction.bytes().all(|byte| byte.is_ascii_digit())
        || whole.is_empty()
        || !whole.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(fail());
    }
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 1000).ok_or_else(fail)?;
    let fraction: u32 = format!("{fraction:0<2}").parse().map_err(|_| fail())?;
    Ok(whole * 100 + fraction)
}

/// Whole percent of the share that a guard allows, `50%` or `50`; a fraction allows no more than the whole below it.
pub fn guard_share(text: &str) -> Result<u8, Complaint> {
    let text = text.trim();
    let marked = if text.ends_with('%') { text.to_owned() } else { format!("{text}%") };
    let whole =
        percent(&marked).ok().and_then(|hundredths| u8::try_from(hundredths / 100).ok()).filter(|whole| *whole <= 100);
    whole.ok_or_else(|| {
        Complaint::new(format!("`{text}` is not a share"), "write a percentage up to 100: `50` or `50%`")
    })
}

/// A share for people.
pub fn percent_text(hundredths: u32) -> String {
    if hundredths.is_multiple_of(100) {
        format!("{} %", hundredths / 100)
    } else {
        format!("{}.{:02} %", hundredths / 100, hundredths % 100)
    }
}

/// A day of `2026-04-01`.
pub fn day(text: &str) -> Result<Date, Complaint> {
    let shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(index, byte)| if index == 4 || index == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let parsed = if shape { text.parse::<Date>().ok() } else { None };
    parsed.ok_or_else(|| Complaint::new(format!("`{text}` is not a day"), "write it as `2026-04-01`"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times() {
        for (text, wanted) in [
            ("12h", 43_200),
            ("12:00:00", 43_200),
            ("1-12:00:00", 129_600),
            ("2d", 172_800),
            ("1h30m", 5400),
            ("30 m", 1800),
            ("2-00", 172_800),
        ] {
            assert_eq!(seconds(text), Ok(wanted), "{text}");
        }
        for text in ["12", "", "1x", "30m1h", "12:30", "h", "1-", "-1h", "99999999999999w", "1.5h"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert_eq!(minutes("90s"), Ok(2));
    }

    #[test]
    fn sizes_shares_days() {
        assert_eq!(megabytes("512GB"), Ok(524_288));
        assert_eq!(megabytes("1 TB"), Ok(1_048_576));
        assert_eq!(megabytes("512GiB"), Ok(524_288));
        assert!(megabytes("512").is_err());
        assert!(megabytes("many").is_err());
        assert_eq!(percent("12.5%"), Ok(1250));
        assert!(percent("12").is_err());
        assert_eq!(
            (guard_share("50"), guard_share("50 %"), guard_share("12.5%"), guard_share("0")),
            (Ok(50), Ok(50), Ok(12), Ok(0))
        );
        for text in ["", "%", "101", "-1", "half", "5%%"] {
            assert!(guard_share(text).is_err(), "{text}");
        }
        assert_eq!(day("2026-02-28").unwrap().day(), 28);
        assert!(day("2026-02-30").is_err());
        assert!(day("1.4.2026").is_err());
    }

    #[test]
    fn powers() {
        for (text, wanted) in
            [("12MW", 12_000_000), ("6.1kW", 6100), ("800 W", 800), ("0.5GW", 500_000_000), ("10GW", 10_000_000_000)]
        {
            assert_eq!(watts(text), Ok(wanted), "{text}");
        }
        for text in [
            "",
            "12",
            "kW",
            "-3kW",
            "1e308kW",
            "0kW",
            "0.5W",
            "11GW",
            "999999999999GW",
            "1.2.3MW",
            ".nan",
            "12mw",
            "+3kW",
        ] {
            assert!(watts(text).is_err(), "{text}");
        }
        for text in ["1", "1.08", "1.5", "1.085", "10"] {
            assert_eq!(effectiveness(text), Ok(()), "{text}");
        }
        for text in [".nan", ".inf", "0", "0.99", "-1.2", "10.1", "1e3", "", "99999999999999999999"] {
            assert!(effectiveness(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,20}") {
            let _ = (seconds(&text), megabytes(&text), percent(&text), day(&text), watts(&text), effectiveness(&text));
        }
    }
}
