//! The learner's program, beside a screen, for as long as a key wants it: built, started, and started again after a save.

use anyhow::Result;
use compiler::Refusal;
use compiler::built::Built;
use futures::FutureExt;
use machine::process::{Exit, OutputMode, Program};
use machine::serve::Served;
use steps::step::Step;

use super::slot::{Slot, done};

/// So many lines of what the program said are shown again when the screen is drawn.
const LINES: usize = 3;

/// The program that runs, or why it does not. Dropping it ends the program.
pub struct Server {
    served: Served,
    output: OutputMode,
    is_wanted: bool,
    building: Slot<Result<Built>>,
    program: Option<Program>,
    /// Why the program that is wanted does not run.
    trouble: Option<String>,
    /// The first error of what was built last, where the compiler refused it.
    refusal: Option<Box<Refusal>>,
}

impl Server {
    /// The learner's program of a step, at this port; not running yet. Its output is shown as it comes, or kept.
    pub fn new(step: Step, port: u16, output: OutputMode) -> Server {
        Server {
            served: Served::of(step, port),
            output,
            is_wanted: false,
            building: None,
            program: None,
            trouble: None,
            refusal: None,
        }
    }

    /// Whether it runs, or is about to.
    pub fn is_on(&self) -> bool {
        self.program.is_some() || self.building.is_some()
    }

    /// Whether it is being built.
    pub fn is_building(&self) -> bool {
        self.building.is_some()
    }

    /// Whether a newer one is being built beside the one that runs.
    pub fn is_renewed(&self) -> bool {
        self.program.is_some() && self.building.is_some()
    }

    /// Starts it, or ends it.
    ///
    /// # Errors
    /// As [`Server::run`].
    pub fn toggle(&mut self) -> Result<(), String> {
        match self.is_on() {
            true => {
                self.end();
                Ok(())
            }
            false => self.run(),
        }
    }

    /// Starts it, or starts it again.
    ///
    /// # Errors
    /// A sentence that says who has the port.
    pub fn run(&mut self) -> Result<(), String> {
        self.trouble = None;
        if self.program.is_none() {
            self.served
                .is_free()
                .map_err(|error| format!("{error:#}"))?;
        }
        self.is_wanted = true;
        self.build();
        Ok(())
    }

    /// Ends it.
    pub fn end(&mut self) {
        self.is_wanted = false;
        self.trouble = None;
        self.refusal = None;
        self.building = None;
        self.program = None;
    }

    /// Starts what was saved, if the program is wanted. Until it is built the old one goes on.
    pub fn restart(&mut self) {
        if self.is_wanted {
            self.build();
        }
    }

    /// Ends the program that runs, and says whether there was one. It is still wanted.
    pub fn pause(&mut self) -> bool {
        self.building = None;
        self.program.take().is_some()
    }

    fn build(&mut self) {
        let target = self.served.target();
        let build = async move { compiler::built::build(&target, false).await };
        self.building = Some(build.boxed_local());
    }

    /// Waits until something changes: it is built and started, or it has ended. It may be cancelled, and called again.
    pub async fn changes(&mut self) {
        tokio::select! {
            built = done(&mut self.building) => self.start(built),
            exit = ended(&mut self.program) => self.has_ended(&exit),
        }
    }

    fn start(&mut self, built: Result<Built>) {
        self.refusal = None;
        let program = match built {
            Ok(Built::Program(program)) => program,
            Ok(Built::Refused(refusal)) => {
                self.refusal = Some(refusal);
                if self.program.is_none() {
                    let trouble = "Your program does not compile: there is nothing to run.";
                    self.trouble = Some(trouble.into());
                }
                return;
            }
            Err(error) => {
                self.trouble = Some(format!("{error:#}"));
                return;
            }
        };
        // The port is free for the new one only when the old one is gone.
        self.program = None;
        match self.served.start(program, self.output) {
            Ok(program) => {
                self.program = Some(program);
                self.trouble = None;
            }
            Err(error) => self.trouble = Some(format!("{error:#}")),
        }
    }

    fn has_ended(&mut self, exit: &Exit) {
        let said = self.last_lines();
        self.program = None;
        self.trouble = Some(format!(
            "Your program ended, with {exit}. r starts it again, and so does a save that compiles.{said}"
        ));
    }

    /// The last lines that the program printed, each after a line end and a few blanks.
    pub fn last_lines(&self) -> String {
        let Some(program) = &self.program else {
            return String::new();
        };
        let output = program.output();
        let said = format!("{}\n{}", output.stdout, output.stderr);
        // The advice to ask for a backtrace is no help to a beginner: it is forty lines of tokio around one.
        let is_worth_it =
            |line: &&str| !line.is_empty() && !line.starts_with("note: run with `RUST");
        let lines: Vec<&str> = said.lines().filter(is_worth_it).collect();
        let last = &lines[lines.len().saturating_sub(LINES)..];
        last.iter().map(|line| format!("\n    {line}")).collect()
    }

    /// Why the compiler refused what was built last: the place, the cause, and the one thing to do.
    pub fn refusal(&self) -> Option<String> {
        let refusal = self.refusal.as_ref()?;
        let place = refusal.place.iter().map(|place| format!("    {place}\n"));
        let why = show::wrapped("    Why?  ", &refusal.cause);
        let next = show::wrapped("    Next: ", &refusal.next);
        Some(format!("{}{why}\n{next}", place.collect::<String>()))
    }

    /// What is to be said of it, in a sentence and perhaps lines of its own; nothing while nobody wants it.
    pub fn status(&self) -> Option<String> {
        let address = self.served.address();
        match &self.trouble {
            Some(trouble) => Some(trouble.clone()),
            None if self.program.is_some() => Some(format!("Your program runs: http://{address}/")),
            None if self.building.is_some() => Some("Your program is being built, to run …".into()),
            None => None,
        }
    }
}

async fn ended(program: &mut Option<Program>) -> Exit {
    match program {
        Some(program) => program.exited().await,
        None => std::future::pending().await,
    }
}
