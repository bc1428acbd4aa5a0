//! The stable name of a sort of problem, with the page that `explain CODE` prints.

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing can be planned with it.
    Error,
    /// It can be planned, and is probably not what was meant.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A sort of problem. Names are kebab-case, never reused and never renamed.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable name, e.g. `limit-exceeds-partition`.
    pub name: &'static str,
    /// How bad.
    pub severity: Severity,
    /// One line without user names, sentence case without full stop.
    pub summary: &'static str,
    /// Why it is a problem and what to do, Markdown, a few sentences, with the source of a rule that comes from outside
    /// (man page, article of the regulation).
    pub explanation: &'static str,
    /// A short example that yields this code (YAML, a Slurm file, or a command), shown by `explain`.
    pub failing: &'static str,
    /// The same, put right.
    pub passing: &'static str,
}
