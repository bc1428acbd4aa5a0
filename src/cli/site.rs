//! Loading a site: manifests, settings, targets; and making a plan from it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::args::SiteArgs;
use super::same;
use crate::apply::Backend;
use crate::desired;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::live::Observation;
use crate::live::slurm::ReadOptions;
use crate::live::transport::{Ssh, Transport};
use crate::live::twin::Twin;
use crate::manifest::v1alpha1::Settings;
use crate::manifest::v1alpha1::settings::{Binding, Over, SlurmBinding};
use crate::manifest::{Schemas, Sources, load, load_settings};
use crate::model::{Site, check_settings, resolve};
use crate::plan::{Guards, Plan, Request, build};
use crate::resource::{Address, Digest, Resource};
use crate::rules;

/// A site, loaded and checked.
pub(super) struct Loaded {
    pub(super) folder: PathBuf,
    pub(super) sources: Sources,
    pub(super) site: Site,
    pub(super) settings: Settings,
    pub(super) found: Diagnostics,
    pub(super) manifests: Digest,
}

/// Loads manifests and settings of a folder and checks everything that needs no cluster.
pub(super) fn load_site(folder: &Path, targets: Option<&Path>) -> Loaded {
    let mut found = Diagnostics::new();
    let schemas = match Schemas::new() {
        Ok(schemas) => schemas,
        Err(error) => {
            found.push(Diagnostic::new(&codes::WRONG_FORM, format!("this is a bug in the schemas: {error}")));
            let folder = folder.to_owned();
            let manifests = Digest::of("");
            return Loaded { folder, sources: Sources::default(), site: Site::default(), settings: Settings::default(), found, manifests };
        }
    };
    let mut loaded = load(folder, &schemas);
    let manifests = Digest::of_json(&loaded.sources.texts().collect::<Vec<_>>());
    found.extend(std::mem::take(&mut loaded.diagnostics));
    let (site, more) = resolve(&loaded.documents);
    // What a document says whose parts were left out, and what others say of it, proves nothing.
    let mut broken: BTreeSet<DocumentId> = loaded.documents.iter().filter(|document| !document.whole).map(|document| document.id).collect();
    broken.extend(more.0.iter().filter_map(|one| match &one.place {
        Some(Place::Field { document, .. }) => Some(*document),
        _ => None,
    }));
    found.extend(more);
    if broken.is_empty() && !loaded.lost {
        found.extend(rules::check(&site));
    } else {
        let rest: Vec<_> = loaded.documents.iter().filter(|document| !broken.contains(&document.id)).cloned().collect();
        found.extend(rules::check_rest(&site, &resolve(&rest).0, loaded.lost));
    }
    let root = match folder.parent() {
        Some(parent) if folder.is_file() => Path::new(".").join(parent),
        _ => folder.to_owned(),
    };
    // A folder that cannot be read has been reported, and the standard input has no settings.
    let (settings, settings_document) = match targets {
        None if !root.is_dir() => (Settings::default(), None),
        _ => load_settings(targets.unwrap_or(&root), &schemas, &mut loaded.sources, &mut found),
    };
    if let Some(document) = settings_document {
        found.extend(check_settings(&settings, document));
    }
    Loaded { folder: root, sources: loaded.sources, site, settings, found, manifests }
}

impl Loaded {
    /// The factory's name.
    pub(super) fn factory(&self) -> String {
        self.site.factories.first().map_or_else(String::new, |factory| factory.name.clone())
    }

    /// What the manifests want on a day.
    pub(super) fn desired(&self, args: &SiteArgs) -> Vec<Resource> {
        let day = args.at.unwrap_or_else(|| jiff::Zoned::now().date());
        desired::compile(&self.site, day)
    }

    /// Targets that the manifests name, or that are bound.
    pub(super) fn backends(&self, args: &SiteArgs) -> Result<BTreeMap<String, Backend>, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut names: BTreeSet<String> = self.site.partitions.iter().map(|one| one.target.clone()).collect();
        names.extend(self.site.modes.iter().map(|one| one.target.clone()));
        names.extend(self.site.projects.iter().map(|one| one.target.clone()));
        if names.is_empty() {
            names.insert("compute".to_owned());
        }
        let known = self.settings.targets.values().any(|environments| environments.contains_key(&args.env));
        if args.env != "default" && !known {
            let all: BTreeSet<&str> = self.settings.targets.values().flat_map(|one| one.keys().map(String::as_str)).collect();
            let hint = crate::diagnostics::nearest(&args.env, all.iter().copied())
                .map_or_else(|| format!("known: {}", all.iter().copied().collect::<Vec<_>>().join(", ")), |near| format!("did you mean `--env {near}`?"));
            found.push(Diagnostic::new(&codes::UNKNOWN_ENVIRONMENT, format!("no target has a binding for `{}`", args.env)).hint(hint));
            return Err(found);
        }
        let mut backends = BTreeMap::new();
        for name in names {
            let binding = self.settings.targets.get(&name).and_then(|environments| environments.get(&args.env));
            if let Some(backend) = self.backend(&name, &args.env, binding, &mut found) {
                backends.insert(name, backend);
            }
        }
        found.extend(same::twins(&backends));
        if found.has_errors() { Err(found) } else { Ok(backends) }
    }

    fn backend(&self, name: &str, environment: &str, binding: Option<&Binding>, found: &mut Diagnostics) -> Option<Backend> {
        let mut complain = |message: String, hint: &str| {
            found.push(Diagnostic::new(&codes::BAD_BINDING, message).at(Place::File("sitewright.yaml".to_owned())).hint(hint));
        };
        let usual = || self.state_folder().join(format!("{environment}-{name}.twin"));
        match binding {
            None => Some(Backend::Twin(Twin::new(usual()))),
            Some(Binding { twin: Some(_), slurm: Some(_) }) | Some(Binding { twin: None, slurm: None }) => {
                complain(format!("`{name}` in `{environment}` has to be one of `twin` and `slurm`"), "write `{ twin: {} }`, or `{ slurm: { over: local } }`");
                None
            }
            Some(Binding { twin: Some(twin), slurm: None }) => {
                let path = twin.file.as_ref().map_or_else(usual, |file| self.folder.join(file));
                Some(Backend::Twin(Twin::new(path)))
            }
            Some(Binding { twin: None, slurm: Some(slurm) }) => {
                if slurm.over == Over::Ssh && slurm.host.as_ref().is_none_or(|host| host.is_empty() || host.starts_with('-')) {
                    complain(format!("`{name}` in `{environment}` is reached over ssh and names no host"), "add `host: slurm-admin.example`");
                    return None;
                }
                if slurm.include.contains("..") || slurm.gres_include.contains("..") {
                    complain(format!("`{name}`: an include file stands beside slurm.conf"), "write a plain file name, e.g. `sitewright.conf`");
                    return None;
                }
                Some(self.slurm(slurm))
            }
        }
    }

    fn slurm(&self, binding: &SlurmBinding) -> Backend {
        let ssh = (binding.over == Over::Ssh).then(|| Ssh {
            host: binding.host.clone().unwrap_or_default(),
            config: binding.ssh_config.as_ref().map(|path| self.folder.join(path).display().to_string()),
        });
        let variables = binding.conf_dir.as_ref().map(|folder| ("SLURM_CONF".to_owned(), format!("{folder}/slurm.conf"))).into_iter().collect();
        let root_account = self.site.factories.first().map_or_else(String::new, |factory| factory.account.clone());
        Backend::Slurm {
            transport: Transport::new(ssh, binding.prefix.clone(), variables),
            options: ReadOptions {
                conf_dir: binding.conf_dir.clone(),
                include: binding.include.clone(),
                gres_include: binding.gres_include.clone(),
                cluster: binding.cluster.clone(),
                root_account,
            },
            restart: (!binding.restart.is_empty()).then(|| binding.restart.clone()),
        }
    }

    /// Folder of twins and journals.
    pub(super) fn state_folder(&self) -> PathBuf {
        self.folder.join(".sitewright")
    }

    /// Turns a place into `access.yaml:31`.
    pub(super) fn short(&self, place: &Place) -> Option<String> {
        self.sources.short(place)
    }
}

/// What is planned for, besides the site itself.
pub(super) struct Wish {
    pub(super) adopt: BTreeSet<Address>,
    pub(super) guards: Guards,
    pub(super) destroying: bool,
    pub(super) only: Option<BTreeSet<Address>>,
    pub(super) at: Option<String>,
}

/// Reads all targets.
pub(super) async fn observe(backends: &BTreeMap<String, Backend>, factory: &str) -> Result<Vec<Observation>, Diagnostics> {
    let readings = futures::future::join_all(backends.iter().map(|(name, backend)| backend.observe(name, factory))).await;
    let mut found = Diagnostics::new();
    let mut observations = Vec::new();
    for reading in readings {
        match reading {
            Ok(observation) => observations.push(observation),
            Err(errors) => found.extend(errors),
        }
    }
    found.extend(same::clusters(backends, &observations));
    if found.is_empty() { Ok(observations) } else { Err(found) }
}

/// Makes a plan.
pub(super) fn make_plan(
    loaded: &Loaded,
    args: &SiteArgs,
    wish: Wish,
    backends: &BTreeMap<String, Backend>,
    observations: &[Observation],
) -> Result<Plan, Diagnostics> {
    let restart = backends
        .iter()
        .filter_map(|(name, backend)| match backend {
            Backend::Slurm { restart: Some(command), .. } => Some((name.clone(), command.clone())),
            _ => None,
        })
        .collect();
    let day = args.at.unwrap_or_else(|| jiff::Zoned::now().date());
    let request = Request {
        factory: loaded.factory(),
        environment: args.env.clone(),
        at: wish.at.unwrap_or_else(|| day.to_string()),
        manifests: loaded.manifests.clone(),
        adopt: wish.adopt,
        guards: wish.guards,
        destroying: wish.destroying,
        only: wish.only,
        restart,
    };
    build(&request, &loaded.desired(args), observations, &|place| loaded.short(place))
}

/// A runtime for the stages that reach the outside.
pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
