//! `cargo xtask attack`: what a server in the open meets, to be watched in class.

use anyhow::Result;
use clap::Args;
use compiler::built::Built;
use machine::compile::Target;
use machine::exit::Exit;
use machine::interrupt::Stopped;
use steps::step::{Step, Whose, since};

use crate::attack::fuzz::{self, Plan};
use crate::attack::kinds::ATTACKS;
use crate::attack::stage::{Source, Stage};
use crate::attack::{Attack, report};
use crate::load::server::Place;

/// The first step whose server has all limits.
const GUARDS: u32 = 13;

/// Attack your server, and see what the other users notice
///
/// Floods, half requests, clients that never read, pages of other sites: one after the other, while a few honest users go on
/// moving. This is a demonstration, not a check: it says what the server did, and steps 11 to 13 teach what to do against it.
/// It attacks only servers on this machine.
#[derive(Args)]
pub struct Arguments {
    /// The step: 13, 13-pace or pace, any from step 4 on; without it, step 13
    #[arg(value_parser = attackable)]
    step: Option<Step>,
    /// Attack the finished program instead of yours
    #[arg(long)]
    solution: bool,
    /// A server that already runs on this machine: http://127.0.0.1:8080
    ///
    /// The attacks assume the limits that step 13 begins with, so some take a long time. For shorter ones, start the server
    /// with PATIENCE=2 PING_EVERY=1, and this command with the same.
    #[arg(long, value_parser = Place::parse, conflicts_with_all = ["step", "solution", "release"])]
    url: Option<Place>,
    /// Build it with optimisation, as for real users; the first time, that takes a minute or two
    #[arg(long)]
    release: bool,
    /// Run only this attack; you can give the option more than once
    #[arg(long, value_name = "NAME", value_parser = Attack::parse)]
    only: Vec<&'static Attack>,
    /// Instead of the attacks, make hundreds of random hostile connections for this many seconds: does the server recover?
    ///
    /// For servers of step 13 and later. The exit code is 1 if moves of honest users came too late or not at all, if a file
    /// stayed open, or if Ctrl-C took more than two seconds.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(2..=3600), conflicts_with_all = ["url", "only", "list"])]
    fuzz: Option<u32>,
    /// Repeat an earlier fuzz; a failure prints its seed
    #[arg(long, value_name = "NUMBER", requires = "fuzz")]
    seed: Option<u64>,
    /// List the attacks
    #[arg(long)]
    list: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

impl Arguments {
    fn whose(&self) -> Whose {
        match self.solution {
            true => Whose::Solution,
            false => Whose::Learner,
        }
    }

    fn step(&self) -> Step {
        let guard = || Step::parse("pace").expect("there is a step 13");
        self.step.unwrap_or_else(guard)
    }

    fn title(&self) -> String {
        match (&self.url, self.whose()) {
            (Some(place), _) => format!("http://{}", place.address),
            (None, Whose::Solution) => format!("{} (the solution)", self.step().name()),
            (None, Whose::Learner) => self.step().name(),
        }
    }

    /// The chosen attacks, in the order of the show.
    fn attacks(&self) -> Vec<&'static Attack> {
        // What comes with a step after the guards is no part of the show before that step.
        let is_met = |attack: &&Attack| attack.from <= self.step().number.max(GUARDS);
        let is_chosen = |attack: &&Attack| match self.only.as_slice() {
            [] => is_met(attack),
            only => only.iter().any(|only| only.name == attack.name),
        };
        ATTACKS.iter().filter(is_chosen).collect()
    }
}

/// The step that `text` names, if its server has WebSockets.
fn attackable(text: &str) -> Result<Step, String> {
    let step = Step::parse(text)?;
    let first = since(steps::step::Ability::Upgrade);
    match step.number < first {
        true => Err(format!(
            "the server of {} has no WebSocket\nStep {first} is the first that can be attacked: cargo xtask attack {first}",
            step.name()
        )),
        false => Ok(step),
    }
}

/// Attacks, and reports.
///
/// # Errors
/// When there is no server to attack.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    if arguments.list {
        report::list();
        return Ok(Exit::Passed);
    }
    let mut stopped = Stopped::listen();
    machine::limits::raise_files();
    if let Some(seconds) = arguments.fuzz {
        return fuzz(&arguments, seconds, &mut stopped).await;
    }
    let setting = async {
        match source(&arguments).await? {
            Some(source) => Stage::set(source).await.map(Some),
            None => Ok(None),
        }
    };
    let stage = tokio::select! {
        stage = setting => stage?,
        () = stopped.wait() => return Ok(Exit::Interrupted),
    };
    match stage {
        Some(stage) => show_on(stage, &arguments, &mut stopped).await,
        None => Ok(Exit::Failed),
    }
}

/// Where the server comes from; `None` where the compiler refuses it, and has said why.
async fn source(arguments: &Arguments) -> Result<Option<Source>> {
    if let Some(place) = &arguments.url {
        return Ok(Some(Source::Running(place.clone())));
    }
    let (step, whose) = (arguments.step(), arguments.whose());
    machine::serve::files_are_there(step, whose)?;
    let target = Target::workshop(step.binary(whose));
    let target = match arguments.release {
        true => target.optimised(),
        false => target,
    };
    Ok(
        match compiler::built::build(&target, show::colour()).await? {
            Built::Program(program) => Some(Source::Program(program, step.number)),
            Built::Refused(refusal) => {
                compiler::told::refused(&target.binary, &refusal);
                None
            }
        },
    )
}

/// Fuzzes, and reports.
async fn fuzz(arguments: &Arguments, seconds: u32, stopped: &mut Stopped) -> Result<Exit> {
    let step = arguments.step();
    if step.number < GUARDS {
        let name = step.name();
        show::note(&format!(
            "error: {name} does not have all limits yet, and the fuzz is about them. Step {GUARDS} has them: cargo xtask attack {GUARDS} --fuzz {seconds}"
        ));
        return Ok(Exit::Usage);
    }
    let built = tokio::select! {
        built = source(arguments) => built?,
        () = stopped.wait() => return Ok(Exit::Interrupted),
    };
    let Some(Source::Program(program, _)) = built else {
        return Ok(Exit::Failed);
    };
    let plan = Plan {
        program,
        seconds,
        seed: arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
    };
    let title = arguments.title();
    anstream::eprintln!("{seconds} s of fuzz against {title}, seed {}", plan.seed);
    let Some(seen) = fuzz::run(&plan, stopped).await? else {
        return Ok(Exit::Interrupted);
    };
    let is_held = match arguments.json {
        true => {
            let (value, is_held) = fuzz::report::json(&title, &plan, &seen);
            show::json(&value);
            is_held
        }
        false => fuzz::report::print(&title, &plan, &seen),
    };
    Ok(match is_held {
        true => Exit::Passed,
        false => Exit::Failed,
    })
}

/// One attack after the other, then all that was seen.
async fn show_on(mut stage: Stage, arguments: &Arguments, stopped: &mut Stopped) -> Result<Exit> {
    let attacks = arguments.attacks();
    let mut acts = Vec::new();
    let mut broken = None;
    for (at, attack) in attacks.iter().enumerate() {
        let (name, does) = (attack.name, attack.does);
        anstream::eprintln!("{:>2} of {}  {name:<9} {does}", at + 1, attacks.len());
        match stage.play(attack, stopped).await {
            Ok(Some(act)) => {
                anstream::eprintln!("{:<20}{}", "", report::verdict(&act).1);
                acts.push(act);
            }
            Ok(None) => break,
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    let is_whole = acts.len() == attacks.len() || broken.is_some();
    let title = arguments.title();
    let is_ours = arguments.url.is_none();
    let target = stage.target.clone();
    stage.end().await;
    match arguments.json {
        true => show::json(&report::json(&title, &target, &acts, is_whole)),
        false => report::print(&title, &target, is_ours, &acts, is_whole),
    }
    match broken {
        Some(error) => Err(error.context("after that, the show cannot go on")),
        None if is_whole => Ok(Exit::Passed),
        None => Ok(Exit::Interrupted),
    }
}
