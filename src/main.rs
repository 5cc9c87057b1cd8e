//! Parses the arguments and runs one command.

use std::process::ExitCode;

use clap::Parser;
use shudong::cli::{self, Cli};

#[tokio::main]
async fn main() -> ExitCode {
    cli::run(Cli::parse()).await
}
