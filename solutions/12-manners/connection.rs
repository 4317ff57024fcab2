//! A connection below HTTP, where every byte passes. Explained in steps 11 and 13.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::SemaphorePermit;

/// A connection: hyper reads and writes it until the upgrade, and the WebSocket library from then on. Whatever those two
/// make of its bytes, all of them come through here.
pub struct Connection {
    stream: TcpStream,
    _place: SemaphorePermit<'static>,
}

impl Connection {
    /// A connection that gives its place back when it ends.
    pub fn new(stream: TcpStream, place: SemaphorePermit<'static>) -> Connection {
        Connection {
            stream,
            _place: place,
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
