//! A real browser against a page and a server of our own. Without a browser these fail: nothing else would notice.

mod events;
mod lives;
mod pages;

use std::path::PathBuf;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Long enough for a busy machine: only a failing test waits for it.
const SOON: Duration = Duration::from_secs(10);

const PAGE: &str = "<!doctype html><title>here</title>
<body style='height: 3000px'><script>
const seen = [];
addEventListener('mousemove', evt => seen.push([evt.pageX, evt.pageY]));
</script>";

/// Serves `page` at `/` and as often as it is asked for, echoes at `/ws`, never answers `/never`; the rest is a 404.
async fn serve(page: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, page));
        }
    });
    format!("http://{address}/")
}

async fn answer(mut stream: TcpStream, page: &str) -> std::io::Result<()> {
    let mut head = [0; 4096];
    let peeked = stream.peek(&mut head).await?;
    let request = String::from_utf8_lossy(&head[..peeked]).into_owned();
    let body = match request.split(' ').nth(1) {
        Some("/") => page,
        Some("/never") => std::future::pending().await,
        Some("/ws") => {
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                let _ = socket.send(message).await;
            }
            return Ok(());
        }
        _ => "",
    };
    let status = if body.is_empty() {
        "404 Not Found"
    } else {
        "200 OK"
    };
    let _ = stream.read(&mut head).await?;
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(response.as_bytes()).await
}

fn chosen() -> PathBuf {
    find()
        .unwrap()
        .unwrap_or_else(|| panic!("these tests need a browser: {}", how_to_install()))
}

async fn start() -> Browser {
    Browser::launch(&chosen()).await.unwrap()
}

/// Opens `page` in one window, does something with it, and closes the browser.
async fn with_page(page: &'static str, with: impl AsyncFnOnce(&Page, &str)) {
    let url = serve(page).await;
    let browser = start().await;
    let page = browser.window(&url, 800, 600).await.unwrap();
    with(&page, &url).await;
    browser.close().await;
}
