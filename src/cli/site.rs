//! Loading a site: manifests, settings, and the targets that they bind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::args::SiteArgs;
use super::same;
use super::target::{Bound, Made};
use super::targets::TARGETS;
use super::today::today;
use crate::desired;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place, nearest};
use crate::live::Endpoint;
use crate::live::twin::Twin;
use crate::manifest::v1alpha1::Settings;
use crate::manifest::v1alpha1::settings::Binding;
use crate::manifest::{LoadedSettings, Schemas, Sources, load, load_settings};
use crate::model::{Site, check_settings, check_targets, resolve, ways};
use crate::resource::{Digest, FieldPath, Resource};
use crate::rules;

/// A site, loaded and checked.
pub(super) struct Loaded {
    pub(super) folder: PathBuf,
    /// Folder of the file that binds the targets: paths in it are relative to this folder.
    bindings: PathBuf,
    pub(super) sources: Sources,
    pub(super) site: Site,
    pub(super) settings: Settings,
    /// Document of the settings, if there is one.
    settings_document: Option<DocumentId>,
    pub(super) found: Diagnostics,
    pub(super) manifests: Digest,
}

/// Loads manifests and settings of a folder and checks everything that needs no cluster.
pub(super) fn load_site(folder: &Path, targets: Option<&Path>) -> Loaded {
    let mut found = Diagnostics::new();
    let schemas = match Schemas::new() {
        Ok(schemas) => schemas,
        Err(error) => {
            found.push(Diagnostic::of_run(&codes::WRONG_FORM, format!("this is a bug in the schemas: {error}")));
            let (folder, bindings) = (folder.to_owned(), folder.to_owned());
            let manifests = Digest::of("");
            let (site, settings) = (Site::default(), Settings::default());
            return Loaded {
                folder,
                bindings,
                sources: Sources::default(),
                site,
                settings,
                settings_document: None,
                found,
                manifests,
            };
        }
    };
    let mut loaded = load(folder, &schemas);
    let manifests = Digest::of_texts(loaded.sources.texts());
    found.extend(std::mem::take(&mut loaded.diagnostics));
    let (site, more) = resolve(&loaded);
    found.extend(more);
    found.extend(rules::check(&site));
    let root = root_of(folder);
    // What is wrong with a folder that cannot be read was told already.
    let settings = match targets {
        None if !root.is_dir() => LoadedSettings::default(),
        _ => load_settings(targets.unwrap_or(&root), &schemas, &mut loaded.sources, &mut found),
    };
    found.extend(check_settings(&settings));
    found.extend(check_targets(&settings, &site));
    Loaded {
        bindings: targets.map_or_else(|| root.clone(), root_of),
        folder: root,
        sources: loaded.sources,
        site,
        settings: settings.settings,
        settings_document: settings.document,
        found,
        manifests,
    }
}

/// The folder of settings and of our state: that of the one file named, and for the standard input the current one.
fn root_of(named: &Path) -> PathBuf {
    let folder = if named == Path::new("-") {
        Path::new(".")
    } else if named.is_file() {
        named.parent().unwrap_or(named)
    } else {
        named
    };
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

impl Loaded {
    /// The factory's name.
    pub(super) fn factory(&self) -> String {
        self.site.factories.first().map_or_else(String::new, |factory| factory.name.clone())
    }

    /// What the manifests want on a day.
    pub(super) fn desired(&self, args: &SiteArgs) -> Vec<Resource> {
        let day = args.at.unwrap_or_else(today);
        desired::compile(&self.site, day)
    }

    /// Endpoints of the targets that the manifests name, and of those bound besides: what was made there and is no longer
    /// declared has to be seen.
    pub(super) fn endpoints(&self, args: &SiteArgs) -> Result<Endpoints, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut names: BTreeSet<String> = self.site.targets().into_iter().map(ToOwned::to_owned).collect();
        if names.is_empty() {
            names.insert("compute".to_owned());
        }
        let bound =
            self.settings.targets.iter().filter(|(_, environments)| environments.contains_key(args.environment()));
        names.extend(bound.map(|(name, _)| name.clone()));
        let mut endpoints = Endpoints::default();
        for name in names {
            let binding = match self.binding(&name, args.environment()) {
                Ok(binding) => binding,
                Err(diagnostic) => {
                    found.push(diagnostic);
                    continue;
                }
            };
            if let Some(command) = binding.and_then(|one| TARGETS.iter().find_map(|target| target.restart(one))) {
                endpoints.restart.insert(name.clone(), command);
            }
            if let Some(endpoint) = self.endpoint(&name, args.environment(), binding, &mut found) {
                endpoints.by_name.insert(name, endpoint);
            }
        }
        found.extend(same::twins(&endpoints.by_name));
        if found.has_errors() { Err(found) } else { Ok(endpoints) }
    }

    /// What a target is bound to in an environment. Without any binding it is a twin, in the default environment only:
    /// whoever names another, or binds clusters, would take an apply to a twin for one to a cluster.
    fn binding(&self, target: &str, environment: &str) -> Result<Option<&Binding>, Diagnostic> {
        let environments = self.settings.targets.get(target);
        let binding = environments.and_then(|environments| environments.get(environment));
        if binding.is_some() || (self.settings.targets.is_empty() && environment == "default") {
            return Ok(binding);
        }
        let message = format!("`{target}` has no binding for the environment `{environment}`");
        let add =
            format!("bind it in sitewright.yaml: `targets: {{ {target}: {{ {environment}: {{ twin: {{}} }} }} }}`");
        let known: Vec<&str> = environments.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let hint = match nearest(environment, known.iter().copied()) {
            Some(near) => format!("did you mean `--env {near}`?"),
            None if known.is_empty() => add,
            None => format!("it has {}: say `--env {}`, or {add}", known.join(", "), known[0]),
        };
        let diagnostic = Diagnostic::of_run(&codes::UNKNOWN_ENVIRONMENT, message).hint(hint);
        Err(match self.settings_document {
            Some(document) => diagnostic
                .at(Place::key(document, FieldPath::keys("targets").key(target)))
                .label(format!("no `{environment}`")),
            None => diagnostic,
        })
    }

    /// What the targets that the manifests name are bound to.
    pub(super) fn bindings(&self, args: &SiteArgs) -> Result<BTreeMap<String, Option<&Binding>>, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut bindings = BTreeMap::new();
        for target in self.site.targets() {
            match self.binding(target, args.environment()) {
                Ok(binding) => {
                    bindings.insert(target.to_owned(), binding);
                }
                Err(diagnostic) => found.push(diagnostic),
            }
        }
        if found.has_errors() { Err(found) } else { Ok(bindings) }
    }

    fn endpoint(
        &self,
        name: &str,
        environment: &str,
        binding: Option<&Binding>,
        found: &mut Diagnostics,
    ) -> Option<Endpoint> {
        let usual = || self.state_folder().join(format!("{environment}-{name}.twin"));
        let Some(binding) = binding else { return Some(Endpoint::Twin(Twin::new(usual()))) };
        let account = self.site.factories.first().map_or("", |factory| factory.account.as_str());
        let bound = Bound { name, environment, folder: &self.bindings, account };
        let twin = binding.twin.as_ref().map(|twin| -> Made {
            let path = twin.file.as_ref().map_or_else(|| Ok(usual()), |file| bound.path("twin.file", file))?;
            Ok(Endpoint::Twin(Twin::new(path)))
        });
        let clusters = TARGETS.iter().filter_map(|target| target.endpoint(&bound, binding));
        let mut all: Vec<Made> = twin.into_iter().chain(clusters).collect();
        let (message, hint) = match (all.pop(), all.is_empty()) {
            (Some(Ok(endpoint)), true) => return Some(endpoint),
            (Some(Err((message, hint))), true) => (message, hint.to_owned()),
            _ => {
                let (names, examples) = ways();
                (format!("`{name}` in `{environment}` has to be one of {names}"), format!("write {examples}"))
            }
        };
        found.push(
            Diagnostic::new(&codes::BAD_BINDING, message).at(Place::File("sitewright.yaml".to_owned())).hint(hint),
        );
        None
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

/// Targets as they are bound.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    /// Endpoints by the target's name.
    pub(super) by_name: BTreeMap<String, Endpoint>,
    /// Restart commands of the targets that declare one.
    pub(super) restart: BTreeMap<String, Vec<String>>,
}

/// A runtime for the stages that reach the outside.
pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    // The runtime panics where it gets no descriptors, so they are asked for first.
    let spare = (0..3).map(|_| std::os::unix::net::UnixStream::pair()).collect::<Result<Vec<_>, _>>()?;
    drop(spare);
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
