//! Jobs in the way of a change.

use serde_json::Value;

use crate::diff::slurm::class;
use crate::diff::{Change, Effect, JobHit, JobImpact, Operation};
use crate::live::{Job, JobState, Jobs, Observation};

/// Jobs that a change hits; unknown where the queue cannot be seen and the change could hit any.
pub(super) fn of(change: &Change, observation: &Observation) -> JobImpact {
    let jobs = match &observation.jobs {
        Jobs::Known(jobs) => jobs,
        Jobs::Unknown(reason) => {
            let unknown = could_hit(change).then(|| reason.clone());
            return JobImpact { jobs: Vec::new(), unknown };
        }
    };
    let hits = jobs.iter().filter_map(|job| effect(change, job).map(|effect| hit(job, effect))).collect();
    JobImpact { jobs: hits, unknown: None }
}

fn hit(job: &Job, effect: Effect) -> JobHit {
    JobHit {
        id: job.id.clone(),
        user: job.user.clone(),
        running: job.state == JobState::Running,
        gpus: job.gpus,
        nodes: job.nodes,
        ends: job.ends.clone(),
        effect,
    }
}

/// Whether a change of this sort can ever hit a job.
fn could_hit(change: &Change) -> bool {
    match (change.operation, change.address.kind.as_str()) {
        (Operation::Delete, "partition" | "node" | "account" | "association" | "qos") => true,
        (Operation::Update, "node") => change.fields.iter().any(|field| class::is_hardware(&field.field)),
        _ => false,
    }
}

fn effect(change: &Change, job: &Job) -> Option<Effect> {
    let name = change.address.name.as_str();
    let running = job.state == JobState::Running;
    let killed = |running: bool| Some(if running { Effect::Killed } else { Effect::Vanishes });
    match (change.operation, change.address.kind.as_str()) {
        (Operation::Delete, "partition") => {
            if job.partitions.iter().any(|one| one == name) {
                killed(running)
            } else {
                None
            }
        }
        (Operation::Delete, "node") => {
            if running && job.hosts.iter().any(|host| host == name) {
                killed(true)
            } else {
                None
            }
        }
        (Operation::Update, "node") => {
            let hardware = change.fields.iter().any(|field| class::is_hardware(&field.field));
            (hardware && running && job.hosts.iter().any(|host| host == name)).then_some(Effect::CouldBeAborted)
        }
        (Operation::Delete, "account") => (job.account == name).then_some(Effect::BlocksRemoval),
        (Operation::Delete, "association") => {
            let mut parts = name.splitn(3, '/');
            let (account, user, partition) = (parts.next(), parts.next(), parts.next());
            let here = partition.is_none_or(|partition| job.partitions.iter().any(|one| one == partition));
            (account == Some(&job.account) && user == Some(&job.user) && here).then_some(Effect::BlocksRemoval)
        }
        (Operation::Delete, "qos") => {
            (job.qos == name).then_some(if running { Effect::LosesQos } else { Effect::CannotStart })
        }
        (Operation::Update | Operation::Adopt, _) if !running => stuck(change, job),
        _ => None,
    }
}

/// Whether a pending job asks for more than the change leaves.
fn stuck(change: &Change, job: &Job) -> Option<Effect> {
    let name = change.address.name.as_str();
    let concerns = match change.address.kind.as_str() {
        "qos" => job.qos == name,
        "partition" => job.partitions.iter().any(|one| one == name),
        "account" => job.account == name,
        "association" => {
            let mut parts = name.splitn(3, '/');
            parts.next() == Some(&job.account) && parts.next() == Some(&job.user)
        }
        _ => false,
    };
    if !concerns {
        return None;
    }
    let over = change.fields.iter().any(|field| {
        let limit = field.after.as_ref().and_then(Value::as_u64);
        let asked = match (field.field.as_str(), field.entry.as_deref()) {
            ("MaxWall" | "MaxTime", None) => job.time_limit,
            ("MaxTRESPerJob", Some("gres/gpu")) => Some(job.gpus),
            ("MaxTRESPerJob", Some("node")) | ("MaxNodes", None) => Some(job.nodes),
            ("AllowQos" | "QOS", None) => {
                return field
                    .after
                    .as_ref()
                    .and_then(Value::as_array)
                    .is_some_and(|allowed| !allowed.iter().any(|one| one.as_str() == Some(&job.qos)));
            }
            _ => return false,
        };
        limit.zip(asked).is_some_and(|(limit, asked)| asked > limit)
    });
    over.then_some(Effect::CannotStart)
}
