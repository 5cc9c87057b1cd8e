//! Commands, one file each.

mod demo;
mod run;
mod schema;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

/// An anonymous student help-line.
#[derive(Debug, Parser)]
#[command(name = "shudong", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a demo city, on an embedded database
    Demo(demo::Demo),
    /// Run the service
    Serve(serve::Serve),
    /// Print the description of the desk's API (OpenAPI, JSON)
    Schema,
}

/// Parses the arguments and runs one command: 0 done, 1 failed, 2 called wrongly.
///
/// Here and not in the program, which would have to compile what is awaited here a second time.
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    crate::files::keep_to_ourselves();
    let runtime = Runtime::new();
    let done = match &runtime {
        Ok(runtime) => runtime.block_on(run(command)),
        Err(error) => Err(error.to_string().into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shudong: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Outcome {
    match command {
        Command::Demo(demo) => demo.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::Schema => schema::run(),
    }
}

/// A command's failure, in words for the operator.
type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;
