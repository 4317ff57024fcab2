//! Why a program does not compile, for whoever wanted to run it.

use anyhow::{Result, bail};
use compiler::built::{Built, build};
use compiler::told::refused;
use machine::compile::Target;
use machine::exit::Exit;

/// Says why the compiler refuses a program.
///
/// # Errors
/// When cargo itself fails.
pub async fn run(binary: &str) -> Result<Exit> {
    match build(&Target::workshop(binary), show::colour()).await? {
        Built::Refused(refusal) => refused(binary, &refusal),
        Built::Program(_) => bail!("{binary} compiles now: somebody saved it meanwhile"),
    }
    Ok(Exit::Passed)
}
