//! Who listens where.
//!
//! A port that answers proves little: a server left running from an hour ago answers as well as the one that was just
//! built. The system knows whose port it is. It does not tell who is connected to whom.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use listeners::{Listener, Protocol, SocketState};

/// A process that holds a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The process's id.
    pub pid: u32,
    /// Its name, which Linux cuts to 15 characters.
    pub name: String,
    /// The file of its program, where the system tells.
    pub path: Option<String>,
}

/// The addresses on which somebody has to listen to get what is sent to `localhost`, the likeliest first.
const LOCAL: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];

/// Who listens on `port` of this machine; `None` if nobody does, or somebody whose name we may not know (another user).
pub fn owner_of_port(port: u16) -> Option<Owner> {
    let rank = |listener: &Listener| LOCAL.iter().position(|ip| *ip == listener.socket.ip());
    tcp_listeners()
        .filter(|listener| listener.socket.port() == port && rank(listener).is_some())
        .min_by_key(|listener| (rank(listener), listener.process.pid))
        .map(|Listener { process, .. }| Owner {
            pid: process.pid,
            name: process.name,
            path: Some(process.path).filter(|path| !path.is_empty()),
        })
}

/// Who has a port, in words.
pub fn who_has(port: u16) -> String {
    match owner_of_port(port) {
        Some(owner) => format!("{} (process {}) has it", owner.name, owner.pid),
        None => "another program has it".into(),
    }
}

/// A port that nobody holds: above those that browsers refuse, and below those that systems lend to clients.
///
/// It is another one each time. Two programs that start at the same moment could find the same port free, and the one that
/// comes too late would be taken for the other.
pub fn free_port() -> SocketAddr {
    static OURS: LazyLock<Block> = LazyLock::new(Block::take);
    let is_free = |address: &SocketAddr| TcpListener::bind(address).is_ok();
    let mut ports = (1..Block::PORTS).map(|_| OURS.next());
    ports.find(is_free).expect("loopback has a free port")
}

/// Ports that this process alone gives to its programs.
struct Block {
    first: u16,
    given: AtomicU32,
    /// Whoever has the first port has the block: another run, at the same moment, finds it taken and goes on to the next one.
    _held: Option<TcpListener>,
}

impl Block {
    const FIRST: u16 = 20_000;
    const BLOCKS: u16 = 20;
    /// More than a whole run of checks starts programs in the time that one of them may take to listen.
    const PORTS: u16 = 600;

    fn take() -> Block {
        let mut blocks: Vec<u16> = (0..Block::BLOCKS).collect();
        fastrand::shuffle(&mut blocks);
        let first = |block: &u16| Block::FIRST + block * Block::PORTS;
        let hold = |first: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, first)).ok();
        let mut held = blocks.iter().map(first).map(|first| (first, hold(first)));
        // Where all are taken, two runs share one: then it takes an accident for them to meet.
        let (first, held) = held
            .find(|(_, held)| held.is_some())
            .unwrap_or((first(&blocks[0]), None));
        Block {
            first,
            given: AtomicU32::new(fastrand::u32(..u32::from(Block::PORTS))),
            _held: held,
        }
    }

    fn next(&self) -> SocketAddr {
        let given = self.given.fetch_add(1, Ordering::Relaxed) % u32::from(Block::PORTS - 1);
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.first + 1 + given as u16))
    }
}

/// Where those processes listen whose id `belongs`.
pub(super) fn listening(belongs: impl Fn(u32) -> bool) -> Vec<SocketAddr> {
    let mut addresses: Vec<SocketAddr> = tcp_listeners()
        .filter(|listener| belongs(listener.process.pid))
        .map(|listener| listener.socket)
        .collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

/// `listeners` lists every socket, whatever its name: the state tells the listening ones. (Its `get_process_by_port` does
/// not look at the state, and on Linux answers with a *client* that happens to have the port.)
fn tcp_listeners() -> impl Iterator<Item = Listener> {
    let sockets = listeners::get_all().unwrap_or_default();
    sockets.into_iter().filter(|listener| {
        listener.protocol == Protocol::TCP && listener.state == SocketState::Listen
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_our_own_port_is_us() {
        for local in ["127.0.0.1:0", "0.0.0.0:0"] {
            let listener = TcpListener::bind(local).unwrap();
            let port = listener.local_addr().unwrap().port();
            let owner = owner_of_port(port).unwrap();
            assert_eq!(owner.pid, std::process::id());
            assert!(!owner.name.is_empty());
        }
    }

    #[test]
    fn two_runs_have_ports_of_their_own() {
        let (one, two) = (Block::take(), Block::take());
        assert_ne!(one.first, two.first);
        let mut ports: Vec<u16> = (1..Block::PORTS).map(|_| one.next().port()).collect();
        ports.sort_unstable();
        let all = one.first + 1..one.first + Block::PORTS;
        assert_eq!(ports, all.collect::<Vec<_>>());
    }

    #[test]
    fn a_client_owns_no_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert_eq!(owner_of_port(client.local_addr().unwrap().port()), None);
    }
}
