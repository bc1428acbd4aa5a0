//! Settings that releases still read and no longer heed, as data (`_validate_and_set_defaults`, `_load_slurmctld_host` and
//! `_defunct_option` in `read_config.c` of 22.05 to 26.05).
//!
//! Keys that a release refuses as unknown are in `keys`.

use super::keys::{Bound, in_release};
use super::release::Release;

/// What became of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Reading it is fatal.
    Fatal,
    /// It has no effect.
    Ignored,
    /// It goes on under this name; the old one is read where the new one is absent.
    Renamed(&'static str),
    /// It has no effect beside this one.
    Overruled(&'static str),
}

use Fate::{Fatal, Ignored, Overruled, Renamed};

/// One setting and its fate in the releases of a span, with what to write instead.
#[derive(Debug)]
pub struct Retired {
    key: &'static str,
    since: Bound,
    fate: Fate,
    instead: &'static str,
}

const fn row(key: &'static str, since: Bound, fate: Fate, instead: &'static str) -> Retired {
    Retired { key, since, fate, instead }
}

#[rustfmt::skip]
const RETIRED: &[Retired] = &[
    row("AccountingStorageLoc", (0, 0), Fatal, ""),
    row("AccountingStorageUser", (25, 11), Ignored, ""),
    row("AccountingStoreJobComment", (0, 0), Fatal, "AccountingStoreFlags=job_comment"),
    row("AcctGatherInfinibandType", (0, 0), Overruled("AcctGatherInterconnectType"), ""),
    row("BackupAddr", (0, 0), Overruled("SlurmctldHost"), ""),
    row("BackupController", (0, 0), Overruled("SlurmctldHost"), ""),
    row("BurstBufferParameters", (0, 0), Ignored, ""),
    row("ControlAddr", (0, 0), Overruled("SlurmctldHost"), ""),
    row("ControlMachine", (0, 0), Overruled("SlurmctldHost"), ""),
    row("CoreSpecPlugin", (24, 5), Ignored, ""),
    // Renamed in 19.05, and still read in 26.05.
    row("CryptoType", (0, 0), Renamed("CredType"), ""),
    row("DefMemPerCPU", (0, 0), Overruled("DefMemPerNode"), ""),
    row("ExtSensorsFreq", (23, 11), Ignored, ""),
    row("ExtSensorsType", (23, 11), Ignored, ""),
    row("FastSchedule", (0, 0), Fatal, "SlurmdParameters=config_overrides"),
    row("GetEnvTimeout", (25, 5), Ignored, ""),
    row("JobContainerType", (25, 11), Renamed("NamespaceType"), ""),
    row("JobCredentialPrivateKey", (23, 11), Ignored, ""),
    row("JobCredentialPublicCertificate", (23, 11), Ignored, ""),
    row("KeepAliveTime", (0, 0), Renamed("CommunicationParameters=keepalivetime"), ""),
    row("LaunchType", (23, 2), Ignored, ""),
    row("MaxMemPerCPU", (0, 0), Overruled("MaxMemPerNode"), ""),
    row("PowerParameters", (24, 5), Ignored, ""),
    row("PowerPlugin", (24, 5), Ignored, ""),
    row("PropagateResourceLimits", (0, 0), Overruled("PropagateResourceLimitsExcept"), ""),
    row("RoutePlugin", (23, 11), Ignored, "TopologyParam=RouteTree"),
    row("SallocDefaultCommand", (0, 0), Fatal, "LaunchParameters=use_interactive_step"),
    row("SbcastParameters", (0, 0), Renamed("BcastParameters"), ""),
    // Gone for good in 24.05.
    row("SchedulerAuth", (0, 0), Ignored, ""),
];

impl Retired {
    /// The row of a key for the release, whatever its case; without a release only what holds for all.
    pub fn of(key: &str, release: Option<Release>) -> Option<&'static Self> {
        RETIRED.iter().find(|row| {
            row.key.eq_ignore_ascii_case(key)
                && release.map_or(row.since == (0, 0), |release| in_release(row.since, (0, 0), Some(release)))
        })
    }

    /// What became of it, given its value: two settings are fatal or ignored by what they say.
    pub fn fate(&self, value: &str) -> Option<Fate> {
        match self.key {
            // The old default; 0 and 2 would be another behaviour than before.
            "FastSchedule" if value == "1" => Some(Ignored),
            // Still turned into RouteTree where `tree` is in it.
            "RoutePlugin" if value.to_ascii_lowercase().contains("tree") => None,
            _ => Some(self.fate),
        }
    }

    /// What to write instead; empty where it can go.
    pub fn instead(&self, value: &str) -> &'static str {
        // `FastSchedule=0` has no heir.
        if self.key == "FastSchedule" && value != "2" { "" } else { self.instead }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slurm::keys::{LineKind, find};

    #[test]
    fn settings_retire_release_by_release() {
        let fate =
            |key, value, year, month| Retired::of(key, Some(Release::new(year, month))).and_then(|row| row.fate(value));
        assert_eq!(fate("launchtype", "launch/slurm", 22, 5), None);
        assert_eq!(fate("LaunchType", "launch/slurm", 23, 2), Some(Ignored));
        assert_eq!(fate("FastSchedule", "1", 26, 5), Some(Ignored));
        assert_eq!(fate("FastSchedule", "0", 22, 5), Some(Fatal));
        assert_eq!(Retired::of("FastSchedule", None).map(|row| row.instead("0")), Some(""));
        assert_eq!(fate("CryptoType", "crypto/munge", 26, 5), Some(Renamed("CredType")));
        assert_eq!(fate("RoutePlugin", "route/topology", 23, 2), None);
        assert_eq!(fate("RoutePlugin", "route/topology", 23, 11), Some(Ignored));
        assert_eq!(fate("RoutePlugin", "route/tree", 23, 11), None);
    }

    #[test]
    fn every_retired_setting_is_a_key_that_is_still_read() {
        for row in RETIRED {
            let release = Release::new(row.since.0.max(22), row.since.1.max(5));
            assert!(find(LineKind::Setting, row.key, Some(release)).is_some(), "{} on {release}", row.key);
        }
    }
}
