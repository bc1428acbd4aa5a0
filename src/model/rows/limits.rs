//! Limits of an association, which accounts and users have alike.

use super::row::Unit::{Amounts, Minutes, Number, TresMinutes};
use super::row::{Row, row};
use crate::manifest::v1alpha1::AssociationLimits;

/// Rows of [`AssociationLimits`].
pub(in crate::model) const LIMITS: &[Row<AssociationLimits>] = &[
    row!(total => "GrpTRES", Amounts),
    row!(tres_minutes + gpu_hours => "GrpTRESMins"),
    row!(running_tres_minutes => "GrpTRESRunMins", TresMinutes(None)),
    row!(total_running_jobs => "GrpJobs", Number),
    row!(total_accruing_jobs => "GrpJobsAccrue", Number),
    row!(total_submitted_jobs => "GrpSubmit", Number),
    row!(total_wall_time => "GrpWall", Minutes),
    row!(per_job => "MaxTRESPerJob", Amounts),
    row!(per_node => "MaxTRESPerNode", Amounts),
    row!(per_job_tres_minutes => "MaxTRESMinsPerJob", TresMinutes(None)),
    row!(wall_time => "MaxWall", Minutes),
    row!(running_jobs => "MaxJobs", Number),
    row!(accruing_jobs => "MaxJobsAccrue", Number),
    row!(submitted_jobs => "MaxSubmitJobs", Number),
    row!(minimum_priority => "MinPrioThreshold", Number),
];
