//! Who is let in: whose page it is that asks, whether a seat is free, and how long a request may take.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use wire::raw::{End, Raw};
use wire::upgrade;

use crate::report::Failure;
use crate::{Diagnosis, Outcome, Scene};

/// What a request for a WebSocket got: a status, or in words why it got none.
type Answered = Result<u16, String>;

impl Scene {
    /// A connection on which nothing is said yet.
    pub(crate) async fn raw(&self, name: &str) -> Result<Raw, Failure> {
        let opening = timeout(self.wait(), Raw::open(name, self.address, &self.transcript));
        let why = match opening.await {
            Ok(Ok(raw)) => return Ok(raw),
            Ok(Err(error)) => error.to_string(),
            Err(_) => self.nothing(),
        };
        let came = format!("no connection: {why}");
        Err(self.failure(Diagnosis::UNKNOWN).came(came))
    }

    /// A raw connection for which the system keeps little.
    pub(crate) async fn raw_narrow(&self, name: &str) -> Result<Raw, Failure> {
        let opening = Raw::open_narrow(name, self.address, &self.transcript).await;
        opening.map_err(|error| {
            let came = format!("no connection: {error}");
            self.failure(Diagnosis::UNKNOWN).came(came)
        })
    }

    /// The same, when it is a WebSocket.
    pub(crate) async fn raw_narrow_client(&self, name: &str) -> Result<Raw, Failure> {
        let mut raw = self.raw_narrow(name).await?;
        match timeout(self.wait(), raw.upgrade(None)).await {
            Ok(Ok(101)) => Ok(raw),
            _ => Err(self.failure(Diagnosis::NO_WEB_SOCKET)),
        }
    }

    /// Asks for a WebSocket, as a page of `origin` would.
    pub(crate) async fn knock(
        &self,
        name: &str,
        origin: Option<&str>,
    ) -> Result<(Raw, Answered), Failure> {
        let mut raw = self.raw(name).await?;
        let answered = match timeout(self.wait(), raw.upgrade(origin)).await {
            Ok(Ok(status)) => Ok(status),
            Ok(Err(error)) => Err(format!("no answer: {error}")),
            Err(_) => Err(format!("no answer, in {:?}", self.wait())),
        };
        Ok((raw, answered))
    }

    /// A raw connection that is a WebSocket.
    pub(crate) async fn raw_client(&self, name: &str) -> Result<Raw, Failure> {
        match self.knock(name, None).await? {
            (raw, Ok(101)) => Ok(raw),
            (_, answered) => Err(self
                .failure(Diagnosis::NO_WEB_SOCKET)
                .expected("101, and a connection".into())
                .came(in_words(&answered))),
        }
    }
}

fn in_words(answered: &Answered) -> String {
    match answered {
        Ok(status) => format!("the status {status}"),
        Err(why) => why.clone(),
    }
}

/// A page of the server's own may connect. That a program may, which says no origin, all other checks rest on.
pub async fn its_own_page_may_connect(scene: Rc<Scene>) -> Outcome {
    let own = format!("http://{}", scene.address);
    let (_raw, answered) = scene.knock("left", Some(&own)).await?;
    if answered == Ok(101) {
        return Ok(());
    }
    Err(scene
        .failure(Diagnosis::OWN_ORIGIN_REFUSED)
        .sent(format!("GET {own}/ws, Origin: {own}"))
        .expected("101, and a WebSocket".into())
        .came(in_words(&answered))
        .into())
}

/// Origins that are not the server's, and what it means if one of them is let in though those before it are not.
fn foreign(own: SocketAddr) -> Vec<(String, Diagnosis)> {
    let (ip, port) = (own.ip(), own.port());
    let another = port.checked_add(1).unwrap_or(port - 1);
    let in_part = [
        format!("http://{ip}:{another}"),
        format!("http://{own}.evil.example"),
        format!("http://evil-{own}"),
        format!("http://evil.example/?http://{own}"),
    ];
    let none_of_it = ["http://evil.example", "null"].map(String::from);
    let accepted = none_of_it.map(|it| (it, Diagnosis::FOREIGN_ORIGIN_ACCEPTED));
    let in_part = in_part.map(|it| (it, Diagnosis::ORIGIN_COMPARED_IN_PART));
    accepted.into_iter().chain(in_part).collect()
}

/// Any other page is refused before the upgrade, with 403.
pub async fn another_sites_page_is_refused(scene: Rc<Scene>) -> Outcome {
    for (origin, accepted) in foreign(scene.address) {
        let (mut raw, answered) = scene.knock("foreign", Some(&origin)).await?;
        if answered == Ok(403) {
            continue;
        }
        let (diagnosis, came) = wrongly_refused(&scene, &mut raw, answered, accepted).await;
        return Err(scene
            .failure(diagnosis)
            .sent(format!("GET http://{}/ws, Origin: {origin}", scene.address))
            .expected("403, and no WebSocket".into())
            .came(came)
            .into());
    }
    Ok(())
}

/// What is wrong with the answer to a request that is to be refused; `let_in` is what a WebSocket means.
async fn wrongly_refused(
    scene: &Scene,
    raw: &mut Raw,
    answered: Answered,
    let_in: Diagnosis,
) -> (Diagnosis, String) {
    match answered {
        Ok(101) => match raw.end(scene.wait()).await {
            End::Open => (let_in, "101, and a WebSocket".into()),
            end => (
                Diagnosis::REFUSED_TOO_LATE,
                format!("101, then {}", end.in_words()),
            ),
        },
        Ok(_) => (Diagnosis::REFUSED_WITH_ANOTHER_STATUS, in_words(&answered)),
        Err(came) => (Diagnosis::REFUSED_WITHOUT_A_WORD, came),
    }
}

/// How many seats there are in the checks of the seats.
const SEATS: usize = 4;

/// When all seats are taken, the next one gets 503, before the upgrade.
pub async fn when_it_is_full_it_answers_503(scene: Rc<Scene>) -> Outcome {
    let _seated = scene
        .clients(["client 1", "client 2", "client 3", "client 4"])
        .await?;
    let (mut raw, answered) = scene.knock("one more", None).await?;
    let (diagnosis, came) = match answered {
        Ok(503) => return Ok(()),
        // A connection that is still open waits for a seat.
        Err(came) if raw.end(Duration::ZERO).await == End::Open => {
            (Diagnosis::WAITS_FOR_A_SEAT, came)
        }
        other => wrongly_refused(&scene, &mut raw, other, Diagnosis::NO_SEAT_LIMIT).await,
    };
    Err(scene
        .failure(diagnosis)
        .sent(format!(
            "MAX_CONNECTIONS={SEATS}; {SEATS} are connected, and one more asks for /ws"
        ))
        .expected("503, and no WebSocket".into())
        .came(came)
        .into())
}

/// A seat is given again, however the one who had it has gone; and who was refused has taken none.
pub async fn a_seat_is_given_again(scene: Rc<Scene>) -> Outcome {
    let names = ["client 1", "client 2", "client 3", "client 4"];
    let [first, mut second, _third, _fourth] = scene.clients(names).await?;
    first.vanish();
    let _fifth = a_free_seat(&scene, "client 1 vanishes", Diagnosis::SEAT_NOT_GIVEN_BACK).await?;
    let _ = second.send_frame(Message::Close(None)).await;
    drop(second);
    let sixth = a_free_seat(&scene, "client 2 leaves", Diagnosis::SEAT_NOT_GIVEN_BACK).await?;
    drop(sixth);
    // More than there are seats: each would take one for ever.
    for _ in 0..2 * SEATS {
        let _ = scene.knock("foreign", Some("http://evil.example")).await?;
        // This one has gone before it could be let in.
        let mut hasty = scene.raw("hasty").await?;
        let _ = hasty
            .write(upgrade::request("/ws", scene.address, "").as_bytes())
            .await;
    }
    let done = "the server refuses foreign pages, and other clients leave before it lets them in";
    a_free_seat(&scene, done, Diagnosis::SEAT_LOST_AT_THE_DOOR).await?;
    Ok(())
}

/// Asks until somebody gets a seat: that one has gone may be noticed a little later.
async fn a_free_seat(scene: &Scene, done: &str, otherwise: Diagnosis) -> Result<Raw, Failure> {
    let deadline = Instant::now() + scene.wait();
    loop {
        let (raw, answered) = scene.knock("the next", None).await?;
        if answered == Ok(101) {
            return Ok(raw);
        }
        if Instant::now() > deadline {
            return Err(scene
                .failure(otherwise)
                .sent(format!(
                    "MAX_CONNECTIONS={SEATS}, and all seats are taken; {done}; the next client asks for /ws"
                ))
                .expected("101, and a WebSocket".into())
                .came(in_words(&answered)));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// While one has said half of a request, all others are served.
pub async fn half_a_request_holds_up_nobody(scene: Rc<Scene>) -> Outcome {
    let mut slow = scene.raw("slow").await?;
    let _ = slow.write(b"GET /ws HTTP/1.1\r\nHost: ").await;
    slow.note("half of a request");
    let otherwise = Diagnosis::HELD_UP_AT_THE_DOOR;
    let mut left = scene.client("left", otherwise).await?;
    let mut right = scene.client("right", otherwise).await?;
    crate::socket::ping_and_close::is_served(&scene, &mut left, otherwise).await?;
    crate::socket::ping_and_close::is_served(&scene, &mut right, otherwise).await?;
    scene.still_relays(&mut left, &mut right, otherwise).await?;
    Ok(())
}

/// Half of a request line, half of a head, a connection that says nothing, and one that says a letter now and then: each
/// ends when PATIENCE is over.
pub async fn half_a_request_ends(scene: Rc<Scene>) -> Outcome {
    let head = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nX-Slow: ";
    let halves = [
        (
            "half of a request line",
            "GET /w",
            Diagnosis::HALF_REQUEST_STAYS,
        ),
        ("half of a handshake", head, Diagnosis::HALF_REQUEST_STAYS),
        ("nothing", "", Diagnosis::HALF_REQUEST_STAYS),
        (
            "a letter every 200 ms",
            head,
            Diagnosis::TRICKLE_RESETS_THE_CLOCK,
        ),
    ];
    // PATIENCE is a second.
    let within = Duration::from_secs(1) + scene.wait();
    let ends = halves.map(|(what, sent, diagnosis)| {
        let scene = scene.clone();
        async move {
            let mut slow = scene.raw("slow").await?;
            let _ = slow.write(sent.as_bytes()).await;
            let is_closed = match diagnosis {
                Diagnosis::TRICKLE_RESETS_THE_CLOCK => trickle(slow, within).await,
                _ => slow.is_closed(within).await,
            };
            match is_closed {
                true => Ok(()),
                false => Err(scene
                    .failure(diagnosis)
                    .sent(format!("PATIENCE=1; a client connects and sends {what}"))
                    .expected("the connection ends after a second".into())
                    .came(format!(
                        "it is still there after {}",
                        crate::scene::seconds(within)
                    ))),
            }
        }
    });
    for ended in join_all(ends).await {
        ended?;
    }
    Ok(())
}

/// Says one letter more of a header, again and again, and returns whether the connection ends in time.
async fn trickle(mut slow: Raw, within: Duration) -> bool {
    let mut clock = interval(Duration::from_millis(200));
    let writing = async {
        loop {
            clock.tick().await;
            if slow.write(b"a").await.is_err() {
                return;
            }
        }
    };
    timeout(within, writing).await.is_ok()
}

diagnoses! {
    OWN_ORIGIN_REFUSED "own-origin-refused":
        "The server refuses its own page. The Origin of that page equals the scheme and the host of the request, but the rule finds them different."
        => "Look at the comparison: the Origin is the scheme, http or https, then ://, then the header Host with its port.";
    FOREIGN_ORIGIN_ACCEPTED "foreign-origin-accepted":
        "Another site's page opens a WebSocket to this server, in the browser of a visitor, and with the cookies of this server. The browser names the site in the header Origin, but the server does not look at it."
        => "Look at the rule for /ws: before the upgrade it has to compare Origin with Host, and refuse the request if they differ.";
    ORIGIN_COMPARED_IN_PART "origin-compared-in-part":
        "The server compares only a part of the Origin. So it lets in an Origin with another port, or one that only begins or ends like the right one. Anybody can register such a name."
        => "Look at the comparison: it has to cover the whole text, from the first letter to the last, with the port.";
    REFUSED_TOO_LATE "refused-too-late":
        "The request becomes a WebSocket before it is refused, so the other side believes that it was let in."
        => "Look at the place where the server refuses the request. It has to come before the upgrade, or replace it.";
    REFUSED_WITH_ANOTHER_STATUS "refused-with-another-status":
        "The server refuses the request with the wrong status. 403 is for another site's page, 503 is for a server without a free seat."
        => "Look at how the server chooses the status: each reason needs a rejection or a reply of its own.";
    WAITS_FOR_A_SEAT "waits-for-a-seat":
        "If all seats are taken, the server lets the request wait for one and answers nothing. The page cannot know whether to try again, and each request that waits is an open connection."
        => "Take a seat only if one is free: try_acquire does not wait. Otherwise, answer with 503.";
    REFUSED_WITHOUT_A_WORD "refused-without-a-word":
        "The server refuses the request without an answer. To the other side, that is a server that has crashed."
        => "Answer the request: with 403 for another site's page, and with 503 if there is no free seat.";
    NO_SEAT_LIMIT "no-seat-limit":
        "The server lets in more WebSockets than MAX_CONNECTIONS. Each costs memory and a file descriptor; a server that runs out of either serves nobody."
        => "Look at what comes before the upgrade. Take a seat there, and if there is no free seat, answer with 503. The task of the connection keeps its seat until it ends.";
    SEAT_NOT_GIVEN_BACK "seat-not-given-back":
        "A client has left, but its seat stays taken. Soon nobody gets in any more."
        => "Look at what holds the permit. The task has to keep it until the task ends, however it ends. It is not enough to give the permit back at the close frame.";
    SEAT_LOST_AT_THE_DOOR "seat-lost-at-the-door":
        "A request keeps its seat for ever if the server refuses it, or if its sender leaves before the upgrade."
        => "Look at when the server takes the seat: all other rules have to come first. Then look at what holds the seat during the upgrade.";
    HALF_REQUEST_STAYS "half-request-stays":
        "A connection that never finishes its request stays open. A few thousand of them use up all the files of the system."
        => "Look at how a connection is served: the head of a request needs a time limit, SETTINGS.patience, and the server needs a timer for it.";
    TRICKLE_RESETS_THE_CLOCK "trickle-resets-the-clock":
        "A connection that sends one letter now and then stays for ever, because each letter restarts the clock."
        => "Give the whole head one deadline, and not each read its own.";
    HELD_UP_AT_THE_DOOR "held-up-at-the-door":
        "While one client has sent only half of its request, nobody else gets in, because the loop that accepts waits for the rest."
        => "Look at the loop that accepts: each connection needs a task of its own, so that the loop can go on.";
}
