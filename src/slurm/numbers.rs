//! Numbers and times of slurm.conf as its parser takes them (`_handle_uint16` and its like in `parse_config.c`): no units
//! but `K`, and a width for each key. A wrong one stops every program.

use super::keys::LineKind;
use super::value;

/// Most of a 16-bit key.
const SHORT: u64 = u16::MAX as u64;
/// Most of a 32-bit key.
const LONG: u64 = u32::MAX as u64;

/// Settings of 16 bits, asked of 22.05; 24.11 and 26.05 agreed as far as they were asked.
const SHORT_SETTINGS: &[&str] = &[
    "AccountingStoragePort",
    "AcctGatherNodeFreq",
    "BatchStartTimeout",
    "CompleteWait",
    "EioTimeout",
    "FairShareDampeningFactor",
    "GroupUpdateForce",
    "GroupUpdateTime",
    "HealthCheckInterval",
    "InactiveLimit",
    "JobFileAppend",
    "JobRequeue",
    "KillOnBadExit",
    "KillWait",
    "MaxTasksPerNode",
    "MessageTimeout",
    "OverTimeLimit",
    "PrologEpilogTimeout",
    "ResumeRate",
    "ResumeTimeout",
    "ResvOverRun",
    "ReturnToService",
    "SchedulerTimeSlice",
    "SlurmctldTimeout",
    "SlurmdTimeout",
    "SuspendRate",
    "SuspendTimeout",
    "TCPTimeout",
    "TreeWidth",
    "UnkillableStepTimeout",
    "VSizeFactor",
    "WaitTime",
];

/// Settings of 32 bits.
const LONG_SETTINGS: &[&str] = &[
    "EpilogMsgTime",
    "FirstJobId",
    "JobCompPort",
    "KeepAliveTime",
    "MaxArraySize",
    "MaxDBDMsgs",
    "MaxJobCount",
    "MaxJobId",
    "MaxStepCount",
    "MinJobAge",
    "PriorityWeightAge",
    "PriorityWeightAssoc",
    "PriorityWeightFairshare",
    "PriorityWeightJobSize",
    "PriorityWeightPartition",
    "PriorityWeightQOS",
    "SlurmdPort",
];

/// Defaults of jobs, of 64 bits, both settings and keys of partitions.
const WIDE: &[&str] =
    &["DefCPUPerGPU", "DefMemPerCPU", "DefMemPerGPU", "DefMemPerNode", "MaxMemPerCPU", "MaxMemPerNode"];

const SHORT_NODE: &[&str] =
    &["Boards", "CoresPerSocket", "CPUs", "Procs", "Sockets", "SocketsPerBoard", "ThreadsPerCore"];
const LONG_NODE: &[&str] = &["TmpDisk", "Weight"];
const WIDE_NODE: &[&str] = &["RealMemory", "MemSpecLimit"];
const SHORT_PARTITION: &[&str] = &["Priority", "PriorityJobFactor", "PriorityTier", "ResumeTimeout", "SuspendTimeout"];
const LONG_PARTITION: &[&str] = &["GraceTime", "MaxCPUsPerNode", "MaxNodes", "MinNodes"];

/// Largest number that a key takes; `None` where the key holds no plain number, or releases differ.
pub fn most(kind: LineKind, key: &str) -> Option<u64> {
    let (short, long, wide) = match kind {
        LineKind::Setting => (SHORT_SETTINGS, LONG_SETTINGS, WIDE),
        LineKind::Node => (SHORT_NODE, LONG_NODE, WIDE_NODE),
        LineKind::Partition => (SHORT_PARTITION, LONG_PARTITION, WIDE),
        _ => return None,
    };
    [(short, SHORT), (long, LONG), (wide, u64::MAX)]
        .into_iter()
        .find_map(|(keys, most)| keys.iter().any(|one| one.eq_ignore_ascii_case(key)).then_some(most))
}

/// Whether Slurm reads the text as a number up to `most`: decimal or `0x…`, with or without `K`, or a word for no limit.
pub fn fits(text: &str, most: u64) -> bool {
    if ["", "unlimited", "infinite"].contains(&text.to_ascii_lowercase().as_str()) {
        return true;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    let (digits, factor) = text.strip_suffix(['k', 'K']).map_or((text, 1), |digits| (digits, 1024));
    let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    number.is_ok_and(|number| number.checked_mul(factor).is_some_and(|number| number <= most))
}

/// Whether a setting that holds a time takes the text; `None` where the setting holds no time that Slurm checks.
pub fn time_fits(key: &str, text: &str) -> Option<bool> {
    let is = |other: &str| key.eq_ignore_ascii_case(other);
    // A period has to end.
    let endless = is("PriorityDecayHalfLife") || is("PriorityMaxAge") || is("PreemptExemptTime");
    (endless || is("PriorityCalcPeriod")).then(|| {
        let negative = text
            .strip_prefix('-')
            .is_some_and(|rest| if is("PreemptExemptTime") { value::seconds(rest).is_some() } else { rest == "1" });
        let word = ["unlimited", "infinite"].contains(&text.to_ascii_lowercase().as_str());
        // `7-` is seven days to Slurm.
        value::seconds(text.strip_suffix('-').unwrap_or(text)).is_some() || endless && (word || negative)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_slurm_does() {
        let memory = most(LineKind::Node, "realmemory").unwrap();
        for good in ["256000", "256000k", "256000K", "0x100", "UNLIMITED", "infinite", "5000000000", "+5"] {
            assert!(fits(good, memory), "{good}");
        }
        for bad in ["256G", "1.5", "-1", "12Mb", "NONE", "00:05:00", "1 2"] {
            assert!(!fits(bad, memory), "{bad}");
        }
        let tier = most(LineKind::Partition, "PriorityTier").unwrap();
        assert!(fits("65535", tier) && !fits("70000", tier));
        assert!(!fits("5000000000", most(LineKind::Node, "Weight").unwrap()));
        assert!(most(LineKind::Partition, "MaxTime").is_none() && most(LineKind::Setting, "GetEnvTimeout").is_none());
    }

    #[test]
    fn times_are_read_as_slurm_does() {
        for good in ["7-0", "14-0", "00:10:00", "-1", "UNLIMITED", "0", "90", "7-"] {
            assert_eq!(time_fits("PriorityMaxAge", good), Some(true), "{good}");
        }
        for bad in ["7days", "2w", "10m", "NONE", "1:2:3:4", "", "1.5", "-5"] {
            assert_eq!(time_fits("prioritydecayhalflife", bad), Some(false), "{bad}");
        }
        assert_eq!(time_fits("PriorityCalcPeriod", "-1"), Some(false));
        assert_eq!(time_fits("PreemptExemptTime", "-5"), Some(true));
        assert_eq!(time_fits("SuspendTime", "x"), None);
    }
}
