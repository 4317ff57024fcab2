//! Opens the room: finds its log, its addresses, and says where everybody goes.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anstream::println;
use anyhow::{Context, Result, anyhow};
use clap::Args;
use machine::exit::Exit;
use machine::process;
use owo_colors::OwoColorize;
use room::{PORT, VERSION};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::ask::Kind;
use crate::desk::Desk;
use crate::door::Door;
use crate::entry::{Entry, Happened};
use crate::hall::Hall;
use crate::log::{self, Log};
use crate::papers::Papers;
use crate::register::Register;
use crate::site::Answers;
use crate::{export, networks, serve, time};

/// Open the room of a class: who is at which step, who is stuck on what (for instructors)
///
/// Learners join with the line that it prints. From then on their checks tell the room ids and numbers: the step, the
/// verdict, the causes, how many checks pass. The board is for the projector and has no names; your page has a row for
/// each learner. If you end the room and open it again, it goes on where it was, and so do all who have joined.
#[derive(Args)]
pub struct Arguments {
    /// One of this machine's addresses, or the name of one of its networks; without it, only this machine can join
    #[arg(long, value_name = "ADDRESS", value_parser = networks::named)]
    at: Option<IpAddr>,
    /// The port that learners join at; the board and your page are at the next port, for this machine only
    ///
    /// Without it, the room takes the port of the last time, or 7000.
    #[arg(long)]
    port: Option<u16>,
    /// Begin with a new code and nobody in the room; the log of the room before is kept
    #[arg(long)]
    new: bool,
    /// Print the marks of everybody who has joined, and open no room
    #[arg(long, value_name = "KIND")]
    export: Option<Kind>,
    /// The folder that the log lies in
    #[arg(long, hide = true)]
    folder: Option<PathBuf>,
}

/// Opens the room, until somebody presses Ctrl-C.
///
/// # Errors
/// When the log cannot be read or written, or an address cannot be had.
pub async fn run(arguments: &Arguments) -> Result<Exit> {
    let folder = arguments.folder.clone().unwrap_or_else(log::folder);
    if let Some(kind) = arguments.export {
        let register = Register::of(&log::read_only(&folder)?.entries);
        print!("{}", export::file(&register, kind).1);
        return Ok(Exit::Passed);
    }
    if arguments.new
        && let Some(aside) = log::put_aside(&folder, time::now())?
    {
        show::note(&format!("The room before is now {}", show::path(&aside)));
    }
    machine::limits::raise_files();
    let (mut log, before) = Log::open(&folder)?;
    if before.odd > 0 {
        show::note(&format!(
            "{} of the room's log are not understood and left out: see {}",
            lines(before.odd),
            show::path(&log::file(&folder))
        ));
    }
    let mut register = Register::of(&before.entries);
    if register.code.is_empty() {
        let (code, token) = (room::code()?, guard::token()?);
        add(&mut log, &mut register, Happened::Opened { code, token })?;
    }
    let (room, desk) = listeners(arguments, register.served.as_ref())?;
    let (room_at, desk_at) = (room.local_addr()?, desk.local_addr()?);
    if let Some(elsewhere) = elsewhere(&register, room_at) {
        show::note(&elsewhere);
    }
    let served = (room_at.to_string(), desk_at.port());
    if register.served.as_ref() != Some(&served) {
        let (room, desk) = served;
        add(&mut log, &mut register, Happened::Served { room, desk })?;
    }
    let telephone = qr::Code::of(&format!("http://{room_at}/#{}", register.code))?;
    say_where(&register, room_at, desk_at, &telephone);
    let (events, inbox) = mpsc::channel(1024);
    let papers = Papers::default();
    let learners = Answers::for_learners(room_at, Door::to(events.clone()));
    let pages = Answers::for_the_instructor(
        desk_at,
        Desk(events),
        papers.clone(),
        telephone.svg("To join"),
    );
    tokio::spawn(serve::serve(room, learners));
    tokio::spawn(serve::serve(desk, pages));
    Hall::new(register, log, papers).run(inbox).await;
    Ok(Exit::Passed)
}

fn add(log: &mut Log, register: &mut Register, what: Happened) -> Result<()> {
    let at = time::now();
    let entry = Entry { at, what };
    log.add(&entry)?;
    register.take(&entry);
    Ok(())
}

/// The two listeners: for the learners, where they were told to come, and for the pages, on loopback.
fn listeners(
    arguments: &Arguments,
    before: Option<&(String, u16)>,
) -> Result<(TcpListener, TcpListener)> {
    let address = arguments.at.unwrap_or(Ipv4Addr::LOCALHOST.into());
    let last = before.and_then(|(room, _)| room.parse::<SocketAddr>().ok());
    let port = arguments.port.or(last.map(|it| it.port()));
    let wanted = SocketAddr::new(address, port.unwrap_or(PORT));
    let room = serve::listen(wanted).map_err(|error| why_not(wanted, &error))?;
    let next = room.local_addr()?.port().checked_add(1);
    let desk = before
        .map(|(_, desk)| *desk)
        .filter(|_| arguments.port.is_none());
    let on_loopback = |port| serve::listen((Ipv4Addr::LOCALHOST, port).into());
    // Pages that are open come back to the port of before; where somebody else has it, any other will do.
    let mut ports = [desk, next.filter(|_| arguments.port != Some(0))]
        .into_iter()
        .flatten();
    let desk = ports.find_map(|port| on_loopback(port).ok());
    let desk = desk.map_or_else(|| on_loopback(0), Ok);
    Ok((room, desk.context("nothing can be served on loopback")?))
}

/// What is to be said where the learners of before look for the room at another address.
fn elsewhere(register: &Register, now: SocketAddr) -> Option<String> {
    let (before, _) = register.served.as_ref()?;
    let before: SocketAddr = before.parse().ok().filter(|it| *it != now)?;
    let ip = before.ip();
    (!register.learners.is_empty()).then(|| {
        format!(
            "Last time, this room was at {before}, and those who joined still look for it there. They come back by \
             themselves if you start `cargo xtask class --at {ip}`; otherwise they join again with the line below."
        )
    })
}

/// Why an address cannot be had, as far as that is known.
fn why_not(address: SocketAddr, error: &io::Error) -> anyhow::Error {
    let networks = networks::all();
    let is_ours =
        address.ip().is_loopback() || networks.iter().any(|it| it.address == address.ip());
    match (is_ours, error.kind()) {
        (false, io::ErrorKind::AddrNotAvailable) => anyhow!(
            "the room cannot be opened at {address}: that is not an address of this machine.{}",
            networks::list(&networks)
        ),
        (_, io::ErrorKind::AddrInUse) => anyhow!(
            "the room cannot be opened at {address}: {}.\nTo use another port: --port 7010",
            process::who_has(address.port())
        ),
        _ => anyhow!("the room cannot be opened at {address}: {error}"),
    }
}

/// Says where everybody goes. The line for the board comes first; the instructor's address holds the token, and is for nobody
/// else's eyes.
fn say_where(register: &Register, room: SocketAddr, desk: SocketAddr, telephone: &qr::Code) {
    let join = register.line();
    let who = match register.learners.values().filter(|it| !it.has_left).count() {
        0 => "Nobody has joined yet.".into(),
        1 => "The room goes on: 1 learner has joined.".into(),
        count => format!("The room goes on: {count} learners have joined."),
    };
    println!("\n  {}\n", join.bold());
    for line in telephone.lines() {
        println!("  {line}");
    }
    println!(
        "\n{}\n",
        show::wrapped(
            "  ",
            "The picture leads a phone to the same line, if somebody cannot read the board."
        )
    );
    let token = &register.token;
    println!("  Board:  http://{desk}/board");
    println!("  Yours:  http://{desk}/instructor#{token}\n");
    println!(
        "{}",
        show::wrapped(
            "  ",
            &format!("{who} Version {VERSION} of the wire; .github/CLASS.md describes it.")
        )
    );
    if room.ip().is_loopback() {
        let networks = networks::all();
        let alone = "Only this machine can join. To let the room in, end this, and name one of your networks:";
        println!(
            "{}{}",
            show::wrapped("  ", alone),
            networks::list(&networks)
        );
    }
    println!("\n  Ctrl-C ends it; the same command goes on with the same room.");
}

fn lines(count: usize) -> String {
    match count {
        1 => "1 line".into(),
        count => format!("{count} lines"),
    }
}
