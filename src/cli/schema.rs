//! `shudong schema`: the desk's API in OpenAPI's form.

use super::Outcome;

/// Prints the description on standard output.
pub(super) fn run() -> Outcome {
    println!("{}", crate::server::api::openapi_json()?);
    Ok(())
}
