//! The factory's accounts, and projects.

use std::collections::BTreeMap;

use super::collect::Collector;
use super::lists::{listed, numbered};
use super::{Allocation, Branch, Factory, FactorySides, Fields, Member, Project, ProjectSides, Window, facts, units};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::manifest::Refused;
use crate::manifest::v1alpha1::factory::AdminLevel;
use crate::manifest::v1alpha1::project::Role;
use crate::manifest::v1alpha1::{Factory as WireFactory, Project as WireProject};
use crate::resource::FieldPath;

pub(super) fn factory(document: DocumentId, wire: &WireFactory, refused: &Refused, found: &mut Diagnostics) -> Factory {
    let spec = &wire.spec;
    let base = FieldPath::keys("spec");
    let mut shares = Vec::new();
    for (path, member) in numbered(&spec.consortium, document, &base.key("consortium"), refused) {
        let path = path.key("share");
        if let Some(share) = percent(document, &member.share, &path, found) {
            shares.push((member.country.clone(), share, Place::value(document, path)));
        }
    }
    let mut access = BTreeMap::new();
    if let Some(written) = &spec.access {
        for (name, text) in [("union", &written.union), ("states", &written.states), ("industry", &written.industry)] {
            let path = base.key("access").key(name);
            if let Some(share) = text.as_ref().and_then(|text| percent(document, text, &path, found)) {
                access.insert(name, (share, Place::value(document, path)));
            }
        }
    }
    if let Some(facts) = &spec.site {
        facts::of_site(document, facts, &base.key("site"), found);
    }
    let account = &spec.account;
    let mut collector = Collector::new("account", document, base.key("account"), refused, found);
    collector.text("Description", account.description.as_ref(), "description");
    collector.text("Organization", account.organization.as_ref(), "organization");
    collector.shares(account.fairshare.as_ref(), "fairshare");
    collector.names("Flags", &account.flags, "flags");
    collector.number("Priority", account.priority, "priority");
    collector.names("QOS", &account.modes, "modes");
    collector.word("DefaultQOS", account.default_mode.as_ref(), "defaultMode");
    collector.text("Comment", account.comment.as_ref(), "comment");
    collector.association_limits(&account.limits, "limits");
    collector.raw(&account.slurm);
    let fields = collector.fields;
    let modes = listed(&account.modes, document, &base.key("account").key("modes"), refused);
    let default_mode = account.default_mode.clone();
    let mut branches = Vec::new();
    for (path, branch) in numbered(&spec.accounts, document, &base.key("accounts"), refused) {
        let mut collector = Collector::new("account", document, path.clone(), refused, found);
        collector.text("Description", branch.description.as_ref(), "description");
        collector.text("Organization", branch.organization.as_ref(), "organization");
        collector.shares(branch.fairshare.as_ref(), "fairshare");
        collector.names("Flags", &branch.flags, "flags");
        collector.number("Priority", branch.priority, "priority");
        collector.names("QOS", &branch.modes, "modes");
        collector.word("DefaultQOS", branch.default_mode.as_ref(), "defaultMode");
        collector.text("Comment", branch.comment.as_ref(), "comment");
        collector.association_limits(&branch.limits, "limits");
        collector.raw(&branch.slurm);
        branches.push(Branch {
            name: branch.name.clone(),
            parent: branch.parent.clone(),
            modes: listed(&branch.modes, document, &path.key("modes"), refused),
            path,
            default_mode: branch.default_mode.clone(),
            fields: collector.fields,
            protect: spec.protect || branch.protect,
        });
    }
    let administrators = numbered(&spec.administrators, document, &base.key("administrators"), refused)
        .into_iter()
        .map(|(path, one)| {
            let level = match one.level {
                AdminLevel::Operator => "Operator",
                AdminLevel::Administrator => "Administrator",
            };
            (one.user.clone(), level, Place::value(document, path.key("user")))
        })
        .collect();
    Factory {
        document,
        name: wire.metadata.name.clone(),
        country: spec.host.country.clone(),
        shares,
        access,
        ethics_conditions: spec.ethics.as_ref().is_some_and(|ethics| ethics.conditions.is_some()),
        account: account.name.clone().unwrap_or_else(|| wire.metadata.name.clone()),
        modes,
        default_mode,
        fields,
        branches,
        administrators,
        internet: spec.site.as_ref().and_then(|site| site.internet),
        sides: FactorySides::read(document, &wire.metadata.name, spec, refused, found),
        protect: spec.protect,
    }
}

fn percent(document: DocumentId, text: &str, path: &FieldPath, found: &mut Diagnostics) -> Option<u32> {
    units::percent(text)
        .map_err(|(message, hint)| {
            found.push(
                Diagnostic::new(&codes::BAD_QUANTITY, message).at(Place::value(document, path.clone())).hint(hint),
            );
        })
        .ok()
}

pub(super) fn project(document: DocumentId, wire: &WireProject, refused: &Refused, found: &mut Diagnostics) -> Project {
    let spec = &wire.spec;
    let base = FieldPath::keys("spec");
    let mut collector = Collector::new("account", document, base.clone(), refused, found);
    collector.text("Description", spec.description.as_ref(), "description");
    collector.text("Organization", Some(&spec.organisation.name), "organisation.name");
    collector.shares(spec.fairshare.as_ref(), "fairshare");
    collector.number("Priority", spec.priority, "priority");
    collector.association_limits(&spec.limits, "limits");
    collector.names("Flags", &spec.flags, "flags");
    collector.text("Comment", spec.comment.as_ref(), "comment");
    collector.raw(&spec.slurm);
    let fields = collector.fields;
    let mut members = Vec::new();
    for (path, member) in numbered(&spec.members, document, &base.key("members"), refused) {
        let mut collector = Collector::new("association", document, path.clone(), refused, found);
        collector.shares(member.fairshare.as_ref(), "fairshare");
        collector.number("Priority", member.priority, "priority");
        collector.names("QOS", &member.modes, "modes");
        collector.word("DefaultQOS", member.default_mode.as_ref(), "defaultMode");
        collector.association_limits(&member.limits, "limits");
        collector.text("Comment", member.comment.as_ref(), "comment");
        collector.raw(&member.slurm);
        let fields: Fields = collector.fields;
        members.push(Member {
            user: member.user.clone(),
            lead: member.role == Role::Lead,
            partition: member.partition.clone(),
            default: member.default,
            modes: listed(&member.modes, document, &path.key("modes"), refused),
            default_mode: member.default_mode.clone(),
            fields,
            path,
        });
    }
    let mut allocations = Vec::new();
    for (path, allocation) in numbered(&spec.allocations, document, &base.key("allocations"), refused) {
        let is_known = |field: &str| !refused.touches(document, &path.key(field));
        let mut day = |text: &str, field: &str| {
            units::day(text)
                .map_err(|(message, hint)| {
                    found.push(
                        Diagnostic::new(&codes::BAD_QUANTITY, message)
                            .at(Place::value(document, path.key(field)))
                            .hint(hint),
                    );
                })
                .ok()
        };
        let (from, until) = (day(&allocation.from, "from"), day(&allocation.until, "until"));
        if allocation.gpu_hours > units::MOST {
            let (message, hint) = units::too_much(allocation.gpu_hours);
            found.push(
                Diagnostic::new(&codes::BAD_QUANTITY, message)
                    .at(Place::value(document, path.key("gpuHours")))
                    .hint(hint),
            );
        }
        allocations.push(Allocation {
            partition: allocation.partition.clone(),
            mode: allocation.mode.clone(),
            gpu_hours: Some(allocation.gpu_hours).filter(|hours| *hours <= units::MOST && is_known("gpuHours")),
            window: from.zip(until).map(|(from, until)| Window { from, until }),
            path,
        });
    }
    if let Some(ethics) = &spec.ethics
        && let Err((message, hint)) = units::day(&ethics.on)
    {
        found.push(
            Diagnostic::new(&codes::BAD_QUANTITY, message)
                .at(Place::value(document, base.key("ethics").key("on")))
                .hint(hint),
        );
    }
    facts::of_storage(document, &spec.storage, &base.key("storage"), refused, found);
    Project {
        document,
        name: wire.metadata.name.clone(),
        account: spec.account.clone().unwrap_or_else(|| wire.metadata.name.clone()),
        target: spec.target.clone(),
        category: spec.organisation.category,
        country: spec.organisation.country.clone(),
        domain: spec.domain.clone(),
        attested: spec.ethics.is_some(),
        parent: spec.parent.clone(),
        members,
        allocations,
        modes: listed(&spec.modes, document, &base.key("modes"), refused),
        default_mode: spec.default_mode.clone(),
        fields,
        sides: ProjectSides::read(document, &wire.metadata.name, spec, refused, found),
        protect: spec.protect,
    }
}
