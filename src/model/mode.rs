//! Access modes.

use super::collect::Collector;
use super::{AccessMode, ModeSides};
use crate::diagnostics::{Diagnostics, DocumentId};
use crate::manifest::Refused;
use crate::manifest::v1alpha1::{AccessMode as Wire, Amounts};
use crate::resource::FieldPath;

pub(super) fn mode(document: DocumentId, wire: &Wire, refused: &Refused, found: &mut Diagnostics) -> AccessMode {
    let spec = &wire.spec;
    let mut collector = Collector::new("qos", document, FieldPath::keys("spec"), refused, found);
    let each = |gpus, cpus, nodes, memory: &Option<String>, tres: &std::collections::BTreeMap<String, String>| {
        Amounts { gpus, cpus, nodes, memory: memory.clone(), tres: tres.clone() }
    };
    collector.text("Description", spec.description.as_ref(), "description");
    let job = &spec.per_job;
    let maximum =
        collector.amounts("MaxTRESPerJob", &each(job.gpus, job.cpus, job.nodes, &job.memory, &job.tres), "perJob");
    let minimum = collector.amounts("MinTRESPerJob", &job.minimum, "perJob.minimum");
    collector.minutes("MaxWall", job.wall_time.as_ref(), "perJob.wallTime");
    collector.tres_minutes(
        "MaxTRESMinsPerJob",
        job.gpu_hours,
        &job.tres_minutes,
        "perJob.gpuHours",
        "perJob.tresMinutes",
    );
    collector.amounts("MaxTRESPerNode", &spec.per_node, "perNode");
    for (holder, base, tres, jobs, submit, accrue, running) in [
        (
            &spec.per_user,
            "perUser",
            "MaxTRESPerUser",
            "MaxJobsPerUser",
            "MaxSubmitJobsPerUser",
            "MaxJobsAccruePerUser",
            "MaxTRESRunMinsPerUser",
        ),
        (
            &spec.per_account,
            "perAccount",
            "MaxTRESPerAccount",
            "MaxJobsPerAccount",
            "MaxSubmitJobsPerAccount",
            "MaxJobsAccruePerAccount",
            "MaxTRESRunMinsPerAccount",
        ),
    ] {
        collector.amounts(tres, &each(holder.gpus, holder.cpus, holder.nodes, &holder.memory, &holder.tres), base);
        collector.number(jobs, holder.running_jobs, &format!("{base}.runningJobs"));
        collector.number(submit, holder.submitted_jobs, &format!("{base}.submittedJobs"));
        collector.number(accrue, holder.accruing_jobs, &format!("{base}.accruingJobs"));
        collector.tres_minutes(running, None, &holder.running_tres_minutes, "", &format!("{base}.runningTresMinutes"));
    }
    let total = &spec.total;
    collector.amounts("GrpTRES", &each(total.gpus, total.cpus, total.nodes, &total.memory, &total.tres), "total");
    collector.tres_minutes("GrpTRESMins", total.gpu_hours, &total.tres_minutes, "total.gpuHours", "total.tresMinutes");
    collector.tres_minutes("GrpTRESRunMins", None, &total.running_tres_minutes, "", "total.runningTresMinutes");
    collector.number("GrpJobs", total.running_jobs, "total.runningJobs");
    collector.number("GrpSubmit", total.submitted_jobs, "total.submittedJobs");
    collector.number("GrpJobsAccrue", total.accruing_jobs, "total.accruingJobs");
    collector.minutes("GrpWall", total.wall_time.as_ref(), "total.wallTime");
    collector.number("Priority", spec.priority, "priority");
    let share = collector.percent(spec.share.as_ref(), "share");
    collector.names("Preempt", &spec.preempts, "preempts");
    collector.names("PreemptMode", &spec.preemption, "preemption");
    collector.seconds("PreemptExemptTime", spec.exempt_time.as_ref(), "exemptTime");
    collector.seconds("GraceTime", spec.grace_time.as_ref(), "graceTime");
    let flags: Vec<String> = spec.flags.iter().map(|flag| flag.slurm().to_owned()).collect();
    collector.names("Flags", &flags, "flags");
    collector.real("UsageFactor", spec.usage_factor.as_ref(), "usageFactor");
    collector.real("UsageThreshold", spec.usage_threshold.as_ref(), "usageThreshold");
    collector.real("LimitFactor", spec.limit_factor.as_ref(), "limitFactor");
    collector.number("MinPrioThreshold", spec.minimum_priority, "minimumPriority");
    collector.raw(&spec.slurm);
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
        continues: job.continues.clone(),
        preempts: super::lists::listed(&spec.preempts, document, &FieldPath::keys("spec.preempts"), refused),
        share,
        description: spec.description.clone(),
        fields,
        sides: ModeSides::read(document, &wire.metadata.name, inherited, spec, refused, found),
        protect: spec.protect,
    }
}
