//! `sitewright render`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::args::{Format, SiteArgs};
use super::exit::Exit;
use super::output::Output;
use super::plan::{complain, loaded_or_exit};
use super::site::Loaded;
use crate::live::local;
use crate::manifest::{RENDERED_FOLDER, manifest_below};
use crate::plan::{RENDERED, render};

/// Write the declared resources as files, for Argo CD, Flux or review.
///
/// Kubernetes objects become YAML, one file for each kind and namespace. Slurm's side becomes the include files and the
/// accounting commands for an empty cluster. No cluster is contacted, and equal manifests give equal bytes. FOLDER may
/// lie inside the site's folder if it holds no manifests; it is not searched for manifests afterwards.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  sitewright render --out rendered/\n  sitewright render --only services | kubectl diff --server-side --field-manager=sitewright -f -"
)]
pub(crate) struct Args {
    /// Folder of manifests
    #[arg(default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    site: SiteArgs,
    /// Only this target
    #[arg(long, value_name = "TARGET")]
    only: Option<String>,
    /// Write files below FOLDER and remove outdated files of earlier renders [default: standard output]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Exit {
    let loaded = match loaded_or_exit(&args.dir, &args.site, Format::Human, output) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let bindings = match loaded.bindings(&args.site) {
        Ok(bindings) => bindings,
        Err(found) => {
            complain(&found, &loaded.sources, Format::Human, output);
            return Exit::Problem;
        }
    };
    if let Some(only) = args.only.as_ref().filter(|only| !bindings.contains_key(*only)) {
        let known: Vec<&str> = bindings.keys().map(String::as_str).collect();
        output.problem(&format!("there is no target `{only}`"), &format!("name one of: {}", known.join(", ")));
        return Exit::Usage;
    }
    let mut desired = loaded.desired(&args.site);
    desired.retain(|resource| args.only.as_ref().is_none_or(|only| resource.address.target == *only));
    let files = match render(&loaded.factory(), &desired, &bindings) {
        Ok(files) => files,
        Err(why) => {
            output.problem(&why, "sitewright validate");
            return Exit::Problem;
        }
    };
    match &args.out {
        None => {
            output.say(&stream(&files));
            Exit::Success
        }
        Some(folder) => match without_manifests(folder, &loaded).and_then(|()| write(folder, &files)) {
            Ok(()) => {
                let noun = if files.len() == 1 { "file" } else { "files" };
                output.say(&format!("Wrote {} {noun} to {}\n", files.len(), folder.display()));
                Exit::Success
            }
            Err((what, hint)) => {
                output.problem(&what, &hint);
                Exit::Problem
            }
        },
    }
}

/// All files one after the other; where each begins is a comment in all of their languages.
fn stream(files: &BTreeMap<String, String>) -> String {
    files.iter().map(|(path, text)| format!("# {path}\n{text}")).collect()
}

/// Refuses a folder with manifests: from then on they would not be read, which looks as if they declared nothing more.
fn without_manifests(folder: &Path, loaded: &Loaded) -> Result<(), (String, String)> {
    // What is not there yet holds nothing.
    let Ok(real) = std::fs::canonicalize(folder) else { return Ok(()) };
    let root = std::fs::canonicalize(&loaded.folder).unwrap_or_else(|_| loaded.folder.clone());
    let of_site = loaded.sources.texts().map(|(name, _)| root.join(name)).find(|file| {
        let target = std::fs::canonicalize(file);
        file.starts_with(&real) || target.is_ok_and(|target| target.starts_with(&real))
    });
    let Some(manifest) = of_site.or_else(|| manifest_below(folder, &is_rendered)) else { return Ok(()) };
    Err((
        format!("`{}` holds the manifest `{}`, so nothing is written there", folder.display(), manifest.display()),
        "no manifests are looked for where files are rendered: name a folder of its own, as in `--out rendered/`"
            .to_owned(),
    ))
}

/// Writes all, over nothing but what was rendered before.
fn write(folder: &Path, files: &BTreeMap<String, String>) -> Result<(), (String, String)> {
    let failed = |path: &Path, error: &std::io::Error| {
        (format!("`{}` cannot be written: {error}", path.display()), "name another folder: `--out FOLDER`".to_owned())
    };
    let marker = folder.join(RENDERED_FOLDER);
    for path in files.keys().map(|path| folder.join(path)).chain([marker.clone()]) {
        if path.exists() && !is_rendered(&path) {
            return Err((
                format!("`{}` exists and was not rendered, so nothing is written there", path.display()),
                "take it away, or name another folder: `--out FOLDER`".to_owned(),
            ));
        }
    }
    if let Some(link) = files.keys().find_map(|file| linked_below(folder, file)) {
        let to = std::fs::read_link(&link).unwrap_or_default();
        return Err((
            format!("`{}` is a link to `{}`, so nothing is written through it", link.display(), to.display()),
            "take the link away, or name another folder: `--out FOLDER`".to_owned(),
        ));
    }
    // First, so that a run that is killed leaves no files that the site would be read with.
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mark = format!("{RENDERED}: the files of this folder are made of manifests, and none are looked for in it\n");
    local::replace(&marker, mark.as_bytes()).map_err(|error| failed(&marker, &error))?;
    let targets: std::collections::BTreeSet<&str> = files.keys().filter_map(|path| path.split('/').next()).collect();
    for target in targets {
        let mut old = Vec::new();
        rendered_below(&folder.join(target), &mut old);
        let wanted = |path: &Path| files.keys().any(|file| folder.join(file) == path);
        for path in old.iter().filter(|path| !wanted(path)) {
            std::fs::remove_file(path).map_err(|error| failed(path, &error))?;
        }
    }
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
        }
        local::replace(&path, text.as_bytes()).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

/// A link among the folders that a file stands in, below the one that was named.
fn linked_below(folder: &Path, file: &str) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    let (folders, _) = file.rsplit_once('/')?;
    folders.split('/').find_map(|name| {
        path.push(name);
        std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink()).then(|| path.clone())
    })
}

fn is_rendered(path: &Path) -> bool {
    let plain = std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // The include files begin with their digest.
    plain && text.lines().take(2).any(|line| line.starts_with(RENDERED))
}

/// Files of earlier runs. Links are not followed.
fn rendered_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => rendered_below(&path, found),
            Ok(kind) if kind.is_file() && is_rendered(&path) => found.push(path),
            _ => {}
        }
    }
}
