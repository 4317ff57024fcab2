//! The program builds, runs, and listens where it is told to. And where something fails later on: did it panic, or end?

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use super::report::Failure;
use super::scene::seconds;
use super::{Context, Diagnosis, Origin, Outcome};
use crate::compile::{self, Built};
use crate::process::{self, Exit, Launch, OutputMode, Panic, Program};
use crate::step::root;

/// The port of a program that does not look at `PORT`.
const DEFAULT_PORT: u16 = 8080;

/// The program compiles.
pub async fn the_program_compiles(context: Rc<Context>) -> Outcome {
    let step = context.subject.step;
    for name in ["server.rs".to_owned(), step.page()] {
        let path = context.subject.folder.join(&name);
        if !path.is_file() {
            let shown = path
                .strip_prefix(root())
                .unwrap_or(&path)
                .display()
                .to_string();
            return Err(Failure::new(Diagnosis::FileMissing)
                .expected(format!("a file {shown}"))
                .came("there is none".into())
                .into());
        }
    }
    let built = match &context.subject.program {
        Origin::Built(built) => built.clone(),
        Origin::Cargo(target) => match compile::build(target, context.options.colour).await {
            Ok(built) => built,
            Err(error) => {
                // A broken Cargo.toml, a full disk: nobody has looked at the program yet.
                return Err(Failure::new(Diagnosis::Unknown)
                    .came("cargo failed before it came to the program".into())
                    .quoted(format!("{error:#}"))
                    .into());
            }
        },
    };
    match built {
        Built::Program(path) => {
            let _ = context.program.set(path);
            Ok(())
        }
        Built::Refused(refusal) => {
            let others = match refusal.errors {
                0 | 1 => String::new(),
                errors => format!(" (the first of {errors})"),
            };
            Err(Failure::new(Diagnosis::DoesNotCompile)
                .came(format!("an error of the compiler's{others}"))
                .place(refusal.place)
                .quoted(refusal.first)
                .into())
        }
    }
}

/// It listens at the port that it is given, and it is this program that does.
pub async fn it_listens_at_the_port_it_is_given(context: Rc<Context>) -> Outcome {
    let (program, address) = accepting(&context).await?;
    let listening = program.listening_on();
    program.kill().await;
    let here = |at: &&SocketAddr| at.port() == address.port();
    if listening
        .iter()
        .filter(here)
        .any(|at| at.ip().is_unspecified())
    {
        context.warnings.borrow_mut().push(
            "The program listens on all interfaces, so anybody in the same network can reach it. \
             Take the address from the variable HOST, and 127.0.0.1 where it is not set."
                .into(),
        );
    }
    Ok(())
}

/// Starts the program on a free port and waits until it accepts connections there.
///
/// # Errors
/// Why it does not.
pub async fn accepting(context: &Context) -> Result<(Program, SocketAddr), Failure> {
    /// Another program may take the port between our look and the start; three times in a row it is no accident.
    const ATTEMPTS: usize = 3;
    let mut attempt = 1;
    loop {
        let address = free_port();
        let mut program = start(context, address.port()).map_err(|error| {
            Failure::new(Diagnosis::Unknown)
                .came("the program could not be started".into())
                .quoted(format!("{error:#}"))
        })?;
        match until_accepts(context, &mut program, address).await {
            Ok(()) => return Ok((program, address)),
            Err(failure) => {
                let taken = process::owner_of_port(address.port())
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

/// A port that nobody holds. All that the system hands out lie above those that browsers refuse.
fn free_port() -> SocketAddr {
    let listener =
        std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener
        .local_addr()
        .expect("a bound listener has an address")
}

fn start(context: &Context, port: u16) -> anyhow::Result<Program> {
    let program = context
        .program
        .get()
        .expect("the program was built by the check before")
        .clone();
    Program::start(&Launch {
        program,
        args: Vec::new(),
        cwd: root(),
        env: vec![
            ("PORT".into(), port.to_string().into()),
            ("HOST".into(), "127.0.0.1".into()),
        ],
        unset: Vec::new(),
        output: OutputMode::Captured,
    })
}

/// Waits for the first of three: the port accepts, the program ends, the deadline passes.
async fn until_accepts(
    context: &Context,
    program: &mut Program,
    address: SocketAddr,
) -> Result<(), Failure> {
    let within = Duration::from_secs(10).mul_f64(context.patience);
    let deadline = Instant::now() + within;
    let mut pause = Duration::from_millis(1);
    loop {
        match TcpStream::connect(address).await {
            Ok(_) => return Ok(()),
            // Out of file descriptors or the like: not the program's doing, and waiting does not mend it.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(Failure::new(Diagnosis::Unknown)
                    .came(format!("a connection to {address} failed: {error}")));
            }
            Err(_) => {}
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

/// The failure of a program that runs and does not accept.
fn silence(program: &Program, address: SocketAddr, within: Duration) -> Failure {
    if let Some(listening) = elsewhere(program, address) {
        let diagnosis = match listening.iter().any(|at| at.port() == address.port()) {
            true => Diagnosis::WrongAddress,
            false => Diagnosis::WrongPort,
        };
        let places: Vec<String> = listening.iter().map(ToString::to_string).collect();
        return Failure::new(diagnosis).came(format!("it listens at {}", places.join(" and ")));
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
    let failure = Failure::new(Diagnosis::NeverListens).came(format!(
        "it runs, and accepts no connection in {}{doing}",
        seconds(within)
    ));
    match last_lines(program) {
        Some(lines) => failure.quoted(lines),
        None => failure,
    }
}

/// What a panic or the end of the program explains; `None` while it runs and has not panicked.
pub fn explanation(context: &Context, program: &mut Program) -> Option<Failure> {
    let exit = program.try_exited();
    if exit.is_none() && program.panics().is_empty() {
        return None;
    }
    let output = program.output();
    let text = format!("{}{}", output.stdout, output.stderr);
    let in_use = [
        "Address already in use",
        "Only one usage of each socket address",
        "address in use",
    ];
    if exit.is_some() && in_use.iter().any(|words| text.contains(words)) {
        return Some(port_in_use(program));
    }
    match of_learner(context, program.panics()) {
        Some(panic) => Some(panicked(context, &panic)),
        None => exit.map(|exit| exited(program, &exit)),
    }
}

/// The panic that matters most: the first one in the learner's own file, or else the first.
fn of_learner(context: &Context, panics: Vec<Panic>) -> Option<Panic> {
    let own = panics
        .iter()
        .find(|panic| in_subject(context, &panic.file))
        .cloned();
    own.or_else(|| panics.into_iter().next())
}

fn in_subject(context: &Context, file: &str) -> bool {
    let file = file.replace('\\', "/");
    let folder = context
        .subject
        .folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    file.ends_with(&format!("{folder}/server.rs"))
}

fn panicked(context: &Context, panic: &Panic) -> Failure {
    let diagnosis = if panic.is_unfinished() {
        Diagnosis::TodoLeft
    } else {
        Diagnosis::Panicked
    };
    let place = in_subject(context, &panic.file)
        .then(|| format!("{}:{}:{}", panic.file, panic.line, panic.column));
    let from = match &place {
        Some(_) => "the program".to_owned(),
        None => format!(
            "code that the program calls ({})",
            panic
                .file
                .rsplit(['/', '\\'])
                .take(3)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect::<Vec<_>>()
                .join("/")
        ),
    };
    Failure::new(diagnosis)
        .came(format!("{from} panicked"))
        .place(place)
        .quoted(panic.message.clone())
}

fn exited(program: &Program, exit: &Exit) -> Failure {
    let failure =
        Failure::new(Diagnosis::ExitsEarly).came(format!("the program ended, with {}", exit.text));
    match last_lines(program) {
        Some(lines) => failure.quoted(lines),
        None => failure,
    }
}

fn port_in_use(program: &Program) -> Failure {
    let failure = Failure::new(Diagnosis::PortInUse);
    let failure = match process::owner_of_port(DEFAULT_PORT) {
        Some(owner) => failure.came(format!(
            "the program ended: the address is in use; port {DEFAULT_PORT} is held by {} (process {})",
            owner.name, owner.pid
        )),
        None => failure.came("the program ended: the address that it wanted is in use".into()),
    };
    match last_lines(program) {
        Some(lines) => failure.quoted(lines),
        None => failure,
    }
}

/// The last lines that the program printed, on either stream.
fn last_lines(program: &Program) -> Option<String> {
    const LINES: usize = 6;
    let output = program.output();
    let text = format!("{}{}", output.stdout, output.stderr);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let tail = &lines[lines.len().saturating_sub(LINES)..];
    (!tail.is_empty()).then(|| tail.join("\n"))
}
