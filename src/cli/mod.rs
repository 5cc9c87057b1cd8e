//! Commands, one file each.

mod demo;
mod run;
mod schema;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An anonymous student help-line.
#[derive(Debug, Parser)]
#[command(name = "shudong", version, about)]
pub struct Cli {
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

/// Runs one command. 0 done, 1 failed; wrong calls end with 2 before this.
pub async fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Demo(demo) => demo.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::Schema => schema::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shudong: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A command's failure, in words for the operator.
type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;
