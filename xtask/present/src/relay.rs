//! The app behind a relay: whoever connects is piped, byte for byte, to the program that answers now.
//!
//! So a program can be exchanged for the next one without an address that changes, and what goes over the wire can be seen
//! without asking the app.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::edge;
use crate::wire::{Direction, Log, Window, Wire};

/// Where the app answers; `None` as long as none does.
type Answers = Option<SocketAddr>;

/// The way to the app.
pub struct Relay {
    answers: watch::Sender<Answers>,
    log: Arc<Log>,
}

impl Relay {
    /// A relay that leads nowhere yet. What passes is noted in the log.
    pub fn new(log: Arc<Log>) -> Relay {
        Relay {
            answers: watch::Sender::new(None),
            log,
        }
    }

    /// Relays who comes to this listener, as long as there is a runtime.
    pub fn listen(&self, listener: TcpListener, window: Window) {
        let (answers, log) = (self.answers.clone(), self.log.clone());
        tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((client, _)) => {
                        let wire = Wire::new(window, log.clone());
                        tokio::spawn(relayed(client, answers.subscribe(), wire));
                    }
                    // There are too many open files, say. The next one may come when some of them are closed.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
    }

    /// Leads to this program from now on, and cuts every connection to the one before.
    pub fn lead_to(&self, answers: Answers) {
        self.answers.send_replace(answers);
    }
}

/// One connection, from beginning to end. It ends when either side ends it, or another program takes over.
async fn relayed(client: TcpStream, mut answers: watch::Receiver<Answers>, wire: Wire) {
    let mut client = client;
    // Only a pane of ours has an edge; what everybody else sends passes as it is.
    let first = match wire.window() {
        Window::Other => Vec::new(),
        Window::Left | Window::Right => match edge::first_of(&mut client).await {
            Some(first) => first,
            None => return,
        },
    };
    let address = *answers.borrow_and_update();
    let app = match address {
        Some(address) => TcpStream::connect(address).await.ok(),
        None => None,
    };
    let Some(app) = app else {
        return nobody_answers(client).await;
    };
    // Each frame is to arrive as soon as it was sent.
    let _ = (client.set_nodelay(true), app.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_app, mut to_app) = app.into_split();
    let mut wire = wire;
    wire.passed(Direction::Up, &first);
    if to_app.write_all(&first).await.is_err() {
        return;
    }
    let wire = Mutex::new(wire);
    let passing = async {
        tokio::try_join!(
            pass(from_client, to_app, Direction::Up, &wire),
            pass(from_app, to_client, Direction::Down, &wire),
        )
    };
    tokio::select! {
        _ = passing => {}
        _ = answers.changed() => {}
    }
    wire.into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .end();
}

/// Passes on all that comes, and shows the wire a copy.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    wire: &Mutex<Wire>,
) -> std::io::Result<()> {
    let noted = || wire.lock().unwrap_or_else(PoisonError::into_inner);
    let mut buffer = vec![0; 16 * 1024];
    loop {
        // An error is the end of the connection as well: a browser that closes a window resets it.
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            noted().ended_by(direction);
            return to.shutdown().await;
        }
        noted().passed(direction, &buffer[..read]);
        to.write_all(&buffer[..read]).await?;
    }
}

/// Tells who comes too early. The page does not show a pane before there is an app; another window may ask all the same.
async fn nobody_answers(mut client: TcpStream) {
    const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Retry-After: 1\r\nConnection: close\r\n\r\nThe app does not run yet. Reload this page in a moment.\n";
    let answer = async {
        // A request that is not read before the end would take the answer with it.
        let mut request = [0; 4096];
        let _ = client.read(&mut request).await;
        let _ = client.write_all(ANSWER).await;
        let _ = client.shutdown().await;
        while let Ok(1..) = client.read(&mut request).await {}
    };
    let _ = tokio::time::timeout(Duration::from_secs(2), answer).await;
}
