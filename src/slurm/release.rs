//! Slurm releases, and what differs between them, as data.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A release's year and month, e.g. 24.11; the maintenance level does not matter for what we do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Release {
    year: u16,
    month: u16,
}

impl Release {
    /// Older than all we know: marks fields that were always there.
    pub const OLDEST: Self = Self::new(20, 11);
    /// First release that is supported as a target.
    pub const FIRST: Self = Self::new(22, 5);
    /// Last release that is supported as a target.
    pub const LAST: Self = Self::new(26, 5);
    /// All supported releases.
    pub const ALL: [Self; 8] = [
        Self::new(22, 5),
        Self::new(23, 2),
        Self::new(23, 11),
        Self::new(24, 5),
        Self::new(24, 11),
        Self::new(25, 5),
        Self::new(25, 11),
        Self::new(26, 5),
    ];

    /// A release by its numbers.
    pub const fn new(year: u16, month: u16) -> Self {
        Self { year, month }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}.{:02}", self.year, self.month)
    }
}

impl FromStr for Release {
    type Err = String;

    /// Reads `24.11`, `24.11.5`, `24.11.5-1` or `slurm 24.11.5`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || format!("`{text}` is not a Slurm release: write it as `24.11`");
        let digits = text.trim().trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let mut parts = digits.split(['.', '-']);
        let year = parts.next().and_then(|part| part.parse().ok()).ok_or_else(fail)?;
        let month = parts.next().and_then(|part| part.parse().ok()).ok_or_else(fail)?;
        if !(15..=99).contains(&year) || !(1..=12).contains(&month) {
            return Err(fail());
        }
        Ok(Self::new(year, month))
    }
}

impl TryFrom<String> for Release {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Release> for String {
    fn from(release: Release) -> Self {
        release.to_string()
    }
}

/// What a release can and cannot do, each seen on live daemons or read in the release's source.
impl Release {
    /// Whether `scontrol reconfigure` takes up added and removed nodes, and changed hardware. Before 23.11 it ends the
    /// controller ("MaxNodeCount has changed"), or pretends.
    pub fn reconfigure_adds_nodes(self) -> bool {
        self >= Self::new(23, 11)
    }

    /// Whether a file that is refused at reconfigure ends the controller at once.
    pub fn bad_file_kills_controller_on_reconfigure(self) -> bool {
        self < Self::new(23, 11)
    }

    /// Whether slurmctld refuses to start without any partition ("No PartitionName information available!"): seen on
    /// 22.05, not on 24.11; 23.02 shares 22.05's code.
    pub fn needs_a_partition_to_start(self) -> bool {
        self < Self::new(23, 11)
    }

    /// Whether an account's new default QOS is refused, with exit 0, while a user below has a list of their own without it
    /// and a default of their own: seen on 22.05, not on 24.11.
    pub fn holds_defaults_against_users(self) -> bool {
        self < Self::new(23, 11)
    }

    /// Whether `sacctmgr show assoc OnlyDefaults` answers in linear time.
    pub fn only_defaults_is_fast(self) -> bool {
        self >= Self::new(23, 11)
    }

    /// Whether one command may add users to several accounts: up to 23.02 nested sets are shifted for each (200 users in
    /// ten accounts took seven minutes), since 23.11 it takes half the time of one command an account.
    pub fn multiplies_cheaply(self) -> bool {
        self >= Self::new(23, 11)
    }

    /// Whether this tool supports the release as a target.
    pub fn is_supported(self) -> bool {
        (Self::FIRST..=Self::LAST).contains(&self)
    }
}
