//! What this machine lends to one process, and what is said when that is not enough.

use machine::limits::free_memory;

use super::job::Asked;

/// Files that a process has open beside its connections.
const BESIDE: u64 = 64;
/// The deliveries a second that one generator reads with ease.
const FOR_ONE: u64 = 150_000;
/// What keeping count of one receiver and one mover takes, in bytes.
const PAIR: u64 = 4;
/// The pairs of which every machine keeps count.
const PAIRS: u64 = 100_000_000;
/// The ports of one address, where all connections have to come from one.
#[cfg(not(target_os = "linux"))]
const PORTS: u64 = 16_000;

/// What is wrong with a load that this machine cannot be asked for.
pub fn is_absurd(asked: &Asked) -> Option<String> {
    let pairs = u64::from(asked.users) * u64::from(asked.movers);
    // Where all that is free is taken, the server has nothing.
    let most = PAIRS.max(free_memory().unwrap_or(0) / 2 / PAIR);
    if asked.movers > asked.users {
        let (movers, users) = (asked.movers, asked.users);
        return Some(format!(
            "{movers} movers are more than the {users} users whom they belong to: at most --movers {users}"
        ));
    }
    if asked.moves() >= 1 << 31 {
        return Some(
            "these are too many moves to tell them apart: take fewer --movers, a lower --rate or fewer --seconds".into(),
        );
    }
    (pairs > most).then(|| {
        format!(
            "each of {} users hears {} movers: counting all these pairs takes too much memory. Take at most --movers {}",
            asked.users,
            asked.movers,
            most / u64::from(asked.users)
        )
    })
}

/// What of this machine is not enough, which number that is, and how to raise it. `server_is_ours` where the servers inherit
/// our limit of files; there are so many of them.
pub fn is_too_much(
    asked: &Asked,
    files: Option<u64>,
    server_is_ours: bool,
    servers: usize,
) -> Option<String> {
    let users = u64::from(asked.users).div_ceil(servers as u64);
    #[cfg(not(target_os = "linux"))]
    if users > PORTS {
        return Some(format!(
            "{users} connections need as many ports of 127.0.0.1, but the system gives out only about {PORTS}.\n\
             On macOS `sudo sysctl -w net.inet.ip.portrange.first=16384` gives out three times as many; \
             on Linux, they can come from many addresses."
        ));
    }
    let needed = users + BESIDE;
    let files = files.filter(|files| server_is_ours && needed > *files)?;
    let most = files.saturating_sub(BESIDE);
    let all = most * servers as u64;
    let who = match servers {
        1 => "The server",
        _ => "Each of the endpoints",
    };
    Some(format!(
        "{who} needs {needed} open files for {users} users, but a process may have only {files} here (`ulimit -Hn`).\n\
         With this limit you can try up to --users {all}. To raise it for one shell, as root:\n\n  \
         ulimit -Hn {needed}; ulimit -Sn {needed}\n\n\
         To raise it for good: a line `* hard nofile {needed}` in /etc/security/limits.conf, and a new login. \
         In a container: --ulimit nofile={needed}:{needed}."
    ))
}

/// How many generators the load needs: as many as the limit of files asks for, and as the readers' work asks for, but never
/// all cores for that.
pub fn generators(asked: &Asked, files: Option<u64>, cores: usize) -> u32 {
    let each = files.map_or(u64::MAX, |files| files.saturating_sub(BESIDE).max(1));
    let for_files = u64::from(asked.users).div_ceil(each);
    let for_work = asked.deliveries_a_second().div_ceil(FOR_ONE);
    let generators = for_work.min(cores as u64 / 2).max(for_files).max(1);
    generators.min(asked.users.into()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(users: u32, movers: u32, rate: u32) -> Asked {
        Asked {
            users,
            movers,
            rate,
            seconds: 5,
            in_flight: None,
        }
    }

    #[test]
    fn there_are_generators_enough_and_not_more() {
        assert_eq!(generators(&asked(100, 10, 60), Some(1024), 8), 1);
        assert_eq!(generators(&asked(15_000, 1, 1), Some(1024), 2), 16);
        assert_eq!(generators(&asked(15_000, 1, 1), None, 2), 1);
        assert_eq!(generators(&asked(1_000, 100, 60), None, 8), 4);
        assert_eq!(generators(&asked(1_000, 100, 60), None, 1), 1);
    }

    #[test]
    fn a_limit_names_its_number() {
        let few = is_too_much(&asked(1_000_000, 1, 1), Some(20_000), true, 1);
        let few = few.unwrap_or_default();
        assert!(
            few.contains("1000064 open files") && few.contains("--users 19936"),
            "{few}"
        );
        assert_eq!(
            is_too_much(&asked(10_000, 1, 1), Some(20_000), true, 1),
            None
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert_eq!(is_absurd(&asked(10, 10, 60)), None);
        assert!(is_absurd(&asked(10, 11, 60)).is_some_and(|it| it.contains("--movers 10")));
        assert!(is_absurd(&asked(100_000, 100_000, 1)).is_some());
        let long = Asked {
            seconds: 3600,
            ..asked(20_000, 10_000, 60)
        };
        assert!(is_absurd(&long).is_some());
    }
}
