//! `cargo xtask join`: a learner joins the room of a class, once. `leave` ends it.

use std::io::{BufRead, IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};

use anstream::println;
use anyhow::Result;
use clap::Args;
use futures::SinkExt;
use machine::exit::Exit;
use owo_colors::OwoColorize;
use room::{Down, PORT, Up};
use tokio_tungstenite::tungstenite::Message;

use crate::room::line;
use crate::room::member::Member;

/// Join the room of a class: your checks tell it the step, the verdict and the causes, never your code
#[derive(Args)]
pub struct Arguments {
    /// The room's address, from the board
    #[arg(value_parser = address)]
    address: SocketAddr,
    /// The room's code, from the board
    #[arg(value_parser = code)]
    code: String,
    /// The name that the instructor sees; without it, the command asks you for one or makes one up
    #[arg(long, value_parser = name)]
    name: Option<String>,
}

/// Leave the room of the class: your checks tell it nothing more
#[derive(Args)]
pub struct LeaveArguments {}

fn address(text: &str) -> Result<SocketAddr, String> {
    let with_port = text.parse().ok();
    let without = || Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, PORT));
    let address = with_port.or_else(without);
    address.ok_or_else(|| "an address looks like 192.168.1.20:7000".into())
}

fn code(text: &str) -> Result<String, String> {
    let code = room::read_code(text);
    let is_one = code.split('-').count() == 3 && code.len() <= 40;
    is_one
        .then_some(code)
        .ok_or_else(|| "a code looks like blue-otter-k7m3qx".into())
}

fn name(text: &str) -> Result<String, String> {
    room::name_of(text).ok_or_else(|| "a name has 1 to 24 letters or digits".into())
}

/// What is sent, and what never is: three lines, before anything happens.
const SENT: &str = "\
Sent:   step, verdict, ids of the causes, checks that pass, time since you began
Never:  code, paths, names of users or machines; a report only after your yes
Ends:   cargo xtask leave";

/// Joins the room, and remembers it.
///
/// # Errors
/// When it does not answer, or does not want us. Then nothing has changed.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    println!("{SENT}\n");
    let Arguments { address, code, .. } = arguments;
    // Whoever joins the same room again is the same learner there.
    let before = Member::read().filter(|it| it.code == code);
    let name = match (arguments.name, &before) {
        (Some(name), _) => name,
        (None, Some(before)) => before.name.clone(),
        (None, None) => ask_for_a_name()?,
    };
    let member = match before {
        Some(before) => Member {
            address,
            name,
            ..before
        },
        None => Member::new(address, code, room::key()?, name),
    };
    match line::hello(&member).await {
        Ok((_socket, Down::Welcome { name, have, .. })) => {
            let is_new = Member::read().is_none_or(|it| it.key != member.key);
            if is_new {
                // What another room was to hear is not for this one.
                Member::forget()?;
            }
            let seq = member.seq.max(have);
            Member {
                name,
                seq,
                ..member.clone()
            }
            .write()?;
            joined();
            Ok(Exit::Passed)
        }
        Ok((_socket, Down::Refused { text, .. })) => {
            show::note(&format!(
                "error: the room at {address} does not let you in: {text}"
            ));
            Ok(Exit::Failed)
        }
        Ok(_) => {
            show::note(&format!(
                "error: what answers at {address} is not the room of a class"
            ));
            Ok(Exit::Failed)
        }
        Err(error) => {
            show::note(&format!(
                "error: no room answers at {address} ({error:#}). Compare the line with the board; \
                 both machines have to be in the same network. You have not joined."
            ));
            Ok(Exit::Failed)
        }
    }
}

fn joined() {
    let name = Member::read().map(|it| it.name).unwrap_or_default();
    println!("You are in the room, as {}.", name.bold());
    show::paragraph(
        "From now on `check` and `watch` tell it how far you are. For help: the key ? in `watch`, or cargo xtask help-me",
    );
}

/// The name that somebody types, or one that is made up.
fn ask_for_a_name() -> Result<String> {
    let made_up = room::name()?;
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Ok(made_up);
    }
    loop {
        print!("Your name in the room (Enter: {made_up}): ");
        std::io::stdout().flush()?;
        let mut typed = String::new();
        stdin.lock().read_line(&mut typed)?;
        if typed.trim().is_empty() {
            return Ok(made_up);
        }
        match name(&typed) {
            Ok(name) => return Ok(name),
            Err(why) => println!("{why}."),
        }
    }
}

/// Leaves the room: says so, if it answers, and forgets it either way.
///
/// # Errors
/// When it cannot be forgotten.
pub async fn leave(_: LeaveArguments) -> Result<Exit> {
    let Some(member) = Member::read() else {
        println!("You are not in a room.");
        return Ok(Exit::Passed);
    };
    let was_told = match line::hello(&member).await {
        Ok((mut socket, Down::Welcome { .. })) => {
            let said = socket.send(Message::text(Up::Leave.text())).await;
            // The room closes when it has taken that.
            said.is_ok() && line::ends(socket).await
        }
        _ => false,
    };
    Member::forget()?;
    println!("You have left: from now on, nothing is sent to the room.");
    if !was_told {
        show::paragraph("The room did not answer, so it still shows what it heard last.");
    }
    Ok(Exit::Passed)
}
