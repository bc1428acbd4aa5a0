//! Wire types → services whose workers are Slurm jobs.

use super::SlurmService;
use crate::diagnostics::Diagnostics;
use crate::manifest::Loaded;
use crate::manifest::v1alpha1::SupportService as Wire;
use crate::manifest::v1alpha1::support_service::SlurmRuntime;
use crate::model::Site;
use crate::model::collect::Collector;
use crate::model::service::SupportService;
use crate::model::service::block::Block;
use crate::model::service::reader::Reader;
use crate::model::service::runtime::Runtime as OfAny;
use crate::resource::FieldPath;

/// They name nothing of other documents.
pub(in crate::model) fn attach(_loaded: &Loaded, _site: &mut Site, _found: &mut Diagnostics) {}

impl SupportService {
    /// The service on Slurm.
    pub fn slurm(&self) -> Option<&SlurmService> {
        match &self.runtime {
            OfAny::Slurm(service) => Some(service),
            _ => None,
        }
    }
}

pub(in crate::model) const BLOCKS: &[Block] = &[Block {
    turn: 1,
    name: "slurm",
    usual: Some("compute"),
    is: |wire| wire.spec.slurm.is_some(),
    read: |wire, reader| {
        let runtime = wire.spec.slurm.as_ref().map(|runtime| parse(wire, runtime, reader));
        runtime.map_or(OfAny::External, |runtime| OfAny::Slurm(Box::new(runtime)))
    },
}];

fn parse(service: &Wire, wire: &SlurmRuntime, reader: &mut Reader<'_>) -> SlurmService {
    let (spec, document, refused) = (&service.spec, reader.document, reader.refused);
    let base = FieldPath::keys("spec");
    let mut collector = Collector::new("account", document, base.clone(), refused, reader.found);
    collector.text("Description", spec.description.as_ref(), "description");
    let fields = collector.fields;
    let mut collector = Collector::new("qos", document, base.key("slurm"), refused, reader.found);
    // The same text, told once where it cannot be kept.
    collector.fields.body.extend(fields.body.clone());
    collector.fields.places.extend(fields.places.clone());
    collector.amounts("GrpTRES", &wire.limits.total, "limits.total");
    collector.amounts("MaxTRESPerJob", &wire.limits.per_worker, "limits.perWorker");
    collector.number("GrpJobs", wire.limits.workers, "limits.workers");
    collector.minutes("MaxWall", wire.limits.wall_time.as_ref(), "limits.wallTime");
    collector.number("Priority", wire.priority, "priority");
    SlurmService {
        user: wire.user.clone(),
        account: wire.account.clone().unwrap_or_else(|| format!("svc-{}", service.metadata.name)),
        partition: wire.partition.clone(),
        mode: wire.mode.clone(),
        reservation: wire.reservation.clone(),
        fields,
        qos: collector.fields,
    }
}
