//! Wire types → services.

use super::{Audience, PassThroughService, Runtime, SlurmService, SupportService, kubernetes};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostics, DocumentId, Place};
use crate::manifest::Refused;
use crate::manifest::v1alpha1::SupportService as Wire;
use crate::manifest::v1alpha1::support_service::{SlurmRuntime, SupportServiceSpec};
use crate::model::collect::Collector;
use crate::model::resolve::listed;
use crate::model::units::{self, UnitError};
use crate::resource::FieldPath;

/// Reports what is no quantity.
pub(super) struct Reader<'a> {
    pub(super) document: DocumentId,
    pub(super) refused: &'a Refused,
    pub(super) found: &'a mut Diagnostics,
}

impl Reader<'_> {
    pub(super) fn take<Parsed>(&mut self, parsed: Result<Parsed, UnitError>, path: FieldPath) -> Option<Parsed> {
        parsed
            .map_err(|(message, hint)| {
                let place = Place::value(self.document, path);
                self.found.push(Diagnostic::new(&codes::BAD_QUANTITY, message).at(place).hint(hint));
            })
            .ok()
    }
}

pub(in crate::model) fn service(
    document: DocumentId,
    wire: &Wire,
    refused: &Refused,
    found: &mut Diagnostics,
) -> SupportService {
    let spec = &wire.spec;
    let base = FieldPath::keys("spec");
    let mut reader = Reader { document, refused, found };
    if let Some(share) = spec.sla.as_ref().and_then(|sla| sla.availability.as_ref()) {
        reader.take(availability(share), base.key("sla").key("availability"));
    }
    let runtimes = runtimes(spec);
    let name = &wire.metadata.name;
    let own = || format!("svc-{name}");
    let runtime = if let Some(wire) = &spec.kubernetes {
        let namespace = wire.namespace.clone().unwrap_or_else(own);
        Runtime::Kubernetes(Box::new(kubernetes::parse(wire, namespace, &base.key("kubernetes"), &mut reader)))
    } else if let Some(wire) = &spec.slurm {
        Runtime::Slurm(Box::new(slurm(document, spec, wire, own(), refused, found)))
    } else if let Some(wire) = &spec.manifests {
        let namespace = wire.namespace.clone().unwrap_or_else(own);
        // Its folder and objects are looked up when all documents are known.
        Runtime::Manifests(PassThroughService { namespace, ..PassThroughService::default() })
    } else {
        Runtime::External
    };
    let usual = match runtime {
        Runtime::Kubernetes(_) | Runtime::Manifests(_) => Some("services"),
        Runtime::Slurm(_) => Some("compute"),
        Runtime::External => None,
    };
    let audience = &spec.audience;
    let list = |names: &[String], field: &str| listed(names, document, &base.key("audience").key(field), refused);
    SupportService {
        document,
        name: name.clone(),
        category: spec.category,
        target: usual.map(|usual| spec.target.clone().unwrap_or_else(|| usual.to_owned())),
        audience: Audience {
            modes: list(&audience.modes, "modes"),
            projects: list(&audience.projects, "projects"),
            public: audience.public,
        },
        sla: spec.sla.as_ref().map(|sla| sla.hours.clone()),
        runtimes,
        runtime,
        protect: spec.protect,
    }
}

fn availability(text: &str) -> Result<(), UnitError> {
    match units::percent(text)? {
        1..=10_000 => Ok(()),
        _ => Err((format!("`{text}` cannot be promised"), "write at most `100%`, e.g. `99.5%`".to_owned())),
    }
}

fn runtimes(spec: &SupportServiceSpec) -> Vec<&'static str> {
    let all = [
        ("kubernetes", spec.kubernetes.is_some()),
        ("slurm", spec.slurm.is_some()),
        ("manifests", spec.manifests.is_some()),
        ("external", spec.external.is_some()),
    ];
    all.into_iter().filter_map(|(name, there)| there.then_some(name)).collect()
}

fn slurm(
    document: DocumentId,
    spec: &SupportServiceSpec,
    wire: &SlurmRuntime,
    own: String,
    refused: &Refused,
    found: &mut Diagnostics,
) -> SlurmService {
    let base = FieldPath::keys("spec");
    let mut collector = Collector::new("account", document, base.clone(), refused, found);
    collector.text("Description", spec.description.as_ref(), "description");
    let fields = collector.fields;
    let mut collector = Collector::new("qos", document, base.key("slurm"), refused, found);
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
        account: wire.account.clone().unwrap_or(own),
        partition: wire.partition.clone(),
        mode: wire.mode.clone(),
        reservation: wire.reservation.clone(),
        fields,
        qos: collector.fields,
    }
}
