//! The loop that accepts connections, as in steps 11 and 12: so many at a time, each with so much time for its requests.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::{sleep, timeout};

use crate::crowd::Crowd;
use crate::site::Answers;

/// So many requests may be under way, and so many of them from one address. A WebSocket is none any more: it has places of
/// its own.
const REQUESTS: usize = 1024;
const REQUESTS_EACH: usize = 128;

/// How long the head of a request may take to be whole.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a connection may be one for requests.
const LONGEST: Duration = Duration::from_secs(15);

/// A listener whose connections send each frame at once, and that keeps little of what one of them does not read.
///
/// # Errors
/// When the address cannot be had.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_nodelay(true)?;
    #[cfg(unix)]
    // Elsewhere the option means something else, and there it is not needed for a quick restart.
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(64 * 1024)?;
    socket.bind(address)?;
    socket.listen(1024)
}

/// Accepts connections, and answers what comes in each.
pub async fn serve(listener: TcpListener, answers: Answers) {
    let requests = Crowd::of(REQUESTS, REQUESTS_EACH);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(16 * 1024);
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            // Too many files are open, say. That is no reason to end, nor to ask again a million times a second.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Whoever finds no place is turned away at once: those who wait behind them have done nothing.
        let Some(place) = requests.enter(from.ip()) else {
            continue;
        };
        let service = warp::service(answers.clone().routes(from.ip()));
        let service = TowerToHyperService::new(service);
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connection.with_upgrades();
        tokio::spawn(async move {
            // The WebSocket has left this task by then: at the upgrade it gets one of its own.
            let _ = timeout(LONGEST, connection).await;
            drop(place);
        });
    }
}
