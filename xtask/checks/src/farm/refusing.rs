//! Step 17: a NATS that lets nobody in, because the password is another one.

use std::cell::RefCell;
use std::time::Duration;

use farm::endpoint::Endpoint;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, interval};

use crate::farm::Farm;
use crate::scene::seconds;
use crate::{Diagnosis, Outcome};

/// Over what time tries are counted: the first of these times shows how an endpoint begins, a later one what it comes to.
const SPAN: Duration = Duration::from_secs(2);
/// In how long it has to have become rarer.
const WITHIN: Duration = Duration::from_secs(10);
/// So many tries in [`SPAN`] are seldom, however an endpoint begins.
const SELDOM: usize = 2;
/// So many lines may a log have of it: what has happened, and what is tried now.
const LINES: usize = 5;

/// An endpoint whose password is refused asks less and less often, and fills no log with it.
pub async fn a_nats_that_refuses_is_asked_seldom(farm: &mut Farm) -> Outcome {
    let nats = Refusing::start()
        .await
        .map_err(|error| farm.failure(Diagnosis::UNKNOWN).came(error.to_string()))?;
    let mut endpoint = farm.one_more(&nats.url()).await?;
    let told = tokio::select! {
        () = nats.refuse() => None,
        late = nats.is_asked_seldom(WITHIN.mul_f64(farm.context.patience)) => late,
    };
    let sent = "NATS refuses this endpoint's password";
    if let Some([first, late]) = told {
        return Err(farm
            .failure(Diagnosis::ASKS_WITHOUT_A_PAUSE)
            .sent(sent.into())
            .expected("the endpoint asks less and less often".into())
            .came(format!(
                "{first} times in the first {span}, and still {late} times in {span} after {}",
                seconds(WITHIN),
                span = seconds(SPAN)
            ))
            .into());
    }
    let (lines, tries) = (lines_of(&mut endpoint), nats.tries.borrow().len());
    if lines.len() <= LINES {
        return Ok(());
    }
    Err(farm
        .failure(Diagnosis::SAYS_IT_EACH_TIME)
        .sent(sent.into())
        .expected(format!("at most {LINES} lines about it in the log"))
        .came(format!("{} lines after {tries} tries", lines.len()))
        .quoted(lines[lines.len() - 3..].join("\n"))
        .into())
}

/// What an endpoint has printed of the backplane, a line each: what it says at its start is something else.
fn lines_of(endpoint: &mut Endpoint) -> Vec<String> {
    let Some(program) = endpoint.program() else {
        return Vec::new();
    };
    let said = program.output();
    let all = format!("{}\n{}", said.stdout, said.stderr);
    let is_start = |line: &str| line.contains("at most") || line.contains("listening on");
    all.lines()
        .filter(|line| !line.trim().is_empty() && !is_start(line))
        .map(str::to_owned)
        .collect()
}

impl Farm {
    /// An endpoint beside the others, whose backplane is at this address.
    async fn one_more(&self, url: &str) -> Result<Endpoint, super::Failure> {
        let program = self.context.program.get().cloned();
        let program = program.expect("the program was built by the check before");
        let env = vec![("NATS_URL".into(), url.into())];
        let mut endpoint = Endpoint::new(self.endpoints.len() + 1, program, env);
        match endpoint.start_anywhere().await {
            Ok(()) => Ok(endpoint),
            Err(error) => Err(self
                .failure(Diagnosis::DIES_WITHOUT_NATS)
                .expected("the endpoint serves, with NATS or without it".into())
                .came(format!("{error:#}"))),
        }
    }
}

/// It says hello as NATS does, and then that nobody may come in.
struct Refusing {
    listener: TcpListener,
    tries: RefCell<Vec<Instant>>,
}

impl Refusing {
    async fn start() -> std::io::Result<Refusing> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let tries = RefCell::default();
        Ok(Refusing { listener, tries })
    }

    fn url(&self) -> String {
        let port = self.listener.local_addr().map_or(0, |it| it.port());
        format!("nats://ada:wrong@127.0.0.1:{port}")
    }

    /// Refuses whoever comes, for ever.
    async fn refuse(&self) {
        loop {
            if let Ok((stream, _)) = self.listener.accept().await {
                self.tries.borrow_mut().push(Instant::now());
                let _ = refuse(stream).await;
            }
        }
    }

    /// Waits until it is asked seldom. If that takes longer than this, returns how often it was asked at first, and at last.
    async fn is_asked_seldom(&self, within: Duration) -> Option<[usize; 2]> {
        let mut clock = interval(Duration::from_millis(100));
        let started = Instant::now();
        loop {
            clock.tick().await;
            let now = Instant::now();
            let tries = self.tries.borrow();
            let Some(&first) = tries.first() else {
                // One that never comes asks nobody too often.
                if now - started > within {
                    return None;
                }
                continue;
            };
            let at_first = tries.iter().filter(|at| **at - first < SPAN).count();
            let at_last = tries.iter().filter(|at| now - **at < SPAN).count();
            let is_later = now - first > SPAN * 2;
            if is_later && (at_last <= SELDOM || at_last * 2 <= at_first) {
                return None;
            }
            if now - first > within {
                return Some([at_first, at_last]);
            }
        }
    }
}

async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    let port = stream.local_addr()?.port();
    let info = json!({
        "server_id": "REFUSES", "server_name": "REFUSES", "version": "2.10.0", "go": "go1.21", "proto": 1,
        "host": "127.0.0.1", "port": port, "headers": true, "auth_required": true, "max_payload": 1_048_576,
    });
    stream
        .write_all(format!("INFO {info}\r\n").as_bytes())
        .await?;
    // It has to have said who it is, otherwise there is nothing to refuse.
    let mut hello = [0; 1024];
    let reading = stream.read(&mut hello);
    let _ = tokio::time::timeout(Duration::from_millis(500), reading).await;
    stream
        .write_all(b"-ERR 'Authorization Violation'\r\n")
        .await?;
    stream.shutdown().await
}

diagnoses! {
    ASKS_WITHOUT_A_PAUSE "asks-without-a-pause":
        "NATS has refused this endpoint, but the endpoint goes on trying as often as at first. Another try does not make the password right, and if all endpoints try at once, they flood NATS."
        => "Look at the options of the connection: the pause before the next try has to grow with each try.";
    SAYS_IT_EACH_TIME "says-it-each-time":
        "NATS refuses this endpoint, and each try writes a line to the log. Nobody reads ten thousand lines, and the disk fills up."
        => "Look at where the events of the connection are printed: remember the last event, and print nothing while it stays the same.";
}
