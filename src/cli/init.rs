//! `sitewright init`.

use std::path::PathBuf;

use super::exit::Exit;
use super::output::Output;

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
    if let Err(error) = crate::slurm::text::check_accounting_name(&name) {
        output.problem(&format!("`{name}` cannot be a factory's name: {error}"), &error.hint);
        return Exit::Problem;
    }
    let taken: Vec<&str> = FILES.iter().map(|(file, _)| *file).filter(|file| args.dir.join(file).exists()).collect();
    if !taken.is_empty() {
        let message = format!("`{}` already has {}", args.dir.display(), taken.join(", "));
        output.problem(&message, "choose another folder; nothing was written");
        return Exit::Problem;
    }
    let written = match write(&args.dir, &name) {
        Ok(written) => written,
        Err(error) => {
            output.complain(&format!("error: failed to write `{}`: {error}\n", args.dir.display()));
            return Exit::Problem;
        }
    };
    let next = if args.dir == PathBuf::from(".") { String::new() } else { format!("cd {} && ", args.dir.display()) };
    let wrote = crate::report::wrap(&format!("Wrote {} files: {}", written.len(), written.join(", ")), output.style().width);
    output.say(&format!("{wrote}\nNext: {next}sitewright plan\n"));
    Exit::Success
}

/// Writes the files; returns their names.
fn write(dir: &PathBuf, name: &str) -> std::io::Result<Vec<&'static str>> {
    let mut written = Vec::new();
    std::fs::create_dir_all(dir)?;
    for (file, text) in FILES {
        // The schemas of the checkout are not beside a new site.
        let text: String = text.lines().filter(|line| !line.contains("yaml-language-server")).map(|line| format!("{line}\n")).collect();
        std::fs::write(dir.join(file), text.replace("nordlys", name))?;
        written.push(file);
    }
    // Twins and journals are no part of the site.
    let ignore = dir.join(".gitignore");
    if !ignore.exists() {
        std::fs::write(ignore, ".sitewright/\n")?;
        written.push(".gitignore");
    }
    Ok(written)
}
