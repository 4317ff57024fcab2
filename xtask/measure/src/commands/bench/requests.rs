//! A small client for plain requests: connections that stay, each with one request on its way, for as long as it takes.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::load::server::Server;

/// How many connections ask at the same time.
const CONNECTIONS: usize = 16;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks a server for a file for so long, and says how often it answers in each second of its processor time; `None` where
/// that is not known.
///
/// # Errors
/// When it answers with anything but the file.
pub async fn a_cpu_second(server: &Server, path: &str, within: Duration) -> Result<Option<f64>> {
    let (address, path) = (server.place.address, path.to_owned());
    let before = server.usage().cpu;
    let asking = tokio::task::spawn_blocking(move || answers(address, &path, within));
    let answers = asking.await.context("a thread that asks has ended")??;
    let cpu = (|| server.usage().cpu?.checked_sub(before?))();
    let cpu = cpu.filter(|cpu| !cpu.is_zero());
    Ok(cpu.map(|cpu| answers as f64 / cpu.as_secs_f64()))
}

/// How many answers come on all connections together.
fn answers(address: SocketAddr, path: &str, within: Duration) -> Result<u64> {
    let until = Instant::now() + within;
    let ask = || {
        let mut connection = Connection::open(address)?;
        let mut answers = 0;
        while Instant::now() < until {
            connection.ask(path)?;
            answers += 1;
        }
        Ok(answers)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(ask)).collect();
        let counts = threads.into_iter().map(|thread| match thread.join() {
            Ok(count) => count,
            Err(_) => bail!("a thread that asks has ended"),
        });
        counts.sum()
    })
}

/// A connection that stays.
struct Connection {
    stream: TcpStream,
    host: SocketAddr,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Connection {
            stream,
            host: address,
            buffer: vec![0; 256 * 1024],
        })
    }

    /// One request, and the whole of its answer.
    fn ask(&mut self, path: &str) -> Result<()> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        self.stream.write_all(request.as_bytes())?;
        let mut came = 0;
        let (head, body) = loop {
            came += self.read(came)?;
            if let Some(found) = head_and_body(&self.buffer[..came])? {
                break found;
            }
        };
        // The rest of the body is read over itself: nobody looks at it.
        let mut rest = (head + body).checked_sub(came);
        while let Some(left) = rest.filter(|left| *left > 0) {
            rest = left.checked_sub(self.read(0)?);
        }
        rest.map(|_| ())
            .context("more bytes came than the answer announced")
    }

    /// Reads what has come, to this place of the buffer.
    fn read(&mut self, at: usize) -> Result<usize> {
        loop {
            match self.stream.read(&mut self.buffer[at..]) {
                Ok(0) => bail!("the server ended the connection"),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
                Ok(length) => return Ok(length),
            }
        }
    }
}

/// The lengths of an answer's head, and of the body that it announces; `None` where the head is not whole yet.
fn head_and_body(bytes: &[u8]) -> Result<Option<(usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut answer = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = answer.parse(bytes)? else {
        return Ok(None);
    };
    ensure!(
        answer.code == Some(200),
        "the answer was {}, not 200",
        answer.code.unwrap_or_default()
    );
    let length = answer
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|it| std::str::from_utf8(it.value).ok()?.parse().ok());
    let length = length.context("the answer does not say how long it is")?;
    Ok(Some((head, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_how_long_it_is() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n1234567";
        let head = answer.len() - 7;
        assert_eq!(head_and_body(answer).unwrap(), Some((head, 7)));
        assert_eq!(head_and_body(&answer[..head - 1]).unwrap(), None);
        let missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        assert!(head_and_body(missing).is_err());
        assert!(head_and_body(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
