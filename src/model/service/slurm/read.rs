//! Wire types → services whose workers are Slurm jobs.

use super::SlurmService;
use crate::diagnostics::Diagnostics;
use crate::manifest::v1alpha1::SupportService as Wire;
use crate::manifest::v1alpha1::support_service::{SlurmRuntime, SupportServiceSpec};
use crate::manifest::{Kind, Loaded};
use crate::model::Site;
use crate::model::collect::Collector;
use crate::model::collect::walk::heard;
use crate::model::rows::Unit::{Amounts, Minutes, Number, Text};
use crate::model::rows::{Row, Table, fields, row};
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

/// The text that both the account and its QOS carry.
const DESCRIPTION: &[Row<SupportServiceSpec>] = &[row!(description => "Description", Text)];

const ROWS: &[Row<SlurmRuntime>] = &[
    row!(limits.total => "GrpTRES", Amounts),
    row!(limits.per_worker => "MaxTRESPerJob", Amounts),
    row!(limits.workers => "GrpJobs", Number),
    row!(limits.wall_time => "MaxWall", Minutes),
    row!(priority => "Priority", Number),
];

/// Fields of the account that a service's workers run in.
pub(in crate::model) const ACCOUNT: Table = Table {
    resource: "account",
    manifest: Kind::SupportService,
    base: "spec",
    needs: r#"{ "category": "helpdesk" }"#,
    fields: || fields(DESCRIPTION),
    heard: |spec| heard("account", DESCRIPTION, spec),
};

/// Fields of the QOS of a service that uses no access mode.
pub(in crate::model) const QOS: Table = Table {
    resource: "qos",
    manifest: Kind::SupportService,
    base: "spec.slurm",
    needs: r#"{ "user": "user", "partition": "partition" }"#,
    fields: || fields(ROWS),
    heard: |runtime| heard("qos", ROWS, runtime),
};

fn parse(service: &Wire, wire: &SlurmRuntime, reader: &mut Reader<'_>) -> SlurmService {
    let (spec, document, refused) = (&service.spec, reader.document, reader.refused);
    let base = FieldPath::keys("spec");
    let mut collector = Collector::new("account", document, base.clone(), refused, reader.found);
    collector.walk(DESCRIPTION, spec);
    let fields = collector.fields;
    let mut collector = Collector::new("qos", document, base.key("slurm"), refused, reader.found);
    // The same text, told once where it cannot be kept.
    collector.fields.body.extend(fields.body.clone());
    collector.fields.places.extend(fields.places.clone());
    collector.walk(ROWS, wire);
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
