//! Bindings to Slurm clusters.

use super::binding::{Checker, Target};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::manifest::v1alpha1::settings::{Binding, Over, SlurmBinding};

pub(super) const BINDING: &dyn Target = &Slurm;

struct Slurm;

impl Target for Slurm {
    fn example(&self) -> (&'static str, &'static str) {
        ("slurm", "{ slurm: { over: local } }")
    }

    fn is_bound(&self, binding: &Binding) -> bool {
        binding.slurm.is_some()
    }

    fn check(&self, binding: &Binding, checker: &Checker<'_>, found: &mut Diagnostics) {
        if let Some(slurm) = &binding.slurm {
            check(slurm, checker, found);
        }
    }

    fn is_same(&self, one: &Binding, other: &Binding) -> bool {
        let way = |one: &SlurmBinding| {
            let SlurmBinding { over, host, ssh_config, prefix, cluster, conf_dir, .. } = one.clone();
            (over, host, ssh_config, prefix, cluster, conf_dir)
        };
        one.slurm.as_ref().zip(other.slurm.as_ref()).is_some_and(|(one, other)| way(one) == way(other))
    }
}

fn check(slurm: &SlurmBinding, checker: &Checker<'_>, found: &mut Diagnostics) {
    let mut complain = |field: &str, message: String, hint: &str| {
        let place = Place::value(checker.document, checker.path.key("slurm").key(field));
        found.push(Diagnostic::new(&codes::BAD_BINDING, message).at(place).hint(hint));
    };
    let knows = |field: &str| !checker.refused.touches(checker.document, &checker.path.key("slurm").key(field));
    let host = slurm.host.as_deref().unwrap_or_default();
    if slurm.over == Over::Ssh && host.is_empty() && knows("host") {
        complain(
            "over",
            format!("{} is reached over ssh and names no host", checker.what),
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
            format!("{} names a host, and is not reached over ssh", checker.what),
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
            format!("{} has one include file for slurm.conf and gres.conf", checker.what),
            "name them differently",
        );
    }
    if let Some(folder) = &slurm.conf_dir
        && (!folder.starts_with('/') || folder.chars().any(char::is_control))
    {
        complain("confDir", format!("`{}` is not a whole path", folder.escape_debug()), "begin with `/`: `/etc/slurm`");
    }
}
