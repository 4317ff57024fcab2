//! The machine, and not the learner: what differs from one to the next, and what is missing on some.

use anyhow::{Result, ensure};
use libtest_mimic::{Failed, Trial};

use crate::doctor::without;
use crate::scratch::Scratch;

/// A trial for each thing that a machine may have or lack.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        Trial::test(format!("machine-{name}"), move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    let mut trials = vec![];
    if cfg!(unix) {
        trials.push(trial("without-a-linker", without_a_linker));
    }
    trials
}

/// A program that cannot be linked is neither right nor wrong.
fn without_a_linker() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    for arguments in [["check", "1", "--server"], ["run", "1", "--port=0"]] {
        let mut command = scratch.xtask(arguments);
        without("cc", &mut command)?;
        let output = command.output()?;
        let said = [output.stdout, output.stderr].concat();
        let said = words(&said);
        ensure!(output.status.code() == Some(3), "{}: {said}", output.status);
        ensure!(
            said.contains("needs a linker to build a program, and `cc` was not found"),
            "{said}"
        );
    }
    Ok(())
}

/// What a command printed, line ends and columns apart.
fn words(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}
