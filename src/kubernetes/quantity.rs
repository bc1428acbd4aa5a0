//! `resource.Quantity` in canonical form.
//!
//! A server stores built-in quantities in this form, and webhooks write it into others, so a quantity that is declared in
//! any other spelling shows a difference for ever (`k8s.io/apimachinery/pkg/api/resource`, quantity.go).

/// Why a text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no Kubernetes quantity such as `500m`, `16Gi` or `8`")]
pub struct QuantityError(pub String);

/// Family of suffixes; it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Binary,
    Decimal,
    Exponent,
}

/// Smallest power of ten that a quantity keeps; what is finer is rounded up.
const NANO: i32 = -9;

const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// `mantissa × 10^scale`, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Amount {
    mantissa: i128,
    scale: i32,
}

/// The one spelling of a quantity: no fraction, the largest suffix that loses nothing, binary below 1024 as decimal, `0`
/// for nothing. `1000m` → `1`, `0.5` → `500m`, `1024Mi` → `1Gi`.
pub fn canonical(text: &str) -> Result<String, QuantityError> {
    let (amount, family) = parse(text).ok_or_else(|| QuantityError(text.to_owned()))?;
    Ok(spelled(amount, family))
}

/// The amount in thousandths, rounded up, for sums and comparisons.
pub fn milli(text: &str) -> Result<i128, QuantityError> {
    let wrong = || QuantityError(text.to_owned());
    let (amount, _) = parse(text).ok_or_else(wrong)?;
    at_scale(amount, -3).ok_or_else(wrong)
}

fn parse(text: &str) -> Option<(Amount, Family)> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    // Go holds 63 bits with nine decimals; longer numbers are no limits that anybody means.
    if digits.len() > 30 {
        return None;
    }
    let mut mantissa: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    if negative {
        mantissa = -mantissa;
    }
    let mut scale = -i32::try_from(fraction.len()).ok()?;
    let family = if let Some(power) = BINARY.iter().position(|one| *one == suffix && !suffix.is_empty()) {
        mantissa = mantissa.checked_mul(1_i128 << (10 * power))?;
        Family::Binary
    } else if let Some((_, power)) = DECIMAL.iter().find(|(one, _)| *one == suffix) {
        scale += power;
        Family::Decimal
    } else {
        let exponent = suffix.strip_prefix(['e', 'E'])?;
        let plain = exponent.trim_start_matches(['+', '-']);
        if plain.is_empty()
            || plain.len() > 3
            || !plain.bytes().all(|byte| byte.is_ascii_digit())
            || exponent.len() > plain.len() + 1
        {
            return None;
        }
        scale += exponent.parse::<i32>().ok()?;
        Family::Exponent
    };
    let amount = Amount { mantissa, scale };
    let amount = if scale < NANO { Amount { mantissa: at_scale(amount, NANO)?, scale: NANO } } else { amount };
    // The whole has to fit 63 bits, as the server caps it there without a word.
    (at_scale(amount, 0)?.unsigned_abs() <= i64::MAX.unsigned_abs().into()).then_some((amount, family))
}

/// The mantissa at another scale; away from zero where digits go.
fn at_scale(amount: Amount, scale: i32) -> Option<i128> {
    let shift = amount.scale - scale;
    let factor = 10_i128.checked_pow(shift.unsigned_abs());
    if shift >= 0 {
        return if amount.mantissa == 0 { Some(0) } else { amount.mantissa.checked_mul(factor?) };
    }
    let Some(factor) = factor else { return Some(amount.mantissa.signum()) };
    let (quotient, remainder) = (amount.mantissa / factor, amount.mantissa % factor);
    Some(if remainder == 0 { quotient } else { quotient + amount.mantissa.signum() })
}

fn spelled(amount: Amount, family: Family) -> String {
    if amount.mantissa == 0 {
        return "0".to_owned();
    }
    if family == Family::Binary
        && let Some(mut bytes) = exact_whole(amount)
        && bytes.abs() >= 1024
    {
        let mut power = 0;
        while bytes % 1024 == 0 && power + 1 < BINARY.len() {
            bytes /= 1024;
            power += 1;
        }
        // Without a suffix the next reader takes it for decimal, and so it is written that way at once.
        if power > 0 {
            return format!("{bytes}{}", BINARY[power]);
        }
    }
    let (mut mantissa, mut scale) = (amount.mantissa, amount.scale);
    while mantissa % 10 == 0 {
        mantissa /= 10;
        scale += 1;
    }
    // Only every third power has a suffix.
    let over = scale.rem_euclid(3);
    mantissa *= 10_i128.pow(over.unsigned_abs());
    scale -= over;
    if family == Family::Exponent {
        return if scale == 0 { mantissa.to_string() } else { format!("{mantissa}e{scale}") };
    }
    while scale > 18 {
        mantissa *= 1000;
        scale -= 3;
    }
    let suffix = DECIMAL.iter().find(|(_, power)| *power == scale).map_or("", |(suffix, _)| suffix);
    format!("{mantissa}{suffix}")
}

fn exact_whole(amount: Amount) -> Option<i128> {
    let whole = at_scale(amount, 0)?;
    let back = if amount.scale >= 0 {
        true
    } else {
        whole.checked_mul(10_i128.checked_pow(amount.scale.unsigned_abs())?)? == amount.mantissa
    };
    back.then_some(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Cases of apimachinery's quantity_test.go, and those seen on a server.
    #[test]
    fn as_the_server_writes_them() {
        for (text, wanted) in [
            ("0", "0"),
            ("0n", "0"),
            ("0Ki", "0"),
            ("-0", "0"),
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1024Mi", "1Gi"),
            ("2", "2"),
            ("1Ki", "1Ki"),
            ("8Ki", "8Ki"),
            ("1500Ki", "1500Ki"),
            ("0.5Ki", "512"),
            ("0.5Mi", "512Ki"),
            ("1.5Gi", "1536Mi"),
            ("1000Ki", "1000Ki"),
            ("100", "100"),
            ("1000", "1k"),
            ("12345", "12345"),
            ("1000000", "1M"),
            ("3.1e3", "3100"),
            ("1e3", "1e3"),
            ("1e1", "10"),
            ("100e3", "100e3"),
            ("100M", "100M"),
            ("1.1E", "1100P"),
            ("0.001", "1m"),
            ("0.0001", "100u"),
            ("1.000000001", "1000000001n"),
            ("0.0000000001", "1n"),
            ("-0.0000000001", "-1n"),
            ("+5", "5"),
            (".5", "500m"),
            ("5.", "5"),
            ("1.2.Gi", ""),
            ("0.1Gi", "107374182400m"),
            ("9E", "9E"),
            ("626939687.5Ki", "641986240k"),
            ("1023", "1023"),
            ("-1Ki", "-1Ki"),
            ("-0.5Ki", "-512"),
            ("1E3", "1e3"),
            ("0.5e3", "500"),
            ("1e-3", "1e-3"),
        ] {
            let said = canonical(text);
            if wanted.is_empty() {
                assert!(said.is_err(), "{text}");
            } else {
                assert_eq!(said.as_deref(), Ok(wanted), "{text}");
            }
        }
        for wrong in [
            "",
            "-",
            "Gi",
            "1gi",
            "1 Gi",
            "1e",
            "1e+-3",
            "1.2.3",
            "ten",
            "1KiB",
            "0x10",
            "99999999999999999999999999999999",
            "1e999",
            "10E",
        ] {
            assert!(canonical(wrong).is_err(), "{wrong}");
        }
        assert_eq!(milli("1.5"), Ok(1500));
        assert_eq!(milli("1Gi"), Ok(1_073_741_824_000));
    }

    proptest! {
        #[test]
        fn canonical_is_stable_and_keeps_the_amount(number in -9_000_000_000_i64..9_000_000_000, decimals in 0_u32..6, suffix in prop::sample::select(vec!["", "m", "k", "M", "Ki", "Mi", "Gi", "e3", "u"])) {
            let power = 10_i64.pow(decimals);
            let sign = if number < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:0width$}{suffix}", (number / power).abs(), (number % power).abs(), width = decimals as usize);
            if let Ok(once) = canonical(&text) {
                prop_assert_eq!(canonical(&once).unwrap(), once.clone());
                prop_assert_eq!(milli(&once).unwrap(), milli(&text).unwrap());
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,12}") {
            let _ = canonical(&text);
        }
    }
}
