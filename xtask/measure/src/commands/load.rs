//! `cargo xtask load`: how many users a server holds, measured on this machine.

use std::ffi::OsString;
use std::time::Duration;

use anyhow::{Context, Result};
use browser::open;
use clap::Args;
use compiler::built::Built;
use machine::compile::Target;
use machine::exit::Exit;
use machine::interrupt::Stopped;
use serde_json::Value;
use show::root;
use steps::step::{STEPS, Step, Whose};
use tokio::time::timeout;

use crate::load::job::{Asked, LONGEST};
use crate::load::plan::Plan;
use crate::load::pool::Pool;
use crate::load::progress::Progress;
use crate::load::ramp::{self, Ramp};
use crate::load::report::{self, Subject};
use crate::load::run::{self, DRAINING, Ending, Measured, Setting};
use crate::load::server::{Place, Server};
use crate::load::wire::Wire;
use crate::load::{generator, limits, page};

/// The first step whose server relays moves.
const FIRST: u32 = 10;

/// The connections and the messages a second of one client that a server of step 13 allows by itself.
const DEFAULT_CONNECTIONS: u32 = 10_000;
const DEFAULT_RATE: u32 = 120;
/// More users than a ramp comes to.
const MOST_USERS: u32 = 1_000_000;

/// How long a server whose connections have ended may take to end itself.
const A_MOMENT: Duration = Duration::from_millis(500);

/// Measure how many users your server holds, on this machine
///
/// Opens real connections, lets some of them move, and reports what reached the others, how late, and what it cost. It
/// measures only servers on this machine.
#[derive(Args)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy; without it, step 10
    #[arg(value_parser = loadable)]
    step: Option<Step>,
    /// Measure the finished program instead of yours
    #[arg(long)]
    solution: bool,
    /// A server that already runs on this machine: http://127.0.0.1:8080
    #[arg(long, value_parser = Place::parse, conflicts_with_all = ["step", "solution", "release"])]
    url: Option<Place>,
    /// Build it with optimisation, as for real users; the first time, that takes a minute or two
    ///
    /// Without it, the program is built as `run` and `check` build it, so there is nothing to wait for. The system does most of
    /// a relay's work, so the solution holds about as many users either way, but without optimisation it takes up to twice the
    /// CPU.
    #[arg(long)]
    release: bool,
    /// A class: 40 users who all move
    #[arg(long)]
    class: bool,
    /// A crowd: 15,000 users who watch one move, 5 times a second
    #[arg(long, conflicts_with = "class")]
    crowd: bool,
    /// Begin with 50 users and double them again and again, until one of a hundred deliveries takes more than 50 ms, a delivery
    /// is lost, or a user is refused
    #[arg(long, conflicts_with_all = ["class", "crowd"])]
    ramp: bool,
    /// How many connections, two at least [default: 100]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    users: Option<u32>,
    /// How many of them move [default: 10]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    movers: Option<u32>,
    /// How many moves each of them makes in a second [default: 60]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rate: Option<u32>,
    /// For how many seconds they move [default: 5]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST)))]
    seconds: Option<u32>,
    /// Estimate from this measurement how many servers this many users need
    #[arg(long, value_name = "USERS", value_parser = clap::value_parser!(u64).range(1..=10_000_000_000))]
    plan: Option<u64>,
    /// Start this many servers, of step 17 or later, with NATS between them; the users connect to each in turn
    ///
    /// They connect without a balancer: that would take two files for each user, and a process has a limit of files.
    #[arg(long, value_name = "NUMBER", conflicts_with = "url", value_parser = clap::value_parser!(u32).range(2..=200))]
    endpoints: Option<u32>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
    /// Also write the report as a page, and open it
    #[arg(long)]
    open: bool,
}

impl Arguments {
    fn endpoints(&self) -> usize {
        self.endpoints.unwrap_or(1) as usize
    }

    /// The load: what was typed, and for the rest, what goes by its name.
    fn asked(&self) -> Asked {
        let named = match (self.class, self.crowd, self.ramp) {
            (true, ..) => [40, 40, 60, 5],
            (_, true, _) => [15_000, 1, 5, 5],
            (.., true) => [50, 10, 60, 3],
            _ => [100, 10, 60, 5],
        };
        let [users, movers, rate, seconds] = named;
        let users = self.users.unwrap_or(users);
        Asked {
            users,
            movers: self.movers.unwrap_or(movers.min(users)),
            rate: self.rate.unwrap_or(rate),
            seconds: self.seconds.unwrap_or(seconds),
            in_flight: None,
        }
    }

    /// What the server is to allow, from step 11 on: all these users, and as many moves as they are asked for.
    fn settings(&self) -> Vec<(OsString, OsString)> {
        let asked = self.asked();
        let users = match self.ramp {
            true => MOST_USERS,
            // And a few who look first how it takes a move.
            false => asked.users.max(DEFAULT_CONNECTIONS) + 64,
        };
        let mut settings = vec![("MAX_CONNECTIONS".into(), users.to_string().into())];
        if asked.rate > DEFAULT_RATE && self.step().number > FIRST {
            show::note(&format!(
                "This server slows down a user who moves more than {DEFAULT_RATE} times a second, so it is started with EVENTS_PER_SECOND={}.",
                asked.rate * 2
            ));
            let rate = (asked.rate * 2).to_string();
            settings.push(("EVENTS_PER_SECOND".into(), rate.into()));
        }
        settings
    }

    fn whose(&self) -> Whose {
        match self.solution {
            true => Whose::Solution,
            false => Whose::Learner,
        }
    }

    /// What is measured, in words.
    fn subject(&self) -> Subject {
        let title = self.step().name();
        let (title, name) = match (&self.url, self.whose()) {
            (Some(place), _) => (format!("{}{}", place.address, place.path), "The server"),
            (None, Whose::Solution) => (format!("{title} (the solution)"), "The solution's server"),
            (None, Whose::Learner) => (title, "Your server"),
        };
        Subject {
            title,
            name: name.into(),
            is_optimised: self.url.is_none().then_some(self.release),
        }
    }

    fn step(&self) -> Step {
        let first = || STEPS.iter().find(|step| step.number == FIRST).copied();
        self.step.or_else(first).expect("there is a step 10")
    }
}

/// The step that `text` names, if its server relays moves.
fn loadable(text: &str) -> Result<Step, String> {
    let step = Step::parse(text)?;
    match step.number < FIRST {
        true => Err(format!(
            "the server of {} relays no moves\n\
             The load is moves of a mouse, the event `spy`, and step {FIRST} is the first that knows it: cargo xtask load {FIRST}",
            step.name()
        )),
        false => Ok(step),
    }
}

/// Makes the load, as one of the processes that do: see [`generator`].
///
/// # Errors
/// When whoever started it has gone.
pub fn generate() -> Result<Exit> {
    // Ctrl-C at a terminal reaches us, too; but it is for the one who started us to say when we stop.
    #[cfg(unix)]
    let _deaf = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    machine::limits::raise_files();
    generator::run()?;
    Ok(Exit::Passed)
}

/// Measures and reports.
///
/// # Errors
/// When the load cannot be made.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    let mut stopped = Stopped::listen();
    let asked = arguments.asked();
    if arguments.endpoints.is_some() && !arguments.step().is_farm() {
        show::note(&format!(
            "error: the servers of {} know nothing of each other: --endpoints is for step 17 and later",
            arguments.step().name()
        ));
        return Ok(Exit::Usage);
    }
    if let Some(absurd) = limits::is_absurd(&asked) {
        show::note(&format!("error: {absurd}"));
        return Ok(Exit::Usage);
    }
    let files = machine::limits::raise_files();
    if let Some(limit) = limits::is_too_much(
        &asked,
        files,
        arguments.url.is_none(),
        arguments.endpoints(),
    ) {
        show::note(&limit);
        return Ok(Exit::Missing);
    }
    let mut pool = tokio::select! {
        pool = pool(&arguments) => match pool? {
            Some(pool) => pool,
            None => return Ok(Exit::Failed),
        },
        () = stopped.wait() => return Ok(Exit::Interrupted),
    };
    let exit = under_load(&arguments, asked, files, &mut pool, &mut stopped).await;
    pool.end().await;
    exit
}

/// The servers that are asked for; `None` where the compiler refuses them, and has said why.
async fn pool(arguments: &Arguments) -> Result<Option<Pool>> {
    if let Some(place) = &arguments.url {
        let server = Server::running(place.clone()).await?;
        return Ok(Some(Pool::of(server)));
    }
    let target = Target::workshop(arguments.step().binary(arguments.whose()));
    let target = match arguments.release {
        true => target.optimised(),
        false => target,
    };
    machine::serve::files_are_there(arguments.step(), arguments.whose())?;
    if arguments.release {
        show::note("Building with optimisation; the first time, that takes a minute or two.");
    }
    match compiler::built::build(&target, show::colour()).await? {
        Built::Program(program) => {
            let settings = arguments.settings();
            let pool = match arguments.endpoints {
                None => Pool::of(Server::start_with(program, settings).await?),
                Some(endpoints) => Pool::start(program, endpoints, settings).await?,
            };
            Ok(Some(pool))
        }
        Built::Refused(refusal) => {
            compiler::told::refused(&target.binary, &refusal);
            Ok(None)
        }
    }
}

async fn under_load(
    arguments: &Arguments,
    asked: Asked,
    files: Option<u64>,
    pool: &mut Pool,
    stopped: &mut Stopped,
) -> Result<Exit> {
    let at_rest = pool.usage().memory;
    let up = tokio::select! {
        up = pool.first().how_it_takes_a_move() => up,
        () = stopped.wait() => return Ok(Exit::Interrupted),
    };
    let up = match up {
        Ok(up) => up,
        Err(came) => {
            if let Ok(how) = timeout(A_MOMENT, pool.ended()).await {
                show::note(&format!(
                    "As soon as a user moved, the server ended with {how}"
                ));
                return Ok(Exit::Failed);
            }
            show::note(&format!(
                "This server relays no moves, so there is nothing to measure: {came}. What is wrong: cargo xtask check 10"
            ));
            return Ok(Exit::Failed);
        }
    };
    let mut progress = Progress::new();
    let mut setting = Setting {
        pool,
        up,
        wire: Wire::Events,
        at_rest,
        files,
        draining: DRAINING,
        stopped,
        progress: &mut progress,
    };
    match arguments.ramp {
        true => climb(arguments, asked, &mut setting).await,
        false => once(arguments, asked, &mut setting).await,
    }
}

async fn once(arguments: &Arguments, asked: Asked, setting: &mut Setting<'_>) -> Result<Exit> {
    let measured = run::measure(asked, setting).await?;
    let subject = arguments.subject();
    if arguments.json {
        print_json(
            arguments,
            report::json(&subject, &measured),
            Some(&measured),
        );
    } else {
        report::print(&subject, &measured);
        print_plan(arguments, Some(&measured));
    }
    show_page(arguments, &subject, Some(&measured))?;
    Ok(exit(&measured))
}

async fn climb(arguments: &Arguments, asked: Asked, setting: &mut Setting<'_>) -> Result<Exit> {
    let subject = arguments.subject();
    if !arguments.json {
        ramp::print_head(&subject, &asked);
    }
    let show = |run: &Measured| {
        if !arguments.json {
            ramp::print_line(run);
        }
    };
    let ramp = Ramp::climb(asked, setting, show).await?;
    if arguments.json {
        print_json(arguments, ramp.json(&subject), ramp.best());
    } else {
        ramp::print_meaning(&subject, &ramp);
        print_plan(arguments, ramp.best());
    }
    show_page(arguments, &subject, ramp.best())?;
    Ok(match ramp.held() {
        _ if ramp.is_interrupted() => Exit::Interrupted,
        Some(_) => Exit::Passed,
        None => Exit::Failed,
    })
}

fn print_json(arguments: &Arguments, mut json: Value, measured: Option<&Measured>) {
    if let Some(plan) = plan(arguments, measured) {
        json["plan"] = plan.json();
    }
    show::json(&json);
}

fn print_plan(arguments: &Arguments, measured: Option<&Measured>) {
    if arguments.plan.is_none() {
        return;
    }
    anstream::println!();
    match plan(arguments, measured) {
        Some(plan) => {
            show::text(&format!(
                "For {} users, from this measurement:\n\n",
                report::grouped(plan.users)
            ));
            report::print_rows(&plan.rows());
            show::text(&format!("\n{}", plan.words()));
            if arguments.url.is_none() && !arguments.release {
                show::text(
                    "Built without --release: with it, a server takes less CPU for the same.",
                );
            }
        }
        None => {
            show::text("There is no plan, because it is not known how much CPU the server took.")
        }
    }
}

fn plan(arguments: &Arguments, measured: Option<&Measured>) -> Option<Plan> {
    // Of a server that somebody else has started, nothing is known but what was measured.
    let step = match arguments.url {
        Some(_) => FIRST,
        None => arguments.step().number,
    };
    Plan::of(
        arguments.plan?,
        step,
        machine::limits::raise_files(),
        measured?,
    )
}

/// Writes the page beside the notes of the workshop, in place of the last one, and opens it.
fn show_page(arguments: &Arguments, subject: &Subject, measured: Option<&Measured>) -> Result<()> {
    let Some(measured) = measured.filter(|_| arguments.open) else {
        return Ok(());
    };
    let name = match arguments.url {
        Some(_) => "load.html".into(),
        None => format!("load-{}.html", arguments.step().name()),
    };
    let path = root().join(".workshop").join(name);
    let shown = show::path(&path);
    let folder = path.parent().expect("the file is in a folder");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, page::html(subject, measured)))
        .with_context(|| format!("{shown} could not be written"))?;
    match open::file(&path) {
        Ok(()) => show::note(&format!("{shown} is open in your browser")),
        Err(error) => show::note(&format!(
            "The page is {shown}; open it yourself, for {error:#}"
        )),
    }
    Ok(())
}

fn exit(measured: &Measured) -> Exit {
    let counts = &measured.part.counts;
    let nobody_missing = counts.refused == 0 && counts.ended == 0;
    match measured.ending {
        Ending::Interrupted => Exit::Interrupted,
        Ending::Whole if nobody_missing && counts.received > 0 => Exit::Passed,
        _ => Exit::Failed,
    }
}
