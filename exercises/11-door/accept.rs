//! How connections come in: the address that we listen at, and the loop that accepts. Explained in step 11.

use std::io;

// For the loop that accepts connections. warp is built on hyper, which does the HTTP.
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::net::{TcpListener, TcpSocket};
// And for what the loop uses.
use tokio::time::{self, Duration};
use warp::Reply;
use warp::filters::BoxedFilter;

use crate::connection::Connection;
// TODO: For the places.
// TODO: For the time that a head may take.

/// A listener whose connections send each frame at once. By default TCP waits for more to send with it: right for a
/// download, but an answer that is 40 milliseconds late can be seen.
pub fn listen(address: &str) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_nodelay(true)?;
    #[cfg(unix)]
    // Elsewhere the option means something else, and there it is not needed for a quick restart.
    socket.set_reuseaddr(true)?;
    socket.bind(address.parse().map_err(io::Error::other)?)?;
    socket.listen(1024)
}

// The loop that `warp::serve` has inside. Each connection is a task.
/// Accepts connections, and answers the requests of each by the routing rules.
pub async fn serve(listener: TcpListener, routes: BoxedFilter<(impl Reply + 'static,)>) {
    let service = TowerToHyperService::new(warp::service(routes));
    // TODO: Give a request's head SETTINGS.patience to be whole, and 16 KiB. hyper can do it if it gets a clock, TokioTimer.
    let http = http1::Builder::new();
    loop {
        // TODO: Take a place before you accept. If none is free, the next connection waits outside, where the system keeps it for nothing.
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files may be open. That is no reason to end, nor to ask again a million times a second.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // TODO: Put the place into the connection, so that it is given back when the connection ends.
        let connection = Connection::new(stream);
        let connection = http.serve_connection(TokioIo::new(connection), service.clone());
        // A WebSocket leaves this task at its upgrade, and gets one of its own.
        let connection = connection.with_upgrades();
        // TODO: Give the HTTP of a connection an end, whatever it waits for: three times SETTINGS.patience.
        tokio::spawn(connection);
    }
}
