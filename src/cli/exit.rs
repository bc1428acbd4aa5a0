//! Exit codes, the same everywhere.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: success, or no change.
    Success,
    /// 1: a problem was found, or something failed; nothing was changed.
    Problem,
    /// 2: changes are present (only with `--detailed-exitcode`).
    Changes,
    /// 3: refused: a guard, a stale plan, a lock, a foreign owner, or nobody confirmed; nothing was changed.
    Refused,
    /// 4: partly applied; run it again.
    Partly,
    /// 64: the command line is wrong (`EX_USAGE` of sysexits.h).
    Usage,
}

impl Exit {
    /// The number.
    pub fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Problem => 1,
            Self::Changes => 2,
            Self::Refused => 3,
            Self::Partly => 4,
            Self::Usage => 64,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
