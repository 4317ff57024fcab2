//! What `cargo test` in the root says to somebody who looks there for the tests of their program.

fn main() {}

#[cfg(test)]
mod your_program_is_not_tested_here {
    /// The tests of a learner's program are the tool's: it starts the program and asks it, from outside.
    #[test]
    fn use_cargo_xtask_check() {}
}
