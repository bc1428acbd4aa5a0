//! Access modes.

use super::collect::Collector;
use super::collect::walk::heard;
use super::rows::Unit::{
    Amounts, Composed, Decimal, Flag, Flags, Minutes, Names, Number, Raw, Seconds, Text, TresMinutes,
};
use super::rows::{Row, Table, fields, row};
use super::{AccessMode, ModeSides};
use crate::diagnostics::{Diagnostics, DocumentId};
use crate::manifest::v1alpha1::AccessMode as Wire;
use crate::manifest::v1alpha1::access_mode::AccessModeSpec;
use crate::manifest::{Kind, Refused};
use crate::resource::{FieldPath, PROTECT};

const ROWS: &[Row<AccessModeSpec>] = &[
    row!(description => "Description", Text),
    row!(per_job => "MaxTRESPerJob", Amounts),
    row!(per_job.minimum => "MinTRESPerJob", Amounts),
    row!(per_job.wall_time => "MaxWall", Minutes),
    row!(per_job.tres_minutes + per_job.gpu_hours => "MaxTRESMinsPerJob"),
    row!(per_node => "MaxTRESPerNode", Amounts),
    row!(per_user => "MaxTRESPerUser", Amounts),
    row!(per_user.running_jobs => "MaxJobsPerUser", Number),
    row!(per_user.submitted_jobs => "MaxSubmitJobsPerUser", Number),
    row!(per_user.accruing_jobs => "MaxJobsAccruePerUser", Number),
    row!(per_user.running_tres_minutes => "MaxTRESRunMinsPerUser", TresMinutes(None)),
    row!(per_account => "MaxTRESPerAccount", Amounts),
    row!(per_account.running_jobs => "MaxJobsPerAccount", Number),
    row!(per_account.submitted_jobs => "MaxSubmitJobsPerAccount", Number),
    row!(per_account.accruing_jobs => "MaxJobsAccruePerAccount", Number),
    row!(per_account.running_tres_minutes => "MaxTRESRunMinsPerAccount", TresMinutes(None)),
    row!(total => "GrpTRES", Amounts),
    row!(total.tres_minutes + total.gpu_hours => "GrpTRESMins"),
    row!(total.running_tres_minutes => "GrpTRESRunMins", TresMinutes(None)),
    row!(total.running_jobs => "GrpJobs", Number),
    row!(total.submitted_jobs => "GrpSubmit", Number),
    row!(total.accruing_jobs => "GrpJobsAccrue", Number),
    row!(total.wall_time => "GrpWall", Minutes),
    row!(priority => "Priority", Number),
    row!(preempts => "Preempt", Names),
    row!(preemption => "PreemptMode", Names),
    row!(exempt_time => "PreemptExemptTime", Seconds),
    row!(grace_time => "GraceTime", Seconds),
    row!(flags => "Flags", Flags),
    row!(usage_factor => "UsageFactor", Decimal),
    row!(usage_threshold => "UsageThreshold", Decimal),
    row!(limit_factor => "LimitFactor", Decimal),
    row!(minimum_priority => "MinPrioThreshold", Number),
    row!(protect => PROTECT, Composed(&Flag)),
    row!(slurm => "*", Raw),
];

/// Fields of an access mode's QOS.
pub(super) const TABLE: Table = Table {
    resource: "qos",
    manifest: Kind::AccessMode,
    base: "spec",
    needs: "{}",
    fields: || fields(ROWS),
    heard: |spec| heard("qos", ROWS, spec),
};

pub(super) fn mode(document: DocumentId, wire: &Wire, refused: &Refused, found: &mut Diagnostics) -> AccessMode {
    let spec = &wire.spec;
    let mut collector = Collector::new("qos", document, FieldPath::keys("spec"), refused, found);
    collector.walk(ROWS, spec);
    let share = collector.percent(spec.share.as_ref(), "share");
    let (maximum, minimum) = (collector.take_amounts("MaxTRESPerJob"), collector.take_amounts("MinTRESPerJob"));
    let fields = collector.fields;
    let inherited = (spec.priority, share);
    AccessMode {
        document,
        name: wire.metadata.name.clone(),
        target: spec.target.clone(),
        eligible: spec.eligible.clone(),
        gpu_hours: spec.per_project.gpu_hours,
        months: spec.per_project.months,
        maximum,
        minimum,
        continues: spec.per_job.continues.clone(),
        preempts: super::lists::listed(&spec.preempts, document, &FieldPath::keys("spec.preempts"), refused),
        share,
        description: spec.description.clone(),
        fields,
        sides: ModeSides::read(document, &wire.metadata.name, inherited, spec, refused, found),
        protect: spec.protect,
    }
}
