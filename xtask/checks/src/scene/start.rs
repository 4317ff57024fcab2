//! The program builds, runs, and listens where it is told to.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use compiler::built::Built;
use machine::compile::Missing;
use machine::process::{self, Files, Launch, Program};
use show::root;
use steps::step::Ability;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use wire::http::request;

use crate::report::Failure;
use crate::scene::explain::explanation;
use crate::scene::seconds;
use crate::{Context, Diagnosis, Outcome, Stop};

/// The step's files are there.
pub async fn the_files_are_there(context: Rc<Context>) -> Outcome {
    let names = context.subject.step.files().into_iter();
    let mut paths = names.map(|name| context.subject.folder.join(name));
    match paths.find(|path| !path.is_file()) {
        None => Ok(()),
        Some(path) => Err(Failure::new(Diagnosis::FILE_MISSING)
            .expected(format!("a file {}", show::path(&path)))
            .came("there is none".into())
            .into()),
    }
}

/// The program compiles.
pub async fn the_program_compiles(context: Rc<Context>) -> Outcome {
    let target = &context.subject.target;
    let built = compiler::built::build_with_warnings(target, context.options.colour).await;
    let (built, warnings) = match built {
        Ok(built) => built,
        Err(error) if error.is::<Missing>() => return Err(Stop::Missing(error.to_string())),
        Err(error) => {
            // Nobody has looked at the program yet.
            return Err(Failure::new(Diagnosis::UNKNOWN)
                .came("cargo failed before it came to the program".into())
                .quoted(format!("{error:#}"))
                .into());
        }
    };
    match built {
        Built::Program(path) => {
            let _ = context.program.set(path);
            let _ = context.warned.set(warnings);
            Ok(())
        }
        Built::Refused(refusal) => {
            let whole = context.options.compiler.then(|| refusal.whole.clone());
            let failure = Failure::refused(refusal);
            Err(match whole {
                Some(whole) => failure.quoted(whole).into(),
                None => failure.into(),
            })
        }
    }
}

/// It listens at the port that it is given, and it is this program that does.
pub async fn it_listens_at_the_port_it_is_given(context: Rc<Context>) -> Outcome {
    let (mut program, address) = accepting(&context, &[], None).await?;
    if let Some(failure) = goes_on(&context, &mut program, address).await.err() {
        program.kill().await;
        return Err(failure.expected(expected(address)).into());
    }
    // That somebody accepts there is not enough: it has to be the program that was just built.
    if let Some(listening) = elsewhere(&program, address) {
        let failure = not_there(&listening, address).expected(expected(address));
        program.kill().await;
        return Err(failure.into());
    }
    let listening = program.listening_on();
    program.kill().await;
    let is_open = |at: &SocketAddr| at.port() == address.port() && at.ip().is_unspecified();
    if let Some(at) = listening.into_iter().find(is_open) {
        if context.subject.step.has(Ability::Seats) {
            return Err(Failure::new(Diagnosis::ON_ALL_INTERFACES)
                .came(format!("it listens at {at}, which is every address"))
                .expected(expected(address))
                .into());
        }
        context.warnings.borrow_mut().push(
            "The program listens on all interfaces, so anybody in the same network can reach it. \
             Take the address from the variable HOST, and 127.0.0.1 where it is not set."
                .into(),
        );
    }
    Ok(())
}

/// Holds that the program goes on after it has begun to listen: the system accepts connections for one that is about to
/// end, too. Answers show that it goes on, whatever they say: a few in a row, for a task that nobody waits for may still
/// give one while the program ends. Without an answer, the end may take a moment to be noticed.
async fn goes_on(
    context: &Context,
    program: &mut Program,
    address: SocketAddr,
) -> Result<(), Failure> {
    const IN_A_ROW: usize = 10;
    let moment = Duration::from_millis(500).mul_f64(context.patience);
    for _ in 0..IN_A_ROW {
        let answer = timeout(moment, request(address, "GET", "/", &[])).await;
        if matches!(answer, Ok(Ok(_))) {
            continue;
        }
        return match timeout(moment, program.exited()).await {
            Ok(_) => explanation(context, program).map_or(Ok(()), Err),
            Err(_) => Ok(()),
        };
    }
    Ok(())
}

/// A program's file, and the folder that it starts in.
pub struct Place {
    /// The file.
    pub program: PathBuf,
    /// The folder.
    pub folder: PathBuf,
    /// How many files it may have open, where a check says so.
    pub files: Option<Files>,
}

/// Starts the program on a free port, with these settings in its environment and perhaps so many files, and waits until it accepts connections there.
///
/// # Errors
/// Why it does not.
pub async fn accepting(
    context: &Context,
    settings: &[(&str, &str)],
    files: Option<Files>,
) -> Result<(Program, SocketAddr), Failure> {
    let program = context
        .program
        .get()
        .expect("the program was built by the check before")
        .clone();
    let folder = root();
    let place = Place {
        program,
        folder,
        files,
    };
    accepting_in(context, &place, settings).await
}

/// The same, of a program that may be another one.
///
/// # Errors
/// Why it does not.
pub async fn accepting_in(
    context: &Context,
    place: &Place,
    settings: &[(&str, &str)],
) -> Result<(Program, SocketAddr), Failure> {
    /// Another program may take the port between our look and the start; three times in a row it is no accident.
    const ATTEMPTS: usize = 3;
    let mut attempt = 1;
    loop {
        let address = process::free_port();
        let mut program = start(place, address.port(), settings).map_err(|error| {
            Failure::new(Diagnosis::UNKNOWN)
                .came("the program could not be started".into())
                .quoted(format!("{error:#}"))
        })?;
        match until_accepts(context, &mut program, address).await {
            Ok(()) => return Ok((program, address)),
            Err(failure) => {
                let taken = failure.diagnosis == Diagnosis::PORT_IN_USE
                    || process::owner_of_port(address.port())
                        .is_some_and(|owner| owner.pid != program.id());
                program.kill().await;
                if !taken || attempt == ATTEMPTS {
                    return Err(failure);
                }
                attempt += 1;
            }
        }
    }
}

/// What a server of the encore reads from its environment.
const SETTINGS: [&str; 5] = [
    "MAX_CONNECTIONS",
    "EVENTS_PER_SECOND",
    "PATIENCE",
    "PING_EVERY",
    "NATS_URL",
];

/// The check of a program that is started for the first time.
const LISTENS: &str = "it_listens_at_the_port_it_is_given";

fn start(place: &Place, port: u16, settings: &[(&str, &str)]) -> anyhow::Result<Program> {
    let port = port.to_string();
    let address = [("PORT", port.as_str()), ("HOST", "127.0.0.1")];
    let env = address.iter().chain(settings);
    // What the learner has set for a run of their own is not what a check means.
    let is_set = |name: &&&str| !settings.iter().any(|(set, _)| set == *name);
    let unset = SETTINGS.iter().filter(is_set).map(OsString::from).collect();
    Program::start(&Launch {
        env: env
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        unset,
        files: place.files,
        ..Launch::new(&place.program, &place.folder)
    })
}

/// How long a program may take until it accepts connections. The very one that did not before is believed sooner.
fn time_to_listen(context: &Context) -> Duration {
    let before = context.options.failed_before(LISTENS);
    let never = before == Some(Diagnosis::NEVER_LISTENS.id()) && context.is_as_before();
    let usual = Duration::from_secs(10).mul_f64(context.patience);
    if never { usual / 10 } else { usual }
}

/// Waits for the first of three: the port accepts, the program ends, the deadline passes.
async fn until_accepts(
    context: &Context,
    program: &mut Program,
    address: SocketAddr,
) -> Result<(), Failure> {
    let within = time_to_listen(context);
    let deadline = Instant::now() + within;
    let mut pause = Duration::from_millis(1);
    loop {
        match TcpStream::connect(address).await {
            Ok(_) => return Ok(()),
            // Out of file descriptors or the like: not the program's doing, and waiting does not mend it.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(Failure::new(Diagnosis::UNKNOWN)
                    .came(format!("a connection to {address} failed: {error}")));
            }
            Err(_) => {}
        }
        if program.try_exited().is_some() {
            // Its last words say why, and they may still be on their way.
            program.exited().await;
        }
        if let Some(failure) = explanation(context, program) {
            return Err(failure.expected(expected(address)));
        }
        // The courtesy line says that it accepts now: if that is elsewhere, there is nothing to wait for.
        let says_so = program.output().stdout.to_string().contains("listening on");
        if Instant::now() > deadline || (says_so && elsewhere(program, address).is_some()) {
            return Err(silence(program, address, within).expected(expected(address)));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn expected(address: SocketAddr) -> String {
    format!(
        "connections are accepted at {address} (PORT={}, HOST=127.0.0.1)",
        address.port()
    )
}

/// Where the program listens, if not at `address`.
fn elsewhere(program: &Program, address: SocketAddr) -> Option<Vec<SocketAddr>> {
    let listening = program.listening_on();
    let reached = |at: &SocketAddr| {
        at.port() == address.port() && (at.ip() == address.ip() || at.ip().is_unspecified())
    };
    (!listening.is_empty() && !listening.iter().any(reached)).then_some(listening)
}

/// The failure of a program that listens at these addresses, and not where it was told to.
fn not_there(listening: &[SocketAddr], address: SocketAddr) -> Failure {
    let diagnosis = match listening.iter().any(|at| at.port() == address.port()) {
        true => Diagnosis::WRONG_ADDRESS,
        false => Diagnosis::WRONG_PORT,
    };
    let places: Vec<String> = listening.iter().map(ToString::to_string).collect();
    Failure::new(diagnosis).came(format!("it listens at {}", places.join(" and ")))
}

/// The failure of a program that runs and does not accept.
fn silence(program: &Program, address: SocketAddr, within: Duration) -> Failure {
    if let Some(listening) = elsewhere(program, address) {
        return not_there(&listening, address);
    }
    let doing = match program.cpu_time() {
        Some(busy) if busy > within / 4 => {
            format!(
                "; it worked for {} of that: something loops without an end",
                seconds(busy)
            )
        }
        Some(_) => "; it used next to no processor time: it waits for something".into(),
        None => String::new(),
    };
    let failure = Failure::new(Diagnosis::NEVER_LISTENS).came(format!(
        "it runs, and accepts no connection in {}{doing}",
        seconds(within)
    ));
    match program.last_lines() {
        Some(lines) => failure.quoted(lines),
        None => failure,
    }
}

diagnoses! {
    FILE_MISSING "file-missing":
        "A file of the step is not in its place: somebody has renamed, moved or deleted it."
        => "Give it its name back, or take the one that came with the workshop: git checkout -- FILE, where FILE is the path above.";
    NEVER_LISTENS "never-listens":
        "The program runs but accepts no connection. Either it never reached the line that serves, or something before that line waits or loops for ever."
        => "Print a line before and after each step of main, and see which is the last that shows.";
    WRONG_PORT "wrong-port":
        "The program listens, but not at the port that the variable PORT names."
        => "Look at the place where the program makes its address: the port comes from the variable PORT, and is 8080 only if PORT is not set.";
    WRONG_ADDRESS "wrong-address":
        "The program listens at the right port of another address, so nobody who asks at 127.0.0.1 reaches it."
        => "Take the address from the variable HOST, and use 127.0.0.1 if it is not set.";
    PORT_IN_USE "port-in-use":
        "The program wanted a port that another program holds, perhaps an older run of itself. It did not take the port that PORT names."
        => "Look at the place where the program builds its address. If it takes the port from the variable PORT, an older run cannot be in its way.";
    ON_ALL_INTERFACES "on-all-interfaces":
        "The program listens on every address of this machine, though HOST says 127.0.0.1: anybody in the same network can reach it."
        => "Bind to the address that the variable HOST names, and to 127.0.0.1 if it is not set.";
}
