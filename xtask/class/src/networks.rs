//! This machine's networks: where a room can be opened.

use std::net::IpAddr;

/// One of this machine's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The name of the network's card: `eth0`, `wlan0`.
    pub name: String,
    /// The address there.
    pub address: IpAddr,
}

/// All of them that others can reach, in the order of the system.
pub fn all() -> Vec<Network> {
    let interfaces = if_addrs::get_if_addrs().into_iter().flatten();
    let network = |it: if_addrs::Interface| Network {
        address: it.ip(),
        name: it.name,
    };
    interfaces
        .filter(|it| !it.is_loopback() && it.ip().is_ipv4())
        .map(network)
        .collect()
}

/// The address that somebody means: an address, or the name of a network.
///
/// # Errors
/// A sentence that names the networks there are.
pub fn named(text: &str) -> Result<IpAddr, String> {
    let there = all();
    if let Ok(address) = text.parse::<IpAddr>() {
        return match address.is_unspecified() {
            // The line for the board has to name an address.
            true => Err(format!(
                "{text} is not an address that a learner can reach: name one of this machine's.{}",
                list(&there)
            )),
            false => Ok(address),
        };
    }
    let found = there.iter().find(|it| it.name == text);
    found.map(|it| it.address).ok_or_else(|| {
        format!(
            "this machine has no network {text}, and it is not an address.{}",
            list(&there)
        )
    })
}

/// The networks, a line each with the command for it.
pub fn list(networks: &[Network]) -> String {
    let line = |it: &Network| {
        let is_virtual = ["docker", "br-", "veth", "virbr"]
            .iter()
            .any(|start| it.name.starts_with(start));
        let remark = if is_virtual {
            ", inside this machine"
        } else {
            ""
        };
        format!(
            "\n    cargo xtask class --at {}   ({}{remark})",
            it.address, it.name
        )
    };
    networks.iter().map(line).collect()
}
