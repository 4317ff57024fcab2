//! A room that runs, and those who talk to it: a learner and a page, each without what usually stands in front of them.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures::{SinkExt, StreamExt};
use room::{Check, Down, Hello, Note, Refusal, Up, VERSION, Verdict, What};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::bad_luck::{PATIENCE, Running};
use crate::scratch::{Scratch, XTASK};

/// A room, opened on loopback.
pub struct Room {
    running: Option<Running>,
    /// The folder of its log.
    pub folder: PathBuf,
    _own: Option<TempDir>,
    environment: Vec<(&'static str, String)>,
    /// Where learners come in.
    pub address: SocketAddr,
    /// Where the pages are.
    pub desk: SocketAddr,
    /// Its code.
    pub code: String,
    /// What the instructor's page is opened with.
    pub token: String,
}

impl Room {
    /// A room with a log of its own.
    pub fn open() -> Result<Room> {
        let own = tempfile::tempdir()?;
        let folder = own.path().to_owned();
        Room::of(folder, Some(own), Vec::new())
    }

    /// The room of whoever has the copy of the workshop.
    pub fn of_the_copy(scratch: &Scratch) -> Result<Room> {
        let folder = scratch.file(".workshop/class");
        Room::of(folder, None, scratch.environment().into())
    }

    fn of(
        folder: PathBuf,
        own: Option<TempDir>,
        environment: Vec<(&'static str, String)>,
    ) -> Result<Room> {
        let mut room = Room {
            running: None,
            folder,
            _own: own,
            environment,
            address: ([127, 0, 0, 1], 0).into(),
            desk: ([127, 0, 0, 1], 0).into(),
            code: String::new(),
            token: String::new(),
        };
        room.start(&["--port", "0"])?;
        Ok(room)
    }

    /// Starts it, and waits until it listens.
    pub fn start(&mut self, more: &[&str]) -> Result<()> {
        let program =
            Path::new(XTASK).with_file_name(format!("class{}", std::env::consts::EXE_SUFFIX));
        let mut command = Command::new(program);
        command
            .args(["class", "--folder"])
            .arg(&self.folder)
            .args(more);
        command.envs(self.environment.iter().cloned());
        let mut running = Running::spawn(command, 0)?;
        running.line("Ctrl-C ends it")?;
        self.running = Some(running);
        let said = |kind: &str| {
            let lines = self.log();
            let line = lines.iter().rev().find(|line| !line[kind].is_null());
            line.map(|line| line[kind].clone())
                .with_context(|| format!("no {kind} in the log"))
        };
        let (opened, served) = (said("opened")?, said("served")?);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (self.code, self.token) = (text(&opened["code"]), text(&opened["token"]));
        self.address = text(&served["room"]).parse()?;
        let desk = u16::try_from(served["desk"].as_u64().unwrap_or_default())?;
        self.desk = ([127, 0, 0, 1], desk).into();
        Ok(())
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) -> Result<()> {
        let mut running = self.running.take().context("it runs")?;
        running.signal("KILL")?;
        running.exit()?;
        Ok(())
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) -> Result<()> {
        self.running.as_ref().context("it runs")?.signal(name)
    }

    /// The lines of its log.
    pub fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.join("log.jsonl")).unwrap_or_default();
        let lines = text.lines();
        lines
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// What it answers to a request at one of its two places: the whole of it, or the head of an upgrade.
    pub fn asked(
        &self,
        at: SocketAddr,
        method: &str,
        path: &str,
        headers: &[&str],
    ) -> Result<String> {
        let mut stream = TcpStream::connect(at)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let headers: String = headers.iter().map(|it| format!("{it}\r\n")).collect();
        let close = if headers.contains("Upgrade") {
            ""
        } else {
            "Connection: close\r\n"
        };
        stream.write_all(format!("{method} {path} HTTP/1.1\r\n{headers}{close}\r\n").as_bytes())?;
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        // A connection that may become a WebSocket stays open: its answer ends with the head.
        let is_all =
            |answer: &[u8]| close.is_empty() && answer.windows(4).any(|it| it == b"\r\n\r\n");
        while !is_all(&answer) {
            match stream.read(&mut piece)? {
                0 => break,
                read => answer.extend(&piece[..read]),
            }
        }
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Holds that it answers with this status.
    pub fn answers(
        &self,
        at: SocketAddr,
        method: &str,
        path: &str,
        headers: &[&str],
        status: u16,
    ) -> Result<()> {
        let answer = self.asked(at, method, path, headers)?;
        let is_it = answer.starts_with(&format!("HTTP/1.1 {status} "));
        ensure!(
            is_it,
            "{method} {path} with {headers:?} is no {status}, but {answer}"
        );
        Ok(())
    }
}

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// A learner without a tool.
pub struct Learner {
    socket: Socket,
    /// The number of the last note.
    pub seq: u64,
}

impl Learner {
    /// A connection, on which nothing was said yet.
    pub async fn connect(room: &Room) -> Result<Learner> {
        let (socket, _) = connect_async(format!("ws://{}/room", room.address)).await?;
        Ok(Learner { socket, seq: 0 })
    }

    /// Comes in as somebody new.
    pub async fn join(room: &Room, name: &str) -> Result<Learner> {
        Learner::come(room, &room::key()?, name).await
    }

    /// Comes in with this key.
    pub async fn come(room: &Room, key: &str, name: &str) -> Result<Learner> {
        let mut learner = Learner::connect(room).await?;
        learner.say(&hello(&room.code, key, name).text()).await?;
        match learner.hears().await? {
            Down::Welcome { have, .. } => learner.seq = have,
            other => bail!("no welcome, but {other:?}"),
        }
        Ok(learner)
    }

    /// Says something, message or not.
    pub async fn say(&mut self, text: &str) -> Result<()> {
        Ok(self.socket.send(Message::text(text)).await?)
    }

    /// Sends bytes.
    pub async fn say_bytes(&mut self, bytes: Vec<u8>) -> Result<()> {
        Ok(self.socket.send(Message::binary(bytes)).await?)
    }

    /// Tells the room something, and waits until it has it.
    pub async fn note(&mut self, what: What) -> Result<()> {
        self.seq += 1;
        let (seq, ago) = (self.seq, 0);
        self.say(&Up::Notes(vec![Note { seq, ago, what }]).text())
            .await?;
        loop {
            match self.hears().await? {
                Down::Have { seq, .. } if seq == self.seq => return Ok(()),
                Down::Refused { text, .. } => bail!("{text}"),
                _ => {}
            }
        }
    }

    /// The next word of the room.
    pub async fn hears(&mut self) -> Result<Down> {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await?;
            if let Message::Text(text) = message.context("the room ended the connection")?? {
                return Ok(Down::read(&text)?);
            }
        }
    }

    /// Holds that the room ends the connection, for this reason, and says what to do.
    pub async fn refused(mut self, why: Refusal) -> Result<String> {
        let text = loop {
            match self.hears().await? {
                Down::Refused { why: other, text } => {
                    ensure!(other == why, "{other:?}, {text}");
                    break text;
                }
                _ => continue,
            }
        };
        ensure!(text.len() > 10, "{text}");
        self.ends().await?;
        Ok(text)
    }

    /// Holds that the connection ends.
    pub async fn ends(mut self) -> Result<()> {
        let ended = async { while let Some(Ok(_)) = self.socket.next().await {} };
        timeout(PATIENCE, ended)
            .await
            .context("the connection goes on")
    }
}

/// A hello.
pub fn hello(code: &str, key: &str, name: &str) -> Up {
    Up::Hello(Hello {
        version: VERSION,
        code: code.into(),
        key: key.into(),
        name: name.into(),
    })
}

/// A check of step 10 with these causes.
pub fn check(diagnoses: &[&str]) -> What {
    let verdict = match diagnoses {
        [] => Verdict::Passed,
        _ => Verdict::Failed,
    };
    What::Check(Check {
        step: 10,
        verdict,
        diagnoses: diagnoses.iter().map(|it| (*it).to_owned()).collect(),
        passed: 3,
        of: 5,
        since: 60,
    })
}

/// A page without a browser.
pub struct Page {
    socket: Socket,
    /// The last numbers of the room.
    pub room: Value,
    /// The rows, as far as they came.
    pub rows: Vec<Value>,
    /// Everything else that came.
    pub said: Vec<Value>,
}

impl Page {
    /// A connection as our own page makes it.
    pub async fn connect(room: &Room) -> Result<Page> {
        let mut request = format!("ws://{}/ws", room.desk).into_client_request()?;
        let origin = format!("http://{}", room.desk).parse()?;
        request.headers_mut().insert("origin", origin);
        let (socket, _) = connect_async(request).await?;
        Ok(Page {
            socket,
            room: Value::Null,
            rows: Vec::new(),
            said: Vec::new(),
        })
    }

    /// The board.
    pub async fn board(room: &Room) -> Result<Page> {
        let mut page = Page::connect(room).await?;
        page.ask(json!(["enter", "board"])).await?;
        Ok(page)
    }

    /// The instructor's page.
    pub async fn instructor(room: &Room) -> Result<Page> {
        let mut page = Page::connect(room).await?;
        page.ask(json!(["enter", "instructor", room.token])).await?;
        Ok(page)
    }

    /// Asks for something.
    pub async fn ask(&mut self, what: Value) -> Result<()> {
        Ok(self.socket.send(Message::text(what.to_string())).await?)
    }

    /// Reads until the page is such a one.
    pub async fn until(&mut self, what: &str, is_it: impl Fn(&Page) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_it(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(message) = timeout(left, self.socket.next()).await else {
                bail!(
                    "{what}: this never came, but {} and {:?}",
                    self.room,
                    self.rows
                );
            };
            let message = message
                .with_context(|| format!("{what}: the page was closed; {:?}", self.said))??;
            if let Message::Text(text) = message {
                self.take(serde_json::from_str(&text)?);
            }
        }
        Ok(())
    }

    fn take(&mut self, event: Value) {
        match event[0].as_str() {
            Some("room") => self.room = event[1].clone(),
            Some("rows") => {
                for row in event[1].as_array().into_iter().flatten() {
                    self.rows.retain(|it| it["id"] != row["id"]);
                    self.rows.push(row.clone());
                }
            }
            _ => self.said.push(event),
        }
    }

    /// Reads until there is a row with this name that is such a one, and returns it.
    pub async fn row(&mut self, name: &str, is_it: impl Fn(&Value) -> bool) -> Result<Value> {
        let find = |page: &Page| {
            page.rows
                .iter()
                .find(|row| row["name"] == name && is_it(row))
                .cloned()
        };
        self.until(name, |page| find(page).is_some()).await?;
        find(self).context("it was there")
    }

    /// Holds that the room closes this page, and says why.
    pub async fn refused(mut self, why: &str) -> Result<()> {
        let said = |page: &Page| {
            page.said
                .iter()
                .any(|event| event[0] == "refused" && event[1] == why)
        };
        self.until(why, said).await?;
        let ended = async { while let Some(Ok(_)) = self.socket.next().await {} };
        timeout(Duration::from_secs(20), ended)
            .await
            .context("the page stays")
    }
}
