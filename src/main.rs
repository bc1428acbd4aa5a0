//! The `sitewright` command.

// Manifests and objects are trees of small texts: taking and giving back memory is a third of a plan's time with libc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    sitewright::cli::run(std::env::args_os()).into()
}
