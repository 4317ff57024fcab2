//! Somebody who hears all that goes through a NATS server, whatever its subject.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::handshake::{Place, introduced, line};

/// A connection that has asked for every subject.
pub struct Eavesdropper {
    stream: BufReader<TcpStream>,
}

/// A message that went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What it is about, which decides who gets it.
    pub subject: String,
    /// What it holds.
    pub payload: Vec<u8>,
}

impl Eavesdropper {
    /// Listens at this server from now on.
    ///
    /// # Errors
    /// Why that is not possible.
    pub async fn at(place: &Place) -> Result<Eavesdropper> {
        let (_, mut stream) = introduced(place).await?;
        stream.write_all(b"SUB > 1\r\nPING\r\n").await?;
        // The answer says that the wish before it was taken note of.
        while line(&mut stream).await?.trim() != "PONG" {}
        Ok(Eavesdropper { stream })
    }

    /// Publishes something, as any program of the same network may.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn publish(&mut self, subject: &str, payload: &[u8]) -> Result<()> {
        let head = format!("PUB {subject} {}\r\n", payload.len());
        let message = [head.as_bytes(), payload, b"\r\n"].concat();
        Ok(self.stream.write_all(&message).await?)
    }

    /// The next message, if one comes in time.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn next(&mut self, within: Duration) -> Result<Option<Heard>> {
        match timeout(within, self.message()).await {
            Ok(heard) => heard.map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn message(&mut self) -> Result<Heard> {
        loop {
            let line = line(&mut self.stream).await?;
            match line.trim().split(' ').collect::<Vec<_>>().as_slice() {
                ["PING"] => self.stream.write_all(b"PONG\r\n").await?,
                ["MSG", subject, .., bytes] => {
                    let bytes: usize = bytes.parse().context("a message has a length")?;
                    // The line's end belongs to what comes after it.
                    let mut payload = vec![0; bytes + 2];
                    self.stream.read_exact(&mut payload).await?;
                    payload.truncate(bytes);
                    let subject = (*subject).to_owned();
                    return Ok(Heard { subject, payload });
                }
                _ => {}
            }
        }
    }
}
