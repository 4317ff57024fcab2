//! The workshop's own tests.

mod bad_luck;

mod scratch;

mod transcripts;

fn main() {
    let arguments = libtest_mimic::Arguments::from_args();
    let trials = [transcripts::trials(), bad_luck::trials()];
    let trials = trials.into_iter().flatten().collect();
    libtest_mimic::run(&arguments, trials).exit();
}
