//! The factory's accounts, and projects.

use std::collections::BTreeMap;

use super::collect::Collector;
use super::collect::walk::heard;
use super::lists::{listed, numbered};
use super::rows::Unit::{Composed, Flag, Limits, Names, Number, OneOf, OwnAccount, Raw, Shares, Text, Word};
use super::rows::{Field, Row, Table, Written, fields, row};
use super::{Allocation, Branch, Factory, FactorySides, Fields, Member, Project, ProjectSides, Window, facts, units};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostics, DocumentId, Place};
use crate::manifest::v1alpha1::factory::{Administrator, BranchAccount, FactorySpec};
use crate::manifest::v1alpha1::project::{ProjectMember, ProjectSpec, Role};
use crate::manifest::v1alpha1::{Factory as WireFactory, Project as WireProject};
use crate::manifest::{Kind, Refused};
use crate::resource::{FieldPath, PROTECT};

const ROOT: &[Row<FactorySpec>] = &[
    row!(account.description => "Description", Text),
    row!(account.organization => "Organization", Text),
    row!(account.fairshare => "Fairshare", Shares),
    row!(account.flags => "Flags", Names),
    row!(account.priority => "Priority", Number),
    row!(account.modes => "QOS", Names),
    row!(account.default_mode => "DefaultQOS", Word),
    row!(account.comment => "Comment", Text),
    row!(account.limits => "", Limits),
    row!(protect => PROTECT, Composed(&Flag)),
    row!(account.slurm => "*", Raw),
];

const BRANCH_PARENT_ROW: Row<BranchAccount> = row!(parent => "Parent", Composed(&Word));

/// Account that a branch stands under; the factory's where absent.
pub const BRANCH_PARENT: Field = BRANCH_PARENT_ROW.field;

const BRANCH: &[Row<BranchAccount>] = &[
    row!(description => "Description", Text),
    row!(organization => "Organization", Text),
    row!(fairshare => "Fairshare", Shares),
    row!(flags => "Flags", Names),
    row!(priority => "Priority", Number),
    row!(modes => "QOS", Names),
    row!(default_mode => "DefaultQOS", Word),
    row!(comment => "Comment", Text),
    row!(limits => "", Limits),
    BRANCH_PARENT_ROW,
    row!(protect => PROTECT, Composed(&Flag)),
    row!(slurm => "*", Raw),
];

/// Level of a user with rights over the whole cluster.
pub const USER_LEVEL: Field = LEVEL.field;

const LEVEL: Row<Administrator> =
    row!(level => "AdminLevel", OneOf(&[("operator", "Operator"), ("administrator", "Administrator")]));

const PROJECT_PARENT_ROW: Row<ProjectSpec> = row!(parent => "Parent", Composed(&Word));
const PROJECT_MODES_ROW: Row<ProjectSpec> = row!(modes => "QOS", Composed(&Names));
const PROJECT_DEFAULT_MODE_ROW: Row<ProjectSpec> = row!(default_mode => "DefaultQOS", Composed(&Word));

/// Account that a project stands under; the factory's where absent.
pub const PROJECT_PARENT: Field = PROJECT_PARENT_ROW.field;
/// Access modes of a project besides those of its allocations in force.
pub const PROJECT_MODES: Field = PROJECT_MODES_ROW.field;
/// Access mode of a project's jobs that name none; that of the first allocation in force where absent.
pub const PROJECT_DEFAULT_MODE: Field = PROJECT_DEFAULT_MODE_ROW.field;

const PROJECT: &[Row<ProjectSpec>] = &[
    row!(description => "Description", Text),
    row!(organisation.name => "Organization", Text),
    row!(fairshare => "Fairshare", Shares),
    row!(priority => "Priority", Number),
    row!(limits => "", Limits),
    row!(flags => "Flags", Names),
    row!(comment => "Comment", Text),
    PROJECT_PARENT_ROW,
    PROJECT_MODES_ROW,
    PROJECT_DEFAULT_MODE_ROW,
    row!(protect => PROTECT, Composed(&Flag)),
    row!(slurm => "*", Raw),
];

const MEMBER: &[Row<ProjectMember>] = &[
    row!(fairshare => "Fairshare", Shares),
    row!(priority => "Priority", Number),
    row!(modes => "QOS", Names),
    row!(default_mode => "DefaultQOS", Word),
    row!(limits => "", Limits),
    row!(comment => "Comment", Text),
    row!(slurm => "*", Raw),
];

const USER_ACCOUNT_ROW: Row<ProjectMember> = row!(default => "DefaultAccount", Composed(&OwnAccount));

/// Account of a user's jobs that name none: that of the project in which the member says `default`.
pub const USER_ACCOUNT: Field = USER_ACCOUNT_ROW.field;

/// Fields of the factory's root account.
pub(super) const ROOT_TABLE: Table = Table {
    resource: "account",
    manifest: Kind::Factory,
    base: "spec",
    needs: r#"{ "host": { "entity": "entity", "country": "FI" } }"#,
    fields: || fields(ROOT),
    heard: |spec| heard("account", ROOT, spec),
};

/// Fields of a branch account.
pub(super) const BRANCH_TABLE: Table = Table {
    resource: "account",
    manifest: Kind::Factory,
    base: "spec.accounts[]",
    needs: r#"{ "name": "branch" }"#,
    fields: || fields(BRANCH),
    heard: |account| heard("account", BRANCH, account),
};

/// Fields of a user whom the factory gives rights over the whole cluster.
pub(super) const LEVEL_TABLE: Table = Table {
    resource: "user",
    manifest: Kind::Factory,
    base: "spec.administrators[]",
    needs: r#"{ "user": "user", "level": "operator" }"#,
    fields: || fields(&[LEVEL]),
    heard: |user| heard("user", &[LEVEL], user),
};

/// Fields of a project's account.
pub(super) const PROJECT_TABLE: Table = Table {
    resource: "account",
    manifest: Kind::Project,
    base: "spec",
    needs: r#"{ "organisation": { "name": "", "country": "FI", "category": "sme" } }"#,
    fields: || fields(PROJECT),
    heard: |spec| heard("account", PROJECT, spec),
};

/// Fields of a member's association with the project's account.
pub(super) const MEMBER_TABLE: Table = Table {
    resource: "association",
    manifest: Kind::Project,
    base: "spec.members[]",
    needs: r#"{ "user": "user" }"#,
    fields: || fields(MEMBER),
    heard: |member| heard("association", MEMBER, member),
};

/// Fields of a member as a user of the cluster: the account is that of the project that the member stands in.
pub(super) const USER_TABLE: Table = Table {
    resource: "user",
    manifest: Kind::Project,
    base: "spec.members[]",
    needs: r#"{ "user": "user" }"#,
    fields: || fields(&[USER_ACCOUNT_ROW]),
    heard: |member| heard("user", &[USER_ACCOUNT_ROW], member),
};

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
    let mut collector = Collector::new("account", document, base.clone(), refused, found);
    collector.walk(ROOT, spec);
    let fields = collector.fields;
    let modes = listed(&account.modes, document, &base.key("account").key("modes"), refused);
    let default_mode = account.default_mode.clone();
    let mut branches = Vec::new();
    for (path, branch) in numbered(&spec.accounts, document, &base.key("accounts"), refused) {
        let mut collector = Collector::new("account", document, path.clone(), refused, found);
        collector.walk(BRANCH, branch);
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
        .filter_map(|(path, one)| {
            let Written::Text(level) = (LEVEL.read)(one) else { return None };
            Some((one.user.clone(), LEVEL.field.unit.slurm_word(level)?, Place::value(document, path.key("user"))))
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
        .map_err(|complaint| found.push(complaint.at(&codes::BAD_QUANTITY, Place::value(document, path.clone()))))
        .ok()
}

pub(super) fn project(document: DocumentId, wire: &WireProject, refused: &Refused, found: &mut Diagnostics) -> Project {
    let spec = &wire.spec;
    let base = FieldPath::keys("spec");
    let mut collector = Collector::new("account", document, base.clone(), refused, found);
    collector.walk(PROJECT, spec);
    let fields = collector.fields;
    let mut members = Vec::new();
    for (path, member) in numbered(&spec.members, document, &base.key("members"), refused) {
        let mut collector = Collector::new("association", document, path.clone(), refused, found);
        collector.walk(MEMBER, member);
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
                .map_err(|complaint| {
                    found.push(complaint.at(&codes::BAD_QUANTITY, Place::value(document, path.key(field))));
                })
                .ok()
        };
        let (from, until) = (day(&allocation.from, "from"), day(&allocation.until, "until"));
        if allocation.gpu_hours > units::MOST {
            let place = Place::value(document, path.key("gpuHours"));
            found.push(units::too_much(allocation.gpu_hours).at(&codes::BAD_QUANTITY, place));
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
        && let Err(complaint) = units::day(&ethics.on)
    {
        let place = Place::value(document, base.key("ethics").key("on"));
        found.push(complaint.at(&codes::BAD_QUANTITY, place));
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
