//! The list of checks is in order, and every cause that a check can name is brought about by a wrong program.

use std::process::Command;

use checks::Diagnosis;
use checks::list::CHECKS;
use libtest_mimic::{Failed, Trial};
use steps::step::STEPS;

use crate::corpus::{self, Announced, Program};
use crate::scratch::XTASK;

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test(
            "a-check-needs-checks-and-never-itself",
            needs_lead_somewhere,
        ),
        Trial::test("every-diagnosis-has-a-wrong-program", every_diagnosis),
        Trial::test("wrong-programs-name-checks-and-causes", names_are_known),
        Trial::test("every-step-has-programs-of-both-kinds", both_kinds),
        Trial::test(
            "a-command-is-listed-as-its-tool-has-it",
            commands_are_listed,
        ),
    ]
}

/// The front lists commands that it does not know, in the words of the tools that do.
fn commands_are_listed() -> Result<(), Failed> {
    let help = |arguments: &[&str]| -> Result<String, Failed> {
        let output = Command::new(XTASK).args(arguments).arg("--help").output()?;
        Ok(String::from_utf8(output.stdout)?)
    };
    let all = help(&[])?;
    let list = all
        .split("Commands:\n")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next());
    let list = list.ok_or("there is no list of commands")?;
    // A line that begins further in goes on with the one before.
    let lines = list.replace("\n            ", " ");
    let mut known = 0;
    for line in lines.lines().map(str::trim) {
        let (name, about) = line.split_once(' ').ok_or(line)?;
        if name == "help" {
            continue;
        }
        let own = help(&[name])?;
        let first = own.split("\n\n").next().unwrap_or_default();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if words(first) != words(about) {
            return Err(format!("{name}: the list says {about:?}, and its help {first:?}").into());
        }
        known += 1;
    }
    match known {
        18.. => Ok(()),
        _ => Err(format!("{known} commands are listed").into()),
    }
}

/// What a check needs is a check, and none rests on itself, over however many others: it would wait for ever.
fn needs_lead_somewhere() -> Result<(), Failed> {
    for check in CHECKS {
        let mut reached: Vec<&str> = check.needs.to_vec();
        let mut next = 0;
        while let Some(need) = reached.get(next).copied() {
            let Some(needed) = CHECKS.iter().find(|check| check.id == need) else {
                return Err(format!("{} needs {need}, which is no check", check.id).into());
            };
            if need == check.id {
                return Err(format!("{} rests on itself", check.id).into());
            }
            let further = needed.needs.iter().filter(|it| !reached.contains(it));
            let further: Vec<&str> = further.copied().collect();
            reached.extend(further);
            next += 1;
        }
    }
    Ok(())
}

fn every_diagnosis() -> Result<(), Failed> {
    let wrong: Vec<Announced> = corpus::all().into_iter().filter_map(|p| p.fails).collect();
    for id in Diagnosis::all().map(|it| it.id()) {
        if !wrong.iter().any(|fails| fails.diagnosis == id) {
            return Err(format!("{id}: no wrong program is told this").into());
        }
    }
    Ok(())
}

/// A wrong program without an announcement would pass for a right one.
fn names_are_known() -> Result<(), Failed> {
    for program in corpus::all() {
        let Some(fails) = &program.fails else {
            match program.name.starts_with("wrong-") {
                true => return Err(format!("{} announces no failure", program.name).into()),
                false => continue,
            }
        };
        let checks = checks::of_step(program.step);
        if !checks.iter().any(|check| check.id == fails.check) {
            return Err(format!("{}: there is no check {}", program.name, fails.check).into());
        }
        if Diagnosis::by_id(&fails.diagnosis).is_none() {
            return Err(format!("{}: no cause is {}", program.name, fails.diagnosis).into());
        }
    }
    Ok(())
}

/// A folder that is gone or misnamed would not be missed otherwise.
fn both_kinds() -> Result<(), Failed> {
    let programs = corpus::all();
    for step in STEPS {
        let count = |kind: &str| {
            let is_one = |it: &&Program| it.step == *step && it.name.starts_with(kind);
            programs.iter().filter(is_one).count()
        };
        let (wrong, right) = (count("wrong-"), count("right-"));
        if wrong < 6 || right < 2 {
            return Err(format!("{}: {wrong} wrong, {right} right", step.name()).into());
        }
    }
    Ok(())
}
