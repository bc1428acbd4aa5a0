//! The `sitewright` command.

fn main() -> std::process::ExitCode {
    sitewright::cli::run(std::env::args_os()).into()
}
