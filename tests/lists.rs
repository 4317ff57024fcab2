//! The list of checks is in order, and every cause that a check can name is brought about by a wrong program.

use libtest_mimic::{Failed, Trial};
use xtask::checks::{self, Diagnosis};
use xtask::step::STEPS;

use crate::corpus::{self, Announced};

/// The causes that no wrong program brings about, and why.
const WITHOUT_A_PROGRAM: &[(&str, &str)] =
    &[("unknown", "it is what a check says that knows no cause")];

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("a-check-comes-after-those-it-needs", needs_come_before),
        Trial::test("every-diagnosis-has-a-wrong-program", every_diagnosis),
        Trial::test("wrong-programs-name-checks-and-causes", names_are_known),
    ]
}

fn needs_come_before() -> Result<(), Failed> {
    for step in STEPS {
        let checks = checks::of_step(*step);
        for (index, check) in checks.iter().enumerate() {
            let before = |need: &str| checks[..index].iter().any(|check| check.id == need);
            if let Some(need) = check.needs.iter().find(|need| !before(need)) {
                return Err(
                    format!("{} needs {need}, which does not come before", check.id).into(),
                );
            }
        }
    }
    Ok(())
}

fn every_diagnosis() -> Result<(), Failed> {
    let wrong: Vec<Announced> = corpus::all().into_iter().filter_map(|p| p.fails).collect();
    for id in Diagnosis::ALL.iter().map(|diagnosis| diagnosis.id()) {
        let has_program = wrong.iter().any(|fails| fails.diagnosis == id);
        let has_reason = WITHOUT_A_PROGRAM.iter().any(|(without, _)| *without == id);
        if has_program == has_reason {
            return Err(format!("{id}: a wrong program, or a reason why there is none?").into());
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
        if !Diagnosis::ALL.iter().any(|d| d.id() == fails.diagnosis) {
            return Err(format!("{}: no cause is {}", program.name, fails.diagnosis).into());
        }
    }
    Ok(())
}
