//! Where everything is served: the page and the panes on loopback, the app for everybody else on this machine, and, where it
//! is asked for, the page of a telephone. Ports and tokens are those of before, so that a tab that is open comes back by itself.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, ensure};
use live::walk::Memory;
use machine::process;
use qr::Code;
use serde_json::{Map, Value, json};
use steps::step::Step;
use tokio::net::TcpListener;

use crate::Arguments;
use crate::guard::Guard;
use crate::page::Site;
use crate::relay::Relay;
use crate::views::Door;
use crate::wire::Window;

/// What is served, and where.
pub struct Rooms {
    /// The addresses of the panes.
    pub panes: [String; 2],
    /// The address of the app for everybody else; `None` where somebody has the port.
    pub address: Option<String>,
    /// The page of a telephone, where it was asked for.
    pub phone: Option<Phone>,
}

/// The page of a telephone.
pub struct Phone {
    /// Its address, with its token.
    address: String,
    code: Code,
}

impl Phone {
    /// It, for the speaker's page.
    pub fn json(&self) -> Value {
        json!({ "address": self.address, "code": self.code.svg("The address of the telephone's page") })
    }
}

impl Rooms {
    /// Opens all of them, and says in the terminal where they are.
    ///
    /// # Errors
    /// When there is no port, or the telephone's address is none of this machine.
    pub async fn open(
        arguments: &Arguments,
        memory: &mut Memory,
        relay: &Relay,
        door: Door,
    ) -> Result<Rooms> {
        let room = &mut memory.room;
        let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
        let (site_listener, own) = listener(room, "port", loopback).await?;
        let (left, left_at) = listener(room, "left", loopback).await?;
        let (right, right_at) = listener(room, "right", loopback).await?;
        relay.listen(left, Window::Left);
        relay.listen(right, Window::Right);
        let address = listen_for_others(relay, arguments.step, arguments.port).await;
        let panes = [left_at, right_at].map(|at| format!("http://{at}"));
        let guard = Guard::new(own, token(room, "token")?);
        anstream::println!("Projector:  {}", guard.address("/"));
        anstream::println!("Speaker:    {}", guard.address("/speaker"));
        let phone = match arguments.speaker_host {
            Some(host) => Some(phone(room, host, door.clone()).await?),
            None => None,
        };
        if let Some(app) = &address {
            anstream::println!("App alone:  {app}");
        }
        anstream::println!("Ctrl-C ends it.");
        let site = Site::of_this_machine(guard, door, [&panes[0], &panes[1]]);
        tokio::spawn(warp::serve(site.routes()).incoming(site_listener).run());
        Ok(Rooms {
            panes: panes.map(|origin| format!("{origin}/")),
            address,
            phone,
        })
    }
}

/// Serves the telephone's page at an address of this machine, and says where, with a code for its camera.
async fn phone(room: &mut Map<String, Value>, host: IpAddr, door: Door) -> Result<Phone> {
    ensure!(
        !host.is_unspecified(),
        "--speaker-host takes one address of this machine, as the telephone reaches it, and {host} is all of them"
    );
    let (listener, address) = listener(room, "phone", host).await?;
    let guard = Guard::new(address, token(room, "phone_token")?);
    let address = guard.address("/");
    let code = Code::of(&address)?;
    anstream::println!("Telephone:  {address}");
    for line in code.lines() {
        anstream::println!("  {line}");
    }
    let site = Site::of_a_phone(guard, door);
    tokio::spawn(warp::serve(site.routes()).incoming(listener).run());
    Ok(Phone { address, code })
}

/// A token that is remembered, or a new one.
fn token(room: &mut Map<String, Value>, name: &str) -> Result<String> {
    let is_token = |it: &&str| it.len() == 32 && it.bytes().all(|byte| byte.is_ascii_hexdigit());
    let known = room.get(name).and_then(Value::as_str).filter(is_token);
    let token = match known {
        Some(known) => known.to_owned(),
        None => guard::token()?,
    };
    room.insert(name.into(), json!(token));
    Ok(token)
}

/// A listener at the port of before, or else at one that no browser refuses.
async fn listener(
    room: &mut Map<String, Value>,
    name: &str,
    host: IpAddr,
) -> Result<(TcpListener, SocketAddr)> {
    let known = room.get(name).and_then(Value::as_u64);
    let known = known.and_then(|port| u16::try_from(port).ok());
    let ports = known.into_iter().chain([process::free_port().port()]);
    let mut bound = None;
    for port in ports {
        let address = SocketAddr::new(host, port);
        match TcpListener::bind(address).await {
            Ok(listener) => {
                room.insert(name.into(), json!(port));
                return Ok((listener, address));
            }
            Err(error) => bound = Some((error, address)),
        }
    }
    let (error, address) = bound.context("there is a port to try")?;
    Err(error).with_context(|| format!("nothing can be served at {address}"))
}

/// Serves the app at the port that everybody expects. That somebody has it is said, and no reason not to present.
///
/// The step stands in the address: another one may have been at this port before, and a browser would show its page again
/// without a question, for it keeps a file for a while that was not touched for long.
async fn listen_for_others(relay: &Relay, step: Step, port: u16) -> Option<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    match listener.and_then(|it| Ok((it.local_addr()?, it))) {
        Ok((address, listener)) => {
            relay.listen(listener, Window::Other);
            Some(format!("http://{address}/?{}", step.number))
        }
        Err(error) => {
            let why = match error.kind() {
                std::io::ErrorKind::AddrInUse => process::who_has(port),
                _ => error.to_string(),
            };
            show::note(&format!(
                "Nothing is served at port {port}: {why}. The panes have ports of their own."
            ));
            None
        }
    }
}
