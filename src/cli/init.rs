//! `sitewright init`.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::output::Output;
use super::targets::TARGETS;
use crate::diagnostics::{Complaint, Diagnostic, Severity};
use crate::live::local;
use crate::manifest::{Schemas, load_texts};
use crate::model::resolve;
use crate::report::printable;
use crate::rules;

/// The starter site; its factory is called `nordlys` and renamed.
const FILES: [(&str, &str); 5] = [
    ("sitewright.yaml", include_str!("../../examples/starter/sitewright.yaml")),
    ("factory.yaml", include_str!("../../examples/starter/factory.yaml")),
    ("partitions.yaml", include_str!("../../examples/starter/partitions.yaml")),
    ("access.yaml", include_str!("../../examples/starter/access.yaml")),
    ("projects.yaml", include_str!("../../examples/starter/projects.yaml")),
];

/// Write a commented starter site.
///
/// Asks nothing and overwrites nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  sitewright init nordlys && cd nordlys && sitewright plan")]
pub(crate) struct Args {
    /// Folder to make; its name becomes the factory's
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Exit {
    let base = std::path::absolute(&args.dir).unwrap_or_else(|_| args.dir.clone());
    let name = base.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(Complaint { message, hint }) = TARGETS.iter().find_map(|target| target.illegal(&name)) {
        output.problem(&format!("`{}` cannot be a factory's name: {message}", printable(&name)), &hint);
        return Exit::Problem;
    }
    let files = files(&name);
    // A name may be legal and mean something else to Slurm, or to YAML.
    if let Some(error) = problem(&files) {
        let hint = error.hint.unwrap_or_else(|| "choose another name".to_owned());
        output.problem(&format!("`{name}` cannot be a factory's name: {}", error.message), &hint);
        return Exit::Problem;
    }
    let taken: Vec<&str> = FILES
        .iter()
        .map(|(file, _)| *file)
        .filter(|file| std::fs::symlink_metadata(args.dir.join(file)).is_ok())
        .collect();
    if !taken.is_empty() {
        let message = format!("`{}` already has {}", printable(&args.dir.display().to_string()), taken.join(", "));
        output.problem(&message, "choose another folder; nothing was written");
        return Exit::Problem;
    }
    let written = match write(&args.dir, &files) {
        Ok(written) => written,
        Err(error) => {
            output.complain(&format!(
                "error: failed to write `{}`: {error}\n",
                printable(&args.dir.display().to_string())
            ));
            return Exit::Problem;
        }
    };
    let next = if args.dir == Path::new(".") { String::new() } else { format!("cd {} && ", args.dir.display()) };
    let wrote =
        crate::report::wrap(&format!("Wrote {} files: {}", written.len(), written.join(", ")), output.style().width);
    output.say(&format!("{wrote}\nNext: {next}sitewright plan\n"));
    Exit::Success
}

/// The starter site under another name.
fn files(name: &str) -> Vec<(&'static str, String)> {
    // The schemas of the checkout are not beside a new site.
    let text = |text: &str| {
        text.lines()
            .filter(|line| !line.contains("yaml-language-server"))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    FILES.iter().map(|(file, content)| (*file, text(content).replace("nordlys", name))).collect()
}

/// What `validate` would say of it.
fn problem(files: &[(&'static str, String)]) -> Option<Diagnostic> {
    let schemas = Schemas::new().ok()?;
    let manifests = files.iter().filter(|(file, _)| *file != "sitewright.yaml");
    let mut loaded = load_texts(manifests.map(|(file, text)| ((*file).to_owned(), text.clone())).collect(), &schemas);
    let (site, found) = resolve(&loaded);
    loaded.diagnostics.extend(found);
    loaded.diagnostics.extend(rules::check(&site));
    loaded.diagnostics.0.into_iter().find(|one| one.code.severity == Severity::Error)
}

/// Writes all of them where nothing is, not even a link; returns their names.
fn write(dir: &Path, files: &[(&'static str, String)]) -> std::io::Result<Vec<&'static str>> {
    let mut written = Vec::new();
    std::fs::create_dir_all(dir)?;
    for (file, text) in files {
        local::write_new(&dir.join(file), text.as_bytes())?;
        written.push(*file);
    }
    // Twins and journals are no part of the site.
    match local::write_new(&dir.join(".gitignore"), b".sitewright/\n") {
        Ok(()) => written.push(".gitignore"),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    Ok(written)
}
