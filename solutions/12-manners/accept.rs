//! How connections come in: the address that we listen at, and the loop that accepts. Explained in step 11.

use std::io;

use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::{self, Duration};
use warp::Reply;
use warp::filters::BoxedFilter;

use crate::connection::Connection;
use crate::door::PLACES;
use crate::settings::SETTINGS;

/// A listener whose connections send each frame at once. By default TCP waits for more to send with it: right for a
/// download, but an answer that is 40 milliseconds late can be seen.
pub fn listen(address: &str) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_nodelay(true)?;
    #[cfg(unix)]
    // Elsewhere the option means something else, and there it is not needed for a quick restart.
    socket.set_reuseaddr(true)?;
    // [patience]
    // Without this, the system keeps up to 4 MB for a browser that does not read before we notice. All of it is out of date.
    socket.set_send_buffer_size(64 * 1024)?;
    // [end patience]
    socket.bind(address.parse().map_err(io::Error::other)?)?;
    socket.listen(1024)
}

/// Accepts connections, and answers the requests of each by the routing rules.
pub async fn serve(listener: TcpListener, routes: BoxedFilter<(impl Reply + 'static,)>) {
    let service = TowerToHyperService::new(warp::service(routes));
    let mut http = http1::Builder::new();
    http.timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(SETTINGS.patience)
        .max_buf_size(16 * 1024);
    loop {
        let place = PLACES.acquire().await.expect("nobody closes it");
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files may be open. That is no reason to end, nor to ask again a million times a second.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let connection = Connection::new(stream, place);
        let connection = http.serve_connection(TokioIo::new(connection), service.clone());
        // A WebSocket leaves this task at its upgrade, and gets one of its own.
        let connection = connection.with_upgrades();
        tokio::spawn(time::timeout(3 * SETTINGS.patience, connection));
    }
}
