//! The attacks, each as what it does and what it looks for.

mod backplane;
mod crowds;
mod floods;
mod messages;
mod requests;
mod strangers;

use super::{Attack, Saw, Target};

/// Which attack.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Origin,
    Long,
    Utf8,
    Nonsense,
    Rude,
    Flood,
    Fragments,
    Deaf,
    Half,
    Heads,
    Pipelined,
    Silent,
    Crowd,
    Backplane,
}

/// All attacks, in the order of the show: from one request to many connections.
pub const ATTACKS: &[Attack] = &[
    Attack {
        name: "origin",
        does: "pages of other sites open a WebSocket in a visitor's browser",
        guard: "check the Origin header before the upgrade",
        from: 4,
        kind: Kind::Origin,
    },
    Attack {
        name: "long",
        does: "messages of 4,097 bytes and 1 MB, and 64 MB only announced",
        guard: "limit a message to 4 KiB, and close with 1009",
        from: 4,
        kind: Kind::Long,
    },
    Attack {
        name: "utf8",
        does: "texts that are not UTF-8",
        guard: "close with 1007, which says what was wrong",
        from: 4,
        kind: Kind::Utf8,
    },
    Attack {
        name: "nonsense",
        does: "events that no page sends: brackets, 1e400, null, bytes",
        guard: "answer an invalid event with an error, and never unwrap it",
        from: 6,
        kind: Kind::Nonsense,
    },
    Attack {
        name: "rude",
        does: "goodbyes and frames that the protocol forbids, pulled cables",
        guard: "treat every end of a connection alike, for that client only",
        from: 4,
        kind: Kind::Rude,
    },
    Attack {
        name: "flood",
        does: "two clients send events as fast as the server takes them",
        guard: "slow down a client above its rate, then close with 1008",
        from: 4,
        kind: Kind::Flood,
    },
    Attack {
        name: "fragments",
        does: "two clients begin a message and never end it",
        guard: "count bytes where they come in, not only messages",
        from: 4,
        kind: Kind::Fragments,
    },
    Attack {
        name: "deaf",
        does: "20 clients never read, while everybody gets many messages",
        guard: "give every write a time limit",
        from: 8,
        kind: Kind::Deaf,
    },
    Attack {
        name: "half",
        does: "180 connections never finish their request, or say nothing",
        guard: "give the head of a request a time limit",
        from: 4,
        kind: Kind::Half,
    },
    Attack {
        name: "heads",
        does: "40 requests whose heads go on for 380 KB",
        guard: "limit the head of a request to 16 KiB",
        from: 4,
        kind: Kind::Heads,
    },
    Attack {
        name: "pipelined",
        does: "40 clients ask for the page 700 times and never read",
        guard: "give all HTTP on a connection a time limit",
        from: 4,
        kind: Kind::Pipelined,
    },
    Attack {
        name: "silent",
        does: "20 clients vanish without a goodbye, like a shut laptop",
        guard: "ping now and then, and end a client after two unanswered pings",
        from: 4,
        kind: Kind::Silent,
    },
    Attack {
        name: "crowd",
        does: "400 clients come at once, more than there are seats",
        guard: "limit the seats, and answer 503 when none is free",
        from: 4,
        kind: Kind::Crowd,
    },
    Attack {
        name: "backplane",
        does: "a stranger on NATS publishes nonsense, forgeries, a flood",
        guard: "check what comes from the backplane, and limit its rate",
        from: 17,
        kind: Kind::Backplane,
    },
];

impl Attack {
    /// The attack of this name.
    ///
    /// # Errors
    /// A sentence that says which there are.
    pub fn parse(name: &str) -> Result<&'static Attack, String> {
        let found = ATTACKS.iter().find(|attack| attack.name == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = ATTACKS.iter().map(|attack| attack.name).collect();
            format!("there is no such attack\nThere are: {}.", names.join(", "))
        })
    }

    /// Why it would say nothing of this server, if that is so.
    pub fn is_pointless(&self, target: &Target) -> Option<String> {
        if target.step < self.from {
            return Some(format!("it needs what step {} adds", self.from));
        }
        if matches!(self.kind, Kind::Backplane) && target.backplane.is_none() {
            return Some("it needs nats-server and a program that we start; cargo xtask doctor says what is missing".into());
        }
        let seats = target.settings.max_connections;
        let is_roomy = matches!(self.kind, Kind::Crowd) && seats >= crowds::CROWD;
        is_roomy.then(|| {
            format!(
                "{} clients are too few for {seats} seats; start the server and this command with MAX_CONNECTIONS=200",
                crowds::CROWD
            )
        })
    }

    /// Attacks, and looks what the server does about it. It takes seconds at most.
    pub async fn strike(&self, target: &Target) -> Saw {
        match self.kind {
            Kind::Origin => strangers::origin(target).await,
            Kind::Half => strangers::half(target).await,
            Kind::Rude => strangers::rude(target).await,
            Kind::Long => messages::long(target).await,
            Kind::Utf8 => messages::utf8(target).await,
            Kind::Nonsense => messages::nonsense(target).await,
            Kind::Flood => floods::flood(target).await,
            Kind::Fragments => floods::fragments(target).await,
            Kind::Heads => requests::heads(target).await,
            Kind::Pipelined => requests::pipelined(target).await,
            Kind::Deaf => floods::deaf(target).await,
            Kind::Silent => crowds::silent(target).await,
            Kind::Crowd => crowds::crowd(target).await,
            Kind::Backplane => backplane::backplane(target).await,
        }
    }
}

/// `14 times`, `once`: how often each of these occurred, in the order in which they came first.
fn tally(words: impl IntoIterator<Item = String>) -> Vec<(usize, String)> {
    let mut tally: Vec<(usize, String)> = Vec::new();
    for word in words {
        match tally.iter_mut().find(|(_, known)| *known == word) {
            Some((count, _)) => *count += 1,
            None => tally.push((1, word)),
        }
    }
    tally
}

/// What [`tally`] counted, as one text: `4 closed with 1009, 1 cut without a word`.
fn counted(words: impl IntoIterator<Item = String>) -> String {
    let parts = tally(words).into_iter();
    let parts: Vec<String> = parts
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attack_has_a_name_of_its_own() {
        for attack in ATTACKS {
            let found = Attack::parse(attack.name).unwrap();
            assert_eq!(found.does, attack.does);
            assert!(attack.does.len() <= 60, "{}", attack.name);
        }
        assert!(Attack::parse("nuke").is_err_and(|it| it.contains("origin, long")));
    }

    #[test]
    fn what_is_the_same_is_said_once() {
        let words = ["a", "b", "a"].map(String::from);
        assert_eq!(counted(words), "2 a, 1 b");
    }
}
