//! What targets are bound to: checked here, used by the command line.

use std::collections::BTreeSet;

use super::binding::{Checker, Target, plain_path};
use super::{Site, targets, units};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place, nearest};
use crate::manifest::LoadedSettings;
use crate::manifest::v1alpha1::Settings;
use crate::manifest::v1alpha1::settings::{Binding, TwinBinding};
use crate::resource::FieldPath;
use crate::targets::{NAMED_BY, each};

/// All kinds of targets that can be bound.
const TARGETS: &[&dyn Target] = &each!(BINDING);

/// What a binding binds.
enum Bound<'a> {
    Twin(&'a TwinBinding),
    Target(&'static dyn Target),
}

/// What a binding binds, if it is one thing.
fn only(binding: &Binding) -> Option<Bound<'_>> {
    let clusters = TARGETS.iter().filter(|target| target.is_bound(binding)).map(|target| Bound::Target(*target));
    let mut all = binding.twin.as_ref().map(Bound::Twin).into_iter().chain(clusters);
    all.next().filter(|_| all.next().is_none())
}

/// What a binding can be: the names of its fields, and an example of each.
pub fn ways() -> (String, String) {
    let all = || [("twin", "{ twin: {} }")].into_iter().chain(TARGETS.iter().map(|target| target.example()));
    let last = all().count().saturating_sub(1);
    let joined = |texts: Vec<&str>, comma: &str| {
        texts.iter().enumerate().fold(String::new(), |text, (index, one)| match index {
            0 => format!("`{one}`"),
            _ if index == last => format!("{text}{comma} `{one}`"),
            _ => format!("{text}, `{one}`"),
        })
    };
    (joined(all().map(|one| one.0).collect(), " and"), joined(all().map(|one| one.1).collect(), ", or"))
}

/// Checks all bindings of all environments, and the guards.
pub fn check_settings(loaded: &LoadedSettings) -> Diagnostics {
    let mut found = Diagnostics::new();
    let LoadedSettings { settings, document: Some(document), refused } = loaded else { return found };
    let document = *document;
    let name = |name: &str, path: &FieldPath, found: &mut Diagnostics| {
        if let Err(complaint) = targets::check(name) {
            found.push(complaint.at(&codes::BAD_NAME, Place::key(document, path.clone())).label("not legal here"));
        }
    };
    for (target, environments) in &settings.targets {
        let path = FieldPath::keys("targets").key(target);
        name(target, &path, &mut found);
        for (environment, binding) in environments {
            let path = path.key(environment);
            name(environment, &path, &mut found);
            let checker = Checker { what: format!("`{target}` in `{environment}`"), document, path, refused };
            check(&checker, binding, &mut found);
        }
    }
    bound_twice(settings, document, &mut found);
    if let Some(share) = &settings.guards.delete_share
        && let Err(complaint) = units::guard_share(share)
    {
        let place = Place::value(document, FieldPath::keys("guards.deleteShare"));
        found.push(complaint.at(&codes::BAD_QUANTITY, place));
    }
    found.0.retain(|finding| !refused.explains(finding));
    found
}

/// Checks that the targets bound are those that the site lives on. Where nothing is bound, each target is a twin.
pub fn check_targets(loaded: &LoadedSettings, site: &Site) -> Diagnostics {
    let mut found = Diagnostics::new();
    let LoadedSettings { settings, document: Some(document), refused } = loaded else { return found };
    let document = *document;
    let used = site.targets();
    if settings.targets.is_empty() || used.is_empty() {
        return found;
    }
    let path = FieldPath::keys("targets");
    // A target that was refused stands as the default, and uses and binds nothing for sure.
    let sure = |user: DocumentId| site.knows(user, &NAMED_BY);
    let needed: BTreeSet<&str> = site.target_uses().filter(|(user, _)| sure(*user)).map(|(_, name)| name).collect();
    let bound = |name: &str| settings.targets.contains_key(name) || refused.touches(document, &path.key(name));
    let unbound: Vec<&str> = needed.into_iter().filter(|name| !bound(name)).collect();
    let all_seen = site.refused.nothing_lost() && site.target_uses().all(|(user, _)| sure(user));
    let mut misspelt = Vec::new();
    for name in settings.targets.keys().filter(|name| all_seen && !used.contains(name.as_str())) {
        let place = Place::key(document, path.key(name));
        let message = format!("no resource lives on `{name}`");
        if let Some(near) = nearest(name, unbound.iter().copied()) {
            misspelt.push(near);
            found.push(
                Diagnostic::new(&codes::UNBOUND_TARGET, message)
                    .at(place)
                    .label("used by nothing")
                    .hint(format!("did you mean `{near}`?")),
            );
        } else {
            let hint = match nearest(name, used.iter().copied()) {
                Some(near) => format!("did you mean `{near}`, which is bound already?"),
                None => "take it out, or name it as `target:` of what is to live there".to_owned(),
            };
            found.push(Diagnostic::new(&codes::UNUSED_TARGET, message).at(place).label("used by nothing").hint(hint));
        }
    }
    for name in unbound.into_iter().filter(|name| !misspelt.contains(name)) {
        found.push(
            Diagnostic::new(&codes::UNBOUND_TARGET, format!("`{name}` is a target of the manifests and is not bound"))
                .at(Place::key(document, path.clone()))
                .label(format!("lacks `{name}`"))
                .hint(format!("add `{name}: {{ default: {{ twin: {{}} }} }}`, or its cluster")),
        );
    }
    found
}

/// Whether two bindings name one file or one cluster in the same words.
fn is_same(one: &Binding, other: &Binding) -> bool {
    match (only(one), only(other)) {
        (Some(Bound::Twin(one)), Some(Bound::Twin(other))) => {
            one.file.as_deref().map(plain_path) == other.file.as_deref().map(plain_path)
        }
        (Some(Bound::Target(target)), Some(Bound::Target(_))) => target.is_same(one, other),
        _ => false,
    }
}

/// Two targets bound to one file or one cluster in the same words; what only the outside can tell is refused by a plan.
fn bound_twice(settings: &Settings, document: DocumentId, found: &mut Diagnostics) {
    let mut seen: Vec<(&str, &Binding, FieldPath)> = Vec::new();
    for (target, environments) in &settings.targets {
        for (environment, binding) in environments {
            let what = match only(binding) {
                Some(Bound::Twin(TwinBinding { file: Some(_) })) => "twin",
                Some(Bound::Target(_)) => "cluster",
                _ => continue,
            };
            let path = FieldPath::keys("targets").key(target).key(environment);
            match seen.iter().find(|(name, other, _)| name == environment && is_same(other, binding)) {
                None => seen.push((environment, binding, path)),
                Some((_, _, first)) => found.push(
                    Diagnostic::new(
                        &codes::BAD_BINDING,
                        format!("two targets are one and the same {what} in `{environment}`"),
                    )
                    .at(Place::key(document, path))
                    .label(format!("the {what} of another target"))
                    .related(Place::key(document, first.clone()), "of this one")
                    .why("each would delete what is declared on the other")
                    .hint(format!("bind them to a {what} each, or write all manifests for one target")),
                ),
            }
        }
    }
}

/// Checks that a binding binds one thing, and binds it well.
fn check(checker: &Checker<'_>, binding: &Binding, found: &mut Diagnostics) {
    match only(binding) {
        Some(Bound::Twin(_)) => {}
        Some(Bound::Target(target)) => target.check(binding, checker, found),
        None if checker.refused.touches(checker.document, &checker.path) => {}
        None => {
            let (names, examples) = ways();
            found.push(
                Diagnostic::new(&codes::BAD_BINDING, format!("{} has to be one of {names}", checker.what))
                    .at(Place::key(checker.document, checker.path.clone()))
                    .hint(format!("write {examples}")),
            );
        }
    }
}
