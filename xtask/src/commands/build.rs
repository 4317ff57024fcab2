//! Building a step for whoever runs it, and the tool that explains why it does not compile.

use std::path::PathBuf;

use anyhow::{Result, bail};
use machine::compile;
use machine::process::{Launch, OutputMode, Program};
use machine::serve::{Served, files_are_there};
use show::root;

use crate::tools::Tool;

/// Builds the step; `None` when the compiler refuses it, and it was said why.
///
/// # Errors
/// When a file is not there, or cargo itself fails.
pub async fn build(served: &Served) -> Result<Option<PathBuf>> {
    files_are_there(served.step, served.whose)?;
    let build = compile::build(&served.target(), show::colour()).await?;
    if build.program.is_none() {
        // Why, the tool knows that explains mistakes.
        told_by(&["refused", &served.target().binary]).await?;
    }
    Ok(build.program)
}

/// Lets the tool of the learner's commands do something that only it knows, until it is done.
async fn told_by(arguments: &[&str]) -> Result<()> {
    let exit = tool(arguments).await?.exited().await;
    match exit.code {
        Some(0) => Ok(()),
        _ => bail!("a part of the workshop's own tool ended, with {exit}"),
    }
}

/// Starts the tool of the learner's commands, with these arguments.
///
/// # Errors
/// When it does not build, or does not start.
pub async fn tool(arguments: &[&str]) -> Result<Program> {
    Program::start(&Launch {
        args: arguments.iter().map(Into::into).collect(),
        output: OutputMode::Shown,
        ..Launch::new(Tool::Learn.built().await?, root())
    })
}
