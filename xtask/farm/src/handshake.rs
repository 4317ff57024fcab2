//! The first words with a NATS server: is one there, is it one that the farm can use, and does it let us in?
//!
//! The endpoints have a library for NATS. This is no client: it says hello, reads the answer, and goes, so that what is
//! wrong with an address is said in one sentence before three endpoints fail at it.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The oldest that knows `no echo`, without which an endpoint hears itself.
const OLDEST: (u64, u64) = (1, 2);

/// A server that does not answer in this time is as good as none.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest line that a server may greet with, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Where a NATS server is, and who we are to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As it was given: `nats://127.0.0.1:4222`.
    pub url: String,
    /// Host and port.
    address: String,
    user: Option<String>,
    password: Option<String>,
}

impl Place {
    /// Reads `nats://user:password@host:port`; the port is 4222 where none is given.
    ///
    /// # Errors
    /// What an address looks like.
    pub fn parse(url: &str) -> Result<Place, String> {
        let wrong = || "an address of NATS is like nats://127.0.0.1:4222".to_owned();
        let rest = url.strip_prefix("nats://").ok_or_else(wrong)?;
        let rest = rest.trim_end_matches('/');
        let (login, host) = match rest.rsplit_once('@') {
            Some((login, host)) => (Some(login), host),
            None => (None, rest),
        };
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:[]".contains(letter);
        if host.is_empty() || !host.chars().all(is_plain) {
            return Err(wrong());
        }
        let address = match host.rsplit_once(':') {
            Some((_, port)) if port.parse::<u16>().is_ok() => host.to_owned(),
            _ if host.contains(':') => return Err(wrong()),
            _ => format!("{host}:4222"),
        };
        let (user, password) = match login.map(|it| it.split_once(':').unwrap_or((it, ""))) {
            Some((user, "")) => (Some(user.to_owned()), None),
            Some((user, password)) => (Some(user.to_owned()), Some(password.to_owned())),
            None => (None, None),
        };
        Ok(Place {
            url: url.to_owned(),
            address,
            user,
            password,
        })
    }

    /// The address without the password, to be shown.
    pub fn shown(&self) -> String {
        format!("nats://{}", self.address)
    }
}

/// Says hello to the server, and returns its version.
///
/// # Errors
/// Why the farm cannot use it, and what to do about it.
pub async fn greet(place: &Place) -> Result<String> {
    let shown = place.shown();
    match timeout(PATIENCE, greeted(place)).await {
        Ok(greeted) => greeted,
        Err(_) => bail!("{shown} takes a connection and says nothing: is it a NATS server?"),
    }
}

async fn greeted(place: &Place) -> Result<String> {
    introduced(place).await.map(|(version, _)| version)
}

/// Says hello, and keeps the connection.
///
/// # Errors
/// As [`greet`].
pub(super) async fn introduced(place: &Place) -> Result<(String, BufReader<TcpStream>)> {
    let shown = place.shown();
    let stream = TcpStream::connect(&place.address).await.with_context(|| {
        format!("there is no NATS server at {shown}: start one, or leave --nats out")
    })?;
    let mut stream = BufReader::new(stream);
    let line = line(&mut stream).await?;
    let info = line
        .strip_prefix("INFO ")
        .and_then(|it| serde_json::from_str(it).ok());
    let info: Value = info.with_context(|| {
        format!("what answers at {shown} is not a NATS server: a NATS server begins with INFO")
    })?;
    let version = info["version"].as_str().unwrap_or_default().to_owned();
    ensure!(
        numbers(&version) >= Some(OLDEST),
        "the NATS server at {shown} is version {version}, and the farm needs {}.{} or later: \
         an older one sends everything back to whoever sent it",
        OLDEST.0,
        OLDEST.1
    );
    ensure!(
        info["tls_required"] != true,
        "the NATS server at {shown} wants TLS, which the farm does not speak"
    );
    let hello = json!({
        "verbose": false, "pedantic": false, "echo": false, "lang": "rust",
        "version": env!("CARGO_PKG_VERSION"), "name": "the farm says hello", "protocol": 1,
        "user": place.user, "pass": place.password,
        "auth_token": place.user.as_ref().filter(|_| place.password.is_none()),
    });
    let hello = format!("CONNECT {hello}\r\nPING\r\n");
    stream.write_all(hello.as_bytes()).await?;
    match self::line(&mut stream).await?.trim() {
        "PONG" => Ok((version, stream)),
        refusal if refusal.contains("Authorization") => bail!(
            "the NATS server at {shown} does not let us in: it wants a user and a password, as in \
             --nats nats://user:password@host:port, and the ones that were given are not right"
        ),
        other => bail!("the NATS server at {shown} does not let us in; it says: {other}"),
    }
}

/// The next line, however a stranger may go on and on.
pub(super) async fn line(stream: &mut (impl AsyncBufRead + Unpin)) -> Result<String> {
    let mut line = String::new();
    let read = stream.take(LONGEST).read_line(&mut line).await;
    ensure!(
        read.context("it ended the connection")? > 0,
        "it ended the connection before it said anything"
    );
    Ok(line)
}

/// Major and minor of a version.
fn numbers(version: &str) -> Option<(u64, u64)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read() {
        let place = Place::parse("nats://ada:secret@example.org").unwrap();
        assert_eq!(place.address, "example.org:4222");
        assert_eq!(place.user.as_deref(), Some("ada"));
        assert_eq!(place.password.as_deref(), Some("secret"));
        assert_eq!(place.shown(), "nats://example.org:4222");
        assert_eq!(
            Place::parse("nats://127.0.0.1:99").unwrap().address,
            "127.0.0.1:99"
        );
        for wrong in [
            "127.0.0.1:4222",
            "http://127.0.0.1",
            "nats://",
            "nats://a b",
            "nats://a:b",
        ] {
            assert!(Place::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_old_one_is_told_from_a_new_one() {
        assert!(numbers("0.9.6") < Some(OLDEST));
        assert!(numbers("") < Some(OLDEST));
        assert!(numbers("2.9.10") > Some(OLDEST));
    }
}
