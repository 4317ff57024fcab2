//! What HTTP may cost before there is a WebSocket: bytes of a head, time, connections.

use std::rc::Rc;
use std::time::Duration;

use tokio::time::{interval, timeout};
use wire::raw::{End, Raw};

use crate::scene::seconds;
use crate::{Diagnosis, Outcome, Scene, Stop};

/// A head that never ends is refused long before all of it is there.
pub async fn a_head_has_a_limit(scene: Rc<Scene>) -> Outcome {
    const BYTES: usize = 128 * 1024;
    let mut long = scene.raw("long").await?;
    let mut head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ".to_vec();
    head.resize(BYTES, b'x');
    long.note("a head of 128 KiB, which is not whole then");
    // An answer says that it is refused, and so does the end of the connection.
    if long.is_answered(&head, scene.wait()).await {
        return Ok(());
    }
    Err(scene
        .failure(Diagnosis::HEAD_NOT_LIMITED)
        .sent("PATIENCE=60; a request with a head of 128 KiB, and more to come".into())
        .expected("the status 431, or the end of the connection".into())
        .came(format!(
            "the server took all of it, and after {} it still waits for more",
            seconds(scene.wait())
        ))
        .into())
}

/// One that asks and asks, and reads no answer, is ended in three times PATIENCE at most.
pub async fn answers_that_nobody_reads_end(scene: Rc<Scene>) -> Outcome {
    const REQUESTS: usize = 700;
    const FEEL: Duration = Duration::from_millis(100);
    let mut asker = scene.raw_narrow("asker").await?;
    let asked = "GET /jquery.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    asker.note("700 times GET /jquery.js, and no answer is read");
    // PATIENCE is a second.
    let within = Duration::from_secs(3) + scene.wait();
    let asking = async {
        let mut clock = interval(FEEL);
        let mut next = asked.repeat(REQUESTS);
        // Who says something more to a connection that has ended learns it.
        while asker.write(next.as_bytes()).await.is_ok() {
            clock.tick().await;
            next = asked.to_owned();
        }
    };
    if timeout(within, asking).await.is_ok() {
        return Ok(());
    }
    Err(scene
        .failure(Diagnosis::ANSWERS_STAY)
        .sent(
            "PATIENCE=1; 700 times GET /jquery.js on one connection, and no answer is read".into(),
        )
        .expected("the connection ends within three seconds".into())
        .came(format!("it is still there after {}", seconds(within)))
        .into())
}

/// However many connect and ask for no WebSocket, the program holds no more than a few hundred of them.
pub async fn connections_have_a_limit(scene: Rc<Scene>) -> Outcome {
    const SILENT: usize = 600;
    /// MAX_CONNECTIONS, 256 that are no WebSockets, and the program's own files.
    const MOST: usize = 4 + 256 + 64;
    /// So often somebody is answered meanwhile: the program has had its time.
    const ANSWERS: usize = 5;
    let files = || {
        scene.files().ok_or_else(|| {
            Stop::Missing("the open files of another program can be counted on Linux only".into())
        })
    };
    files()?;
    let mut first = scene.raw("first").await?;
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        let opening = timeout(
            scene.wait(),
            Raw::open("silent", scene.address, &scene.transcript),
        );
        match opening.await {
            Ok(Ok(raw)) => silent.push(raw),
            _ => break, // It lets them wait outside, and the system is full of those who do.
        }
    }
    for _ in 0..ANSWERS {
        let request = b"GET /socket.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        if !first.is_answered(request, scene.wait()).await
            || first.end(Duration::ZERO).await == End::Gone
        {
            break; // One answer may be the last on a connection.
        }
    }
    let open = files()?;
    if open <= MOST {
        return Ok(());
    }
    Err(scene
        .failure(Diagnosis::CONNECTIONS_NOT_COUNTED)
        .sent(format!(
            "MAX_CONNECTIONS=4; {SILENT} connections on which nothing is said"
        ))
        .expected("the program holds 256 of them at most, and the others wait outside".into())
        .came(format!("the program has {open} files open"))
        .into())
}

diagnoses! {
    HEAD_NOT_LIMITED "head-not-limited":
        "The server does not limit the head of a request. By default hyper takes about 400 KB, so each connection may fill that much memory before the server knows who is there."
        => "Look at how you configure hyper before it serves a connection: it takes a time limit for the head, and also a limit for its buffer.";
    ANSWERS_STAY "unread-answers-stay":
        "A client asks many times and reads no answer. The server cannot write the next answer and waits for ever. Each such connection holds a file."
        => "Look at the task that serves a connection: it needs a time limit as a whole, three times SETTINGS.patience. A WebSocket has left that task by then.";
    CONNECTIONS_NOT_COUNTED "connections-not-counted":
        "The server counts seats but not connections. A connection without a WebSocket takes a file, too, and any number of them may come."
        => "Look at the loop that accepts: take a place before you accept a connection, as you take a seat before the upgrade. Give the place back when the connection ends.";
}
