//! Plugins that a setting may name, by release, as data (the folders of `src/plugins/` in Slurm 14.03 to 26.05, and what
//! loads them: `plugin_context_create`, `read_config.c`).
//!
//! A site may put plugins of its own into `PluginDir`, so a strange name alone is no error.

use super::keys::{Bound, Span, in_release};
use super::release::Release;
use crate::diagnostics::nearest;

/// Name without its kind, first release with it, first release without it; as in `keys`.
type Name = (&'static str, Bound, Bound);

/// The plugins of one setting.
#[derive(Debug)]
pub struct Plugins {
    /// The setting.
    pub key: &'static str,
    /// Kinds that may stand before the slash; the first one is the usual one.
    kinds: &'static [&'static str],
    /// Whether several may be named.
    many: bool,
    /// Since when the name may stand without its kind; never where absent.
    bare: Option<Bound>,
    /// Whether any text with `none` in it switches the setting off, since 23.11.
    none: bool,
    /// Daemon that loads it and stops where it cannot.
    pub daemon: &'static str,
    /// Since when it stops; before, it goes on without.
    fatal: Bound,
    always: &'static [&'static str],
    changed: &'static [Name],
}

/// A row with the usual answers: one name, with its kind, loaded by slurmctld.
const fn one(
    key: &'static str,
    kinds: &'static [&'static str],
    none: bool,
    always: &'static [&'static str],
    changed: &'static [Name],
) -> Plugins {
    Plugins { key, kinds, many: false, bare: None, none, daemon: "slurmctld", fatal: (0, 0), always, changed }
}

impl Plugins {
    const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    const fn bare(mut self, year: u16, month: u16) -> Self {
        self.bare = Some((year, month));
        self
    }

    const fn in_slurmd(mut self) -> Self {
        self.daemon = "slurmd";
        self
    }

    const fn fatal_since(mut self, year: u16, month: u16) -> Self {
        self.fatal = (year, month);
        self
    }
}

/// First release in which reading the file takes `none` for "nothing"; before, it was a plugin like others.
const NONE_READ: Bound = (23, 11);
const AUTH: &[Name] = &[("jwt", (20, 2), (0, 0)), ("slurm", (23, 11), (0, 0)), ("authd", (0, 0), (16, 5))];

#[rustfmt::skip]
const PLUGINS: &[Plugins] = &[
    one("AccountingStorageType", &["accounting_storage"], true, &["slurmdbd"],
        &[("ctld_relay", (24, 5), (0, 0)), ("none", (0, 0), NONE_READ), ("filetxt", (0, 0), (20, 11))]),
    // The kind may be left out since 23.11 (`auth_g_init`).
    one("AuthAltTypes", &["auth"], false, &["munge", "none"], AUTH).many().bare(23, 11),
    one("AuthType", &["auth"], false, &["munge", "none"], AUTH).bare(23, 11),
    // auth/slurm brings the credentials with it (`cred_g_init`).
    one("CredType", &["cred", "auth"], false, &["munge", "none"], &[("slurm", (23, 11), (0, 0))]).bare(23, 11),
    // Read as CredType, with `crypto` turned into `cred`.
    one("CryptoType", &["crypto"], false, &["munge", "none"], &[("openssl", (0, 0), (19, 5))]).bare(23, 11),
    one("JobAcctGatherType", &["jobacct_gather"], true, &["linux", "cgroup"],
        &[("none", (0, 0), NONE_READ), ("aix", (0, 0), (17, 2))]),
    // Until 23.02 slurmctld went on without it.
    one("JobCompType", &["jobcomp"], true, &["elasticsearch", "filetxt", "lua", "mysql", "script"],
        &[("kafka", (23, 2), (0, 0)), ("none", (0, 0), NONE_READ)]).fatal_since(23, 2),
    one("PreemptType", &["preempt"], false, &["none", "partition_prio", "qos"], &[("job_prio", (0, 0), (18, 8))]),
    one("PriorityType", &["priority"], false, &["basic", "multifactor"], &[]),
    one("ProctrackType", &["proctrack"], false, &["cgroup", "linuxproc", "pgid"], &[
        ("cray_aries", (0, 0), (24, 5)), ("cray", (0, 0), (19, 5)), ("lua", (0, 0), (19, 5)), ("sgi_job", (0, 0), (19, 5)),
        ("aix", (0, 0), (17, 2)),
    ]).in_slurmd(),
    one("SchedulerType", &["sched"], false, &["backfill", "builtin"],
        &[("hold", (0, 0), (21, 8)), ("wiki", (0, 0), (17, 2)), ("wiki2", (0, 0), (17, 2))]),
    one("SelectType", &["select"], false, &["linear", "cons_tres"], &[
        ("cons_res", (0, 0), (23, 11)), ("cray_aries", (0, 0), (24, 5)), ("alps", (0, 0), (19, 5)), ("cray", (0, 0), (19, 5)),
        ("serial", (0, 0), (19, 5)), ("bluegene", (0, 0), (18, 8)),
    ]),
    one("SwitchType", &["switch"], true, &["hpe_slingshot"], &[
        ("nvidia_imex", (24, 5), (0, 0)), ("none", (0, 0), NONE_READ), ("cray_aries", (0, 0), (24, 5)),
        ("generic", (0, 0), (20, 11)), ("cray", (0, 0), (19, 5)), ("nrt", (0, 0), (19, 5)),
    ]),
    one("TaskPlugin", &["task"], true, &["affinity", "cgroup"],
        &[("none", (0, 0), NONE_READ), ("cray_aries", (0, 0), (24, 5)), ("cray", (0, 0), (19, 5))]).many().bare(0, 0).in_slurmd(),
    // `none` and `default` are words for the plugin that was topology/none, then topology/default, then topology/flat.
    one("TopologyPlugin", &["topology"], true, &["tree"], &[
        ("block", (23, 11), (0, 0)), ("default", (23, 11), (0, 0)), ("flat", (25, 5), (0, 0)), ("ring", (26, 5), (0, 0)),
        ("torus3d", (26, 5), (0, 0)), ("3d_torus", (0, 0), (25, 5)), ("none", (0, 0), NONE_READ),
        ("hypercube", (0, 0), (23, 11)), ("node_rank", (0, 0), (20, 11)),
    ]).bare(25, 5),
];

/// What a name is to a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// One of its plugins.
    Known,
    /// A plugin of other releases.
    Elsewhere(Span),
    /// Nearly one of its plugins, or one without its kind: what must have been meant.
    Misspelt(String),
    /// None of Slurm's own.
    Strange,
}

impl Plugins {
    /// The plugins of a setting, whatever its case.
    pub fn of(key: &str) -> Option<&'static Self> {
        PLUGINS.iter().find(|plugins| plugins.key.eq_ignore_ascii_case(key))
    }

    /// Names of a value.
    pub fn split<'a>(&self, value: &'a str) -> Vec<&'a str> {
        if self.many { value.split(',').filter(|name| !name.is_empty()).collect() } else { vec![value] }
    }

    /// What a name is to the release; without one, to all supported releases together.
    pub fn judge(&self, value: &str, release: Option<Release>) -> Named {
        let since = |bound: Bound| release.is_none_or(|release| release >= Release::new(bound.0, bound.1));
        if value.is_empty() || self.none && since(NONE_READ) && value.to_ascii_lowercase().contains("none") {
            return Named::Known;
        }
        let (kind, name) = value.split_once('/').map_or((None, value), |(kind, name)| (Some(kind), name));
        let kind_fits = kind.map_or_else(|| self.bare.is_some_and(since), |kind| self.kinds.contains(&kind));
        if self.knows(name, release) {
            return if kind_fits { Named::Known } else { Named::Misspelt(self.full(name)) };
        }
        if let Some((_, since, until)) = self.changed.iter().find(|(other, ..)| *other == name) {
            return Named::Elsewhere(Span::new(*since, *until));
        }
        if self.is_variant(name, release) {
            return Named::Strange;
        }
        match nearest(name, self.names(release)) {
            Some(near) => Named::Misspelt(self.full(near)),
            None => Named::Strange,
        }
    }

    /// Whether the daemon stops at a plugin that is not there.
    pub fn is_fatal(&self, release: Option<Release>) -> bool {
        let fatal = Release::new(self.fatal.0, self.fatal.1);
        release.map_or(self.fatal == (0, 0), |release| release >= fatal)
    }

    /// Plugins of the release as they are written.
    pub fn full_names(&self, release: Option<Release>) -> Vec<String> {
        self.names(release).map(|name| self.full(name)).collect()
    }

    fn names(&self, release: Option<Release>) -> impl Iterator<Item = &'static str> {
        let changed = self.changed.iter().filter(move |(_, since, until)| in_release(*since, *until, release));
        self.always.iter().copied().chain(changed.map(|(name, ..)| *name))
    }

    fn knows(&self, name: &str, release: Option<Release>) -> bool {
        self.names(release).any(|known| known == name)
    }

    fn full(&self, name: &str) -> String {
        format!("{}/{name}", self.kinds.first().unwrap_or(&""))
    }

    /// A known name with a version or a suffix behind it, as sites name their own: `backfill2`, `multifactor_site`.
    fn is_variant(&self, name: &str, release: Option<Release>) -> bool {
        self.names(release)
            .filter_map(|known| name.strip_prefix(known))
            .any(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '_' | '-')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(key: &str, value: &str, year: u16, month: u16) -> Named {
        Plugins::of(key).unwrap().judge(value, Some(Release::new(year, month)))
    }

    #[test]
    fn plugins_come_and_go() {
        assert_eq!(judge("SelectType", "select/cons_res", 23, 2), Named::Known);
        assert_eq!(judge("SelectType", "select/cons_res", 23, 11), Named::Elsewhere(Span::new((0, 0), (23, 11))));
        assert_eq!(judge("AuthType", "auth/slurm", 22, 5), Named::Elsewhere(Span::new((23, 11), (0, 0))));
        assert_eq!(judge("ProctrackType", "proctrack/cray_aries", 24, 5), Named::Elsewhere(Span::new((0, 0), (24, 5))));
        assert_eq!(judge("TopologyPlugin", "topology/3d_torus", 26, 5), Named::Elsewhere(Span::new((0, 0), (25, 5))));
    }

    #[test]
    fn none_is_nothing_in_every_release() {
        for release in Release::ALL {
            for (key, value) in [
                ("AccountingStorageType", "accounting_storage/none"),
                ("AuthType", "auth/none"),
                ("CredType", "cred/none"),
                ("JobAcctGatherType", "jobacct_gather/none"),
                ("JobCompType", "jobcomp/none"),
                ("PreemptType", "preempt/none"),
                ("SwitchType", "switch/none"),
                ("TaskPlugin", "task/none"),
                ("TopologyPlugin", "topology/none"),
            ] {
                assert_eq!(
                    Plugins::of(key).unwrap().judge(value, Some(release)),
                    Named::Known,
                    "{key}={value} on {release}"
                );
            }
        }
        assert_eq!(judge("SwitchType", "none", 24, 5), Named::Known);
        assert_eq!(judge("SwitchType", "none", 22, 5), Named::Misspelt("switch/none".to_owned()));
    }

    #[test]
    fn the_kind_may_be_left_out_where_it_may() {
        assert_eq!(judge("TaskPlugin", "affinity", 22, 5), Named::Known);
        assert_eq!(judge("AuthType", "munge", 23, 11), Named::Known);
        assert_eq!(judge("AuthType", "munge", 23, 2), Named::Misspelt("auth/munge".to_owned()));
        assert_eq!(judge("SelectType", "cons_tres", 26, 5), Named::Misspelt("select/cons_tres".to_owned()));
        assert_eq!(judge("CredType", "auth/slurm", 24, 5), Named::Known);
        assert_eq!(
            judge("PriorityType", "sched/multifactor", 24, 5),
            Named::Misspelt("priority/multifactor".to_owned())
        );
    }

    #[test]
    fn slips_differ_from_plugins_of_a_site() {
        assert_eq!(judge("SelectType", "select/cons_tress", 24, 5), Named::Misspelt("select/cons_tres".to_owned()));
        assert_eq!(judge("SelectType", "select/Cons_Tres", 24, 5), Named::Misspelt("select/cons_tres".to_owned()));
        assert_eq!(judge("SchedulerType", "sched/foo", 24, 5), Named::Strange);
        assert_eq!(judge("SchedulerType", "sched/backfill2", 24, 5), Named::Strange);
        assert_eq!(judge("PriorityType", "priority/multifactor_site", 24, 5), Named::Strange);
    }

    #[test]
    fn without_a_release_any_supported_one_counts() {
        let judge = |key, value| Plugins::of(key).unwrap().judge(value, None);
        assert_eq!(judge("SelectType", "select/cons_res"), Named::Known);
        assert_eq!(judge("SelectType", "select/serial"), Named::Elsewhere(Span::new((0, 0), (19, 5))));
        assert_eq!(judge("AuthType", "slurm"), Named::Known);
        assert!(!Plugins::of("JobCompType").unwrap().is_fatal(None));
        assert!(Plugins::of("SelectType").unwrap().is_fatal(None));
    }
}
