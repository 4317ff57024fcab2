//! A connection below HTTP, where every byte passes. Explained in step 11.

// A connection of our own, below hyper: in it, every byte passes.
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
// TODO: For the place.

/// A connection: hyper reads and writes it until the upgrade, and the WebSocket library from then on. Whatever those two
/// make of its bytes, all of them come through here.
pub struct Connection {
    stream: TcpStream,
    // TODO: Let it hold its place.
}

impl Connection {
    // TODO: It is made with its place.
    /// A connection as it was accepted.
    pub fn new(stream: TcpStream) -> Connection {
        Connection {
            stream,
            // TODO: Hold it; nobody looks at it.
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context,
        into: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(task, into)
    }
}

// What is written passes unchanged, because each task that writes has a time limit of its own.
impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}
