//! What targets are bound to: checked here, used by the command line.

use std::collections::BTreeSet;

use super::{Site, targets, units};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place, nearest};
use crate::manifest::v1alpha1::Settings;
use crate::manifest::v1alpha1::settings::{Binding, KubernetesBinding, Over, SlurmBinding, TwinBinding};
use crate::manifest::{LoadedSettings, Refused};
use crate::resource::FieldPath;

/// Checks all bindings of all environments, and the guards.
pub fn check_settings(loaded: &LoadedSettings) -> Diagnostics {
    let mut found = Diagnostics::new();
    let LoadedSettings { settings, document: Some(document), refused } = loaded else { return found };
    let document = *document;
    let name = |name: &str, path: &FieldPath, found: &mut Diagnostics| {
        if let Err((message, hint)) = targets::check(name) {
            found.push(
                Diagnostic::new(&codes::BAD_NAME, message)
                    .at(Place::key(document, path.clone()))
                    .label("not legal here")
                    .hint(hint),
            );
        }
    };
    for (target, environments) in &settings.targets {
        let path = FieldPath::keys("targets").key(target);
        name(target, &path, &mut found);
        for (environment, binding) in environments {
            let path = path.key(environment);
            name(environment, &path, &mut found);
            let checker = Checker { what: format!("`{target}` in `{environment}`"), document, path, refused };
            checker.binding(binding, &mut found);
        }
    }
    bound_twice(settings, document, &mut found);
    if let Some(share) = &settings.guards.delete_share
        && let Err((message, hint)) = units::guard_share(share)
    {
        let place = Place::value(document, FieldPath::keys("guards.deleteShare"));
        found.push(Diagnostic::new(&codes::BAD_QUANTITY, message).at(place).hint(hint));
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
    let sure = |user: DocumentId| site.knows(user, &["spec.target", "spec.kubernetes.target"]);
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

/// Two targets bound to one file or one cluster in the same words; what only the outside can tell is refused by a plan.
fn bound_twice(settings: &Settings, document: DocumentId, found: &mut Diagnostics) {
    let mut seen: Vec<(&str, String, FieldPath)> = Vec::new();
    for (target, environments) in &settings.targets {
        for (environment, binding) in environments {
            let (what, key) = match (&binding.twin, &binding.slurm, &binding.kubernetes) {
                (Some(TwinBinding { file: Some(file) }), None, None) => ("twin", format!("{:?}", plain_path(file))),
                (None, None, Some(kubernetes)) => {
                    let file = kubernetes.kubeconfig.as_deref().map(plain_path);
                    ("cluster", format!("{:?}", (file, &kubernetes.context)))
                }
                (None, Some(slurm), None) => (
                    "cluster",
                    format!(
                        "{:?}",
                        (slurm.over, &slurm.host, &slurm.ssh_config, &slurm.prefix, &slurm.cluster, &slurm.conf_dir)
                    ),
                ),
                _ => continue,
            };
            let path = FieldPath::keys("targets").key(target).key(environment);
            match seen.iter().find(|(name, other, _)| name == environment && *other == key) {
                None => seen.push((environment, key, path)),
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

/// `./a/../x` → `x`.
fn plain_path(file: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    for part in file.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if file.starts_with('/') {
        parts.insert(0, "/");
    }
    parts
}

struct Checker<'a> {
    what: String,
    document: DocumentId,
    path: FieldPath,
    refused: &'a Refused,
}

impl Checker<'_> {
    fn binding(&self, binding: &Binding, found: &mut Diagnostics) {
        match (&binding.twin, &binding.slurm, &binding.kubernetes) {
            (Some(_), None, None) => {}
            (None, Some(slurm), None) => self.slurm(slurm, found),
            (None, None, Some(kubernetes)) => self.kubernetes(kubernetes, found),
            _ if self.refused.touches(self.document, &self.path) => {}
            _ => found.push(
                Diagnostic::new(&codes::BAD_BINDING, format!("{} has to be one of `twin`, `slurm` and `kubernetes`", self.what))
                    .at(Place::key(self.document, self.path.clone()))
                    .hint("write `{ twin: {} }`, `{ slurm: { over: local } }`, or `{ kubernetes: { context: nordlys-services } }`"),
            ),
        }
    }

    fn kubernetes(&self, kubernetes: &KubernetesBinding, found: &mut Diagnostics) {
        let mut complain = |field: &str, message: String, hint: &str| {
            let place = Place::value(self.document, self.path.key("kubernetes").key(field));
            found.push(Diagnostic::new(&codes::BAD_BINDING, message).at(place).hint(hint));
        };
        let namespace = &kubernetes.namespace;
        let edge = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        // RFC 1123, label.
        let legal = namespace.len() <= 63
            && namespace.starts_with(edge)
            && namespace.ends_with(edge)
            && namespace.chars().all(|letter| edge(letter) || letter == '-');
        if !legal {
            complain(
                "namespace",
                format!("`{}` is not a namespace", namespace.escape_debug()),
                "write small letters, digits and `-`, at most 63, e.g. `sitewright`",
            );
        }
        for (field, text, hint) in [
            ("context", &kubernetes.context, "write a name that `kubectl config get-contexts` shows, or take it out"),
            (
                "kubeconfig",
                &kubernetes.kubeconfig,
                "write the path of a file, e.g. `~/.kube/config` in full, or take it out",
            ),
        ] {
            if text.as_ref().is_some_and(|text| text.is_empty() || text.contains('\0')) {
                complain(field, format!("{} has a `{field}` without a name", self.what), hint);
            }
        }
    }

    fn slurm(&self, slurm: &SlurmBinding, found: &mut Diagnostics) {
        let mut complain = |field: &str, message: String, hint: &str| {
            let place = Place::value(self.document, self.path.key("slurm").key(field));
            found.push(Diagnostic::new(&codes::BAD_BINDING, message).at(place).hint(hint));
        };
        let knows = |field: &str| !self.refused.touches(self.document, &self.path.key("slurm").key(field));
        let host = slurm.host.as_deref().unwrap_or_default();
        if slurm.over == Over::Ssh && host.is_empty() && knows("host") {
            complain(
                "over",
                format!("{} is reached over ssh and names no host", self.what),
                "add `host: slurm-admin.example`",
            );
        }
        // The ssh client would take it for an option.
        if host.starts_with('-') || host.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            complain(
                "host",
                format!("`{}` is not a host", host.escape_debug()),
                "write a name that your ssh client knows, e.g. `root@slurm-admin`",
            );
        }
        if slurm.over == Over::Local && slurm.host.is_some() && knows("over") {
            complain(
                "host",
                format!("{} names a host, and is not reached over ssh", self.what),
                "add `over: ssh`, or take the host out",
            );
        }
        for (field, words) in [("prefix", &slurm.prefix), ("restart", &slurm.restart)] {
            if words.first().is_some_and(String::is_empty) || words.iter().any(|word| word.contains('\0')) {
                complain(
                    field,
                    format!("`{field}` begins with no program"),
                    "write a program and its arguments: `[systemctl, restart, slurmctld]`",
                );
            }
        }
        for (field, name) in [("include", &slurm.include), ("gresInclude", &slurm.gres_include)] {
            let plain = !name.is_empty()
                && name != "slurm.conf"
                && name != "gres.conf"
                && !name.starts_with('.')
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
            if !plain {
                complain(
                    field,
                    format!("`{}` is not a file beside slurm.conf", name.escape_debug()),
                    "write a plain file name, e.g. `sitewright.conf`",
                );
            }
        }
        if slurm.include == slurm.gres_include && knows("include") {
            complain(
                "gresInclude",
                format!("{} has one include file for slurm.conf and gres.conf", self.what),
                "name them differently",
            );
        }
        if let Some(folder) = &slurm.conf_dir
            && (!folder.starts_with('/') || folder.chars().any(char::is_control))
        {
            complain(
                "confDir",
                format!("`{}` is not a whole path", folder.escape_debug()),
                "begin with `/`: `/etc/slurm`",
            );
        }
    }
}
