//! What a server's refusal means.

/// One cause of a refusal (`details.causes` of a Status).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Reason: `FieldManagerConflict`, `FieldValueInvalid`.
    pub reason: String,
    /// Field as the server writes it: `spec.ports[0].nodePort`.
    pub field: String,
    /// Text.
    pub message: String,
}

/// What kind of refusal it is; a number and a reason of the server alone do not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Not one of the others.
    Other,
}

/// A request that was refused, or got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it means.
    pub kind: FailureKind,
    /// HTTP status; zero where there was no answer.
    pub status: u16,
    /// What the server said, in one line.
    pub message: String,
    /// The fields that it names.
    pub causes: Vec<Cause>,
}
