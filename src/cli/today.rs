//! The day that allocations are evaluated on where nobody names one.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Largest file of a time zone; the largest that there is has a few kilobytes.
const BYTES: u64 = 1 << 20;
/// Folders that a zone without a path is looked for in.
const FOLDERS: [&str; 4] = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];

/// Today, in the zone of `TZ` or of the machine; of UTC where `TZ` names a device or a file that is no zone, which would be
/// read without end.
pub(super) fn today() -> Date {
    let zone = std::env::var_os("TZ").unwrap_or_default();
    let folder = std::env::var_os("TZDIR").map(PathBuf::from);
    if is_odd(Path::new(&zone), folder.as_deref()) {
        return jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
    }
    jiff::Zoned::now().date()
}

/// Whether a zone names something that is there and is no file of a zone.
fn is_odd(zone: &Path, folder: Option<&Path>) -> bool {
    let name = zone.to_string_lossy();
    let name = name.strip_prefix(':').unwrap_or(&name);
    if name.is_empty() {
        return false;
    }
    // An absolute name stands for itself, whatever folder it is looked for in.
    let folders = FOLDERS.iter().map(Path::new).chain(folder);
    folders
        .map(|folder| folder.join(name))
        .any(|path| std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() || metadata.len() > BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_no_zones() {
        let odd = |zone: &str| is_odd(Path::new(zone), None);
        for zone in ["/dev/zero", ":/dev/zero", "/dev/tty", "/", "../../../dev/zero", ":../../../dev/random"] {
            assert!(odd(zone), "{zone}");
        }
        for zone in ["", ":", "UTC", "Europe/Helsinki", ":Europe/Helsinki", "EET-2EEST", "/nowhere/at/all"] {
            assert!(!odd(zone), "{zone}");
        }
    }
}
