//! How connections come in: the address that we listen at, and the loop that accepts. Explained in step 11.

use std::io;

// [accept]
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
// [end accept]
use tokio::net::{TcpListener, TcpSocket};
// [accept]
use tokio::time::{self, Duration};
use warp::Reply;
use warp::filters::BoxedFilter;

use crate::connection::Connection;
// [places]
use crate::door::PLACES;
// [end places]
// [head]
use crate::settings::SETTINGS;
// [end head]
// [end accept]

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

// [accept]
/// Accepts connections, and answers the requests of each by the routing rules.
pub async fn serve(listener: TcpListener, routes: BoxedFilter<(impl Reply + 'static,)>) {
    let service = TowerToHyperService::new(warp::service(routes));
    // [head]
    let mut http = http1::Builder::new();
    http.timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(SETTINGS.patience)
        .max_buf_size(16 * 1024);
    // [end head]
    loop {
        // [places]
        let place = PLACES.acquire().await.expect("nobody closes it");
        // [end places]
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files may be open. That is no reason to end, nor to ask again a million times a second.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // [places]
        let connection = Connection::new(stream, place);
        // [end places]
        let connection = http.serve_connection(TokioIo::new(connection), service.clone());
        // A WebSocket leaves this task at its upgrade, and gets one of its own.
        let connection = connection.with_upgrades();
        // [http]
        tokio::spawn(time::timeout(3 * SETTINGS.patience, connection));
        // [end http]
    }
}
// [end accept]
