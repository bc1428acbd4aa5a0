//! `sitewright schema`, `completions` and `man`.

use clap::builder::{PossibleValue, PossibleValuesParser};

use super::exit::Exit;
use super::output::Output;
use crate::manifest::schema;
use crate::manifest::v1alpha1::{SETTINGS, SITE};

/// Print the JSON Schema of a kind.
#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {
    /// Kind, `Site` for sitewright.yaml; without it, the schema over all kinds of manifests
    #[arg(value_name = "KIND", value_parser = kinds(), ignore_case = true)]
    kind: Option<String>,
}

fn kinds() -> PossibleValuesParser {
    let value = |name| if name == SITE { PossibleValue::new(name).alias(SETTINGS) } else { PossibleValue::new(name) };
    PossibleValuesParser::new(schema::names().map(value))
}

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  sitewright completions bash > /etc/bash_completion.d/sitewright")]
pub(crate) struct CompletionsArgs {
    /// Shell
    shell: clap_complete::Shell,
}

pub(super) fn schema(args: &SchemaArgs, output: &mut Output) -> Exit {
    let text = match &args.kind {
        Some(kind) => schema::kind_named(kind)
            .and_then(schema::of_kind)
            .and_then(|schema| serde_json::to_string_pretty(&schema).ok()),
        None => schema::files().remove("sitewright.schema.json"),
    };
    let Some(text) = text else { return Exit::Problem };
    output.say(&format!("{}\n", text.trim_end()));
    Exit::Success
}

/// Prints completions of the command line.
pub(super) fn completions(args: &CompletionsArgs, mut command: clap::Command, output: &mut Output) -> Exit {
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut command, "sitewright", &mut bytes);
    output.say(&String::from_utf8_lossy(&bytes));
    Exit::Success
}

/// Prints the manual page of the command line.
pub(super) fn man(command: clap::Command, output: &mut Output) -> Exit {
    let mut bytes = Vec::new();
    if clap_mangen::Man::new(command).render(&mut bytes).is_err() {
        return Exit::Problem;
    }
    output.say(&String::from_utf8_lossy(&bytes));
    Exit::Success
}
