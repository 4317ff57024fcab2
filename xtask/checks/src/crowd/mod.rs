//! A crowd: what each of many costs, and that each of them hears the newest.

pub(crate) mod newest;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use machine::limits;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wire::client::Client;
use wire::frame::{self, Frame, Next};
use wire::position::Position;
use wire::upgrade;

use crate::report::Failure;
use crate::{Diagnosis, Outcome, Scene, Stop};

/// One of a crowd. It notes nothing: a transcript of thousands is read by nobody.
pub(crate) struct Member {
    stream: TcpStream,
    /// What has come and is not taken apart yet.
    unread: Vec<u8>,
}

impl Member {
    async fn join(address: SocketAddr) -> Result<Member, String> {
        let in_words = |error: std::io::Error| format!("no connection: {error}");
        let mut stream = TcpStream::connect(address).await.map_err(in_words)?;
        let request = upgrade::request("/ws", address, "");
        stream
            .write_all(request.as_bytes())
            .await
            .map_err(in_words)?;
        let mut unread = Vec::new();
        loop {
            let answer = upgrade::answer(&unread);
            if let Some(answer) = answer.map_err(|_| "the answer is not HTTP".to_owned())? {
                if answer.status != 101 {
                    return Err(format!("the answer was {}", answer.status));
                }
                unread.drain(..answer.length);
                return Ok(Member { stream, unread });
            }
            if stream.read_buf(&mut unread).await.map_err(in_words)? == 0 {
                return Err("the connection ends before there is an answer".into());
            }
        }
    }

    /// Waits until the server's own code reads this connection, which the answer to a ping shows.
    async fn settles(&mut self) -> bool {
        let ping = frame::whole(frame::PING, b"");
        let _ = self.stream.write_all(&ping).await;
        self.until(|frame| frame == Frame::Pong).await
    }

    /// Moves.
    pub(crate) async fn moves(&mut self, scene: &Scene, position: Position) {
        let move_up = frame::text(&scene.frame(position));
        // That the connection has ended is for what comes next to find.
        let _ = self.stream.write_all(&move_up).await;
    }

    /// Says something to the others.
    pub(crate) async fn says(&mut self, words: &str) {
        let say = frame::text(&json!(["say", words]).to_string());
        let _ = self.stream.write_all(&say).await;
    }

    /// Reads whatever comes, for as long as it is asked to.
    async fn reads(&mut self) -> Infallible {
        let mut ignored = vec![0; 1 << 16];
        while matches!(self.stream.read(&mut ignored).await, Ok(1..)) {}
        std::future::pending().await
    }

    /// Waits for a position, whatever comes before it.
    async fn hears(&mut self, expected: Position) -> bool {
        let is_it = |frame: Frame| match frame {
            Frame::Text(text) => {
                let text = std::str::from_utf8(text).unwrap_or_default();
                Position::in_frame(text) == Some(expected)
            }
            _ => false,
        };
        self.until(is_it).await
    }

    /// Reads up to a frame that is it; whether one came before the connection ended.
    async fn until(&mut self, is_it: impl Fn(Frame) -> bool) -> bool {
        loop {
            while let Next::Frame(frame, length) = frame::next(&self.unread) {
                let found = is_it(frame);
                self.unread.drain(..length);
                if found {
                    return true;
                }
            }
            if !matches!(self.stream.read_buf(&mut self.unread).await, Ok(1..)) {
                return false;
            }
        }
    }
}

/// Lets so many in, some at a time.
pub(crate) async fn crowd_of(scene: &Scene, members: usize) -> Result<Vec<Member>, Failure> {
    /// So many knock at once: fewer than the system lets wait at a door.
    const AT_ONCE: usize = 64;
    let joining = stream::iter(0..members).map(|_| async {
        match timeout(scene.wait() * 5, Member::join(scene.address)).await {
            Ok(joined) => joined,
            Err(_) => Err("no answer".into()),
        }
    });
    let joined: Result<Vec<Member>, String> = joining.buffer_unordered(AT_ONCE).try_collect().await;
    joined.map_err(|came| {
        scene
            .failure(Diagnosis::UNKNOWN)
            .sent(format!(
                "{members} users connect, with MAX_CONNECTIONS=20000"
            ))
            .expected("all of them get in".into())
            .came(came)
    })
}

/// What comes of `doing`, while all of a crowd read.
pub(crate) async fn while_they_read<T>(crowd: &mut [Member], doing: impl Future<Output = T>) -> T {
    let reading = futures::future::join_all(crowd.iter_mut().map(Member::reads));
    tokio::select! {
        done = doing => done,
        never = reading => match never.into_iter().next() {
            Some(never) => match never {},
            None => unreachable!("a crowd is never empty"),
        },
    }
}

fn memory(scene: &Scene) -> Result<u64, Stop> {
    scene.memory().ok_or_else(|| {
        Stop::Missing("the memory of another program can be measured on Linux only".into())
    })
}

/// Who is connected and does nothing costs no more than 16 KiB of the program's memory.
pub async fn a_user_at_rest_costs_little(scene: Rc<Scene>) -> Outcome {
    const USERS: usize = 1_000;
    const EACH: u64 = 16 * 1024;
    /// Less than the library's own buffer, and more than anything else that a user may need.
    const A_BUFFER: u64 = 100 * 1024;
    memory(&scene)?;
    // What the first ones cost is not theirs alone.
    let _first = crowd_of(&scene, 50).await?;
    let _settled = scene.settled_client("left").await?;
    let before = memory(&scene)?;
    let _crowd = crowd_of(&scene, USERS).await?;
    // One who came after them has been heard, so they have, too.
    let _settled = scene.settled_client("right").await?;
    let each = memory(&scene)?.saturating_sub(before) / USERS as u64;
    scene.context.note(format!(
        "{USERS} users at rest cost {} of memory each.",
        kib(each)
    ));
    if each <= EACH {
        return Ok(());
    }
    let diagnosis = match each >= A_BUFFER {
        true => Diagnosis::DEFAULT_BUFFER,
        false => Diagnosis::USER_COSTS_MUCH,
    };
    Err(scene
        .failure(diagnosis)
        .sent(format!("{USERS} users connect and do nothing"))
        .expected("each of them costs 16 KiB of memory at most".into())
        .came(format!("{} for each", kib(each)))
        .into())
}

fn kib(bytes: u64) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}

/// How many this machine has room for, and which number it is that ends it.
fn fitting() -> (usize, &'static str) {
    /// So many are a crowd, and come and go while a person waits.
    const A_CROWD: u64 = 2_000;
    /// What each may cost in a server that does nothing about it, here and there.
    const EACH: u64 = 160 * 1024;
    let files = limits::raise_files().unwrap_or(A_CROWD * 5) / 5;
    let memory = limits::free_memory().unwrap_or(u64::MAX) / 2 / EACH;
    let limits = [
        (A_CROWD, "the most that a check has time for"),
        (files, "a fifth of the files that a process may open here"),
        (memory, "half of the memory that is free here"),
    ];
    let [first, others @ ..] = limits;
    let least = |one: (u64, _), other: (u64, _)| if other.0 < one.0 { other } else { one };
    let (most, why) = others.into_iter().fold(first, least);
    (most.max(100) as usize, why)
}

/// Everybody in a crowd hears the newest position of one who moves.
pub async fn a_crowd_hears_the_newest(scene: Rc<Scene>) -> Outcome {
    let (users, why) = fitting();
    let mut left = scene.settled_client("left").await?;
    let mut crowd = crowd_of(&scene, users).await?;
    // One that is not read yet is not in the crowd yet. That pings are answered is another check's business.
    let settling = futures::future::join_all(crowd.iter_mut().map(Member::settles));
    let _ = timeout(scene.wait() * 5, settling).await;
    let mut right = scene.settled_client("right").await?;
    scene
        .context
        .note(format!("The crowd was {users} users: {why}."));
    for _ in 0..3 {
        let position = scene.position();
        scene.send(&mut left, position).await;
        scene
            .expect_at_last(&mut right, position, Diagnosis::CROWD_NOT_REACHED)
            .await?;
        let hearing = crowd.iter_mut().map(|member| async {
            let hears = timeout(scene.wait() * 5, member.hears(position)).await;
            hears.unwrap_or(false)
        });
        let heard: Vec<bool> = futures::future::join_all(hearing).await;
        let count = heard.iter().filter(|heard| **heard).count();
        if count < users {
            return Err(scene
                .failure(Diagnosis::CROWD_NOT_REACHED)
                .sent(format!("{users} users are connected; left moves"))
                .expected(format!("all of them hear {position}"))
                .came(format!("{count} of them hear it"))
                .into());
        }
    }
    Ok(())
}

/// While many move whom others do not read, the memory stays bounded, and one who reads hears the newest of each.
pub async fn memory_stays_bounded_while_all_move(scene: Rc<Scene>) -> Outcome {
    const MOVERS: usize = 20;
    const MOVES: u32 = 400;
    const READ_NOTHING: usize = 100;
    const EACH: u64 = 64 * 1024;
    /// What all share, and what a program's memory may differ by.
    const SHARED: u64 = 8 << 20;
    memory(&scene)?;
    let mut right = scene.settled_client("right").await?;
    let mut movers = crowd_of(&scene, MOVERS).await?;
    let mut stuck = Vec::new();
    for number in 0..READ_NOTHING {
        stuck.push(scene.narrow_client(&format!("stuck {number}")).await?);
    }
    let before = memory(&scene)?;
    for step in 1..=MOVES {
        for (number, mover) in movers.iter_mut().enumerate() {
            let position = scene.at(number as f64, step.into());
            mover.moves(&scene, position).await;
        }
        let hearing = all_hear_of(&scene, &mut right, MOVERS, step);
        while_they_read(&mut movers, hearing).await?;
    }
    let more = memory(&scene)?.saturating_sub(before);
    if more <= READ_NOTHING as u64 * EACH + SHARED {
        return Ok(());
    }
    let each = more / READ_NOTHING as u64;
    Err(scene
        .failure(Diagnosis::MOVES_PILE_UP)
        .sent(format!(
            "{MOVERS} users move {MOVES} times each; {READ_NOTHING} read nothing"
        ))
        .expected("the server keeps at most 64 KiB for each user that reads nothing".into())
        .came(format!("{} for each", kib(each)))
        .into())
}

/// Holds that one who reads hears this step of every mover.
async fn all_hear_of(
    scene: &Scene,
    right: &mut Client,
    movers: usize,
    step: u32,
) -> Result<(), Failure> {
    let mut missing = movers;
    while missing > 0 {
        match scene.next_position(right).await {
            Ok(position) if position.y == f64::from(step) => missing -= 1,
            Ok(_) => {}
            Err(came) => {
                return Err(scene
                    .failure(Diagnosis::STUCK_CLIENT_STALLS)
                    .sent(format!(
                        "{movers} users move, each {step} times; others read nothing"
                    ))
                    .expected("right, which reads, hears each of them".into())
                    .came(format!("{missing} of them right has not heard: {came}")));
            }
        }
    }
    Ok(())
}

/// How long a program may keep somebody waiting who reads all the time.
pub(crate) fn a_while(scene: &Scene) -> Duration {
    scene.wait() * 5
}

diagnoses! {
    DEFAULT_BUFFER "default-buffer":
        "A connection on which nothing happens costs more than 100 KiB. That is the library's read buffer. By default it takes 128 KiB for each connection, and warp cannot configure it."
        => "Look at how a connection becomes a WebSocket. The size of the buffer is part of the library's configuration, and you can set it if you take the upgrade yourself.";
    USER_COSTS_MUCH "user-costs-much":
        "A connection on which nothing happens costs more than 16 KiB, and less than the library's own buffer of 128 KiB."
        => "Look for what each connection owns: a buffer, a queue with room for many messages, hyper's read buffer. Make it smaller, or let all connections share one.";
    CROWD_NOT_REACHED "crowd-not-reached":
        "With a few users, a move reaches all of them; in a crowd, it does not."
        => "Look at the code that goes over all users. Does a loop end early, does a list have a limit, or does the code try a lock only once?";
    MOVES_PILE_UP "moves-pile-up":
        "While everybody moves, the server's memory fills with moves that a slow client does not read."
        => "A user's newer position replaces the older one. Keep the newest position of each user, once for all clients that are behind.";
}
