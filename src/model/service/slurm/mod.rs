//! Services whose workers are Slurm jobs.

mod read;

use crate::model::Fields;

pub(in crate::model) use read::{ACCOUNT, QOS};
pub(super) use read::{BLOCKS, attach};

/// A service whose workers are Slurm jobs.
#[derive(Debug, Clone)]
pub struct SlurmService {
    /// User that submits.
    pub user: String,
    /// Account, and the name of its own QOS.
    pub account: String,
    /// Partition.
    pub partition: String,
    /// Access mode; where absent it has a QOS of its own.
    pub mode: Option<String>,
    /// Reservation.
    pub reservation: Option<String>,
    /// Fields of the account.
    pub fields: Fields,
    /// Fields of its own QOS.
    pub qos: Fields,
}

/// What such services are.
pub type Runtime = Box<SlurmService>;
