//! Programs that behave badly, each in its own way, and what is left of them.
//!
//! What has to be gone is asked for until it is, with a deadline; nothing sleeps and then hopes.

#[cfg(target_os = "linux")]
mod linux;

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;

use super::*;

/// What is on its way is waited for this long.
const DEADLINE: Duration = Duration::from_secs(20);

fn script(text: &str) -> Launch {
    // As `main` does. Not every container has a first process that takes note of the dead.
    own_descendants_too();
    let mut launch = Launch::new("/bin/sh", std::env::temp_dir());
    launch.args = vec!["-c".into(), text.into()];
    launch
}

fn start(text: &str) -> Program {
    Program::start(&script(text)).unwrap()
}

/// This test binary again, running just the helper of that name, as a program of its own.
fn helper(name: &str) -> Launch {
    let mut launch = Launch::new(std::env::current_exe().unwrap(), std::env::temp_dir());
    let test = format!("process::tests::{name}");
    launch.args = ["--exact", &test, "--nocapture"].map(OsString::from).into();
    launch.env = vec![("HELPER".into(), name.into())];
    launch
}

fn is_helper(name: &str) -> bool {
    std::env::var("HELPER").is_ok_and(|helper| helper == name)
}

async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        match look() {
            Some(found) => return found,
            None if Instant::now() > deadline => panic!("in vain: {what}"),
            None => time::sleep(Duration::from_millis(2)).await,
        }
    }
}

/// The rest of the line in the program's stdout that starts with `word`.
async fn said(program: &Program, word: &str) -> String {
    let rest = || {
        let stdout = program.output().stdout.to_string();
        let line = stdout
            .split_inclusive('\n')
            .find_map(|line| line.strip_suffix('\n')?.strip_prefix(word));
        line.map(|rest| rest.trim().to_owned())
    };
    until(word, rest).await
}

async fn pid_said(program: &Program, word: &str) -> u32 {
    said(program, word).await.parse().unwrap()
}

/// Whether there is such a process; a dead one that its parent has not noted counts as well.
fn is_there(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists() || {
        let pid = nix::unistd::Pid::from_raw(pid as i32);
        nix::sys::signal::kill(pid, None).is_ok()
    }
}

#[tokio::test]
async fn a_program_is_started_as_told() {
    let mut launch = script("pwd; echo $RUST_BACKTRACE $GIVEN ${HOME-none} \"$0\"; cat; exit 7");
    launch.args.push("an argument".into());
    launch.env = vec![("GIVEN".into(), "given".into())];
    launch.unset = vec!["HOME".into()];
    launch.cwd = "/".into();
    let mut program = Program::start(&launch).unwrap();
    assert_eq!(program.exited().await.code, Some(7));
    assert_eq!(program.exited().await.to_string(), "exit code 7");
    assert_eq!(program.try_exited().unwrap().code, Some(7));
    let output = program.output();
    assert_eq!(output.stdout.to_string(), "/\n0 given none an argument\n");
    assert!(output.stderr.is_empty());
}

#[tokio::test]
async fn a_program_that_cannot_start_is_named() {
    let error = Program::start(&Launch::new("/no/such/program", "/"))
        .err()
        .unwrap();
    let text = format!("{error:#}");
    assert!(
        text.contains("/no/such/program") && text.contains("No such file"),
        "{text}"
    );
}

#[tokio::test]
async fn waiting_may_be_cancelled() {
    let mut program = start("echo ready; sleep 1000");
    said(&program, "ready").await;
    let short = Duration::from_millis(1);
    assert!(time::timeout(short, program.exited()).await.is_err());
    assert!(program.try_exited().is_none());
    let _ = program.child.start_kill();
    assert_eq!(program.exited().await.text, "signal 9 (SIGKILL)");
}

#[tokio::test]
async fn a_gigabyte_is_read_and_not_kept() {
    let mut program =
        start("head -c 1000000000 /dev/zero; echo end; head -c 100000000 /dev/zero >&2");
    let exit = time::timeout(6 * DEADLINE, program.exited()).await.unwrap();
    assert_eq!(exit.code, Some(0));
    let output = program.output();
    assert!(output.stdout.dropped > 999_000_000 && output.stderr.dropped > 99_000_000);
    assert!(output.stdout.tail.ends_with("\\0end\n"));
}

/// A program of ours that has a program of its own, as a test of the tool has.
#[tokio::test]
async fn output_is_shown_in_safe_characters() {
    let outer = Program::start(&helper("a_helper_that_shows")).unwrap();
    let inner = pid_said(&outer, "inner").await;
    assert_eq!(said(&outer, "shown").await, "\\u{1b}[2J to stdout");
    let stderr = || {
        outer
            .output()
            .stderr
            .to_string()
            .contains("\\u{7}to stderr\n")
            .then_some(())
    };
    until("stderr", stderr).await;
    outer.kill().await;
    #[cfg(target_os = "linux")]
    assert!(
        !is_there(inner),
        "the mark of the outer program is on the inner's children too"
    );
    #[cfg(not(target_os = "linux"))]
    let _ = inner;
}

#[tokio::test]
async fn a_helper_that_shows() {
    if is_helper("a_helper_that_shows") {
        let text = "printf '\nshown \\033[2J to stdout\n'; printf '\\007to stderr\n' >&2
            setsid sh -c 'echo inner $$; exec sleep 1000' & wait";
        let mut launch = script(text);
        launch.output = OutputMode::Shown;
        Program::start(&launch).unwrap().exited().await;
    }
}

#[tokio::test]
async fn a_panic_is_told_from_the_rest_of_the_output() {
    let mut program = start(
        "echo listening >&2
        printf '\\nthread %s (12) panicked at server.rs:4:2:\\nnot yet implemented\\n' \"'main'\" >&2
        exit 101",
    );
    assert_eq!(program.exited().await.code, Some(101));
    let panics = program.panics();
    assert_eq!((panics.len(), panics[0].line), (1, 4));
    assert!(panics[0].is_unfinished());
}

#[tokio::test]
async fn a_child_that_holds_the_pipe_delays_nobody() {
    let mut program = start("sleep 1000 & echo child $!; echo last words");
    let since = Instant::now();
    assert_eq!(program.exited().await.code, Some(0));
    assert!(program.output().stdout.to_string().contains("last words"));
    let child = pid_said(&program, "child").await;
    assert!(is_there(child));
    program.end().await;
    until("the child's end", || (!is_there(child)).then_some(())).await;
    assert!(since.elapsed() < DEADLINE);
}

#[tokio::test]
async fn a_program_that_ends_when_asked_is_not_waited_for() {
    let program = start("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done");
    said(&program, "ready").await;
    let (id, since) = (program.id(), Instant::now());
    program.end().await;
    assert!(since.elapsed() < GRACE && !is_there(id));
}

#[tokio::test]
async fn a_program_that_will_not_end_is_made_to() {
    let stubborn = "trap '' TERM; sleep 1000 & echo child $!; while :; do sleep 0.01; done";
    let program = start(stubborn);
    let child = pid_said(&program, "child").await;
    let (id, since) = (program.id(), Instant::now());
    program.end().await;
    assert!(since.elapsed() >= GRACE && !is_there(id) && !is_there(child));

    let program = start(stubborn);
    let child = pid_said(&program, "child").await;
    let (id, since) = (program.id(), Instant::now());
    program.kill().await;
    assert!(since.elapsed() < GRACE && !is_there(id) && !is_there(child));
}

#[tokio::test]
async fn a_dropped_program_is_gone() {
    let program = start("trap '' TERM; sleep 1000 & echo child $!; wait");
    let (id, child) = (program.id(), pid_said(&program, "child").await);
    let recording = std::sync::Arc::downgrade(&program.recording.0);
    drop(program);
    assert!(!is_there(id) && !is_there(child));
    until("the pumps' end", || {
        recording.upgrade().is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_port_is_known_as_the_programs_own() {
    let foreign = TcpListener::bind("127.0.0.1:0").unwrap();
    // One process further down, as under a wrapper script.
    let mut launch = helper("a_helper_that_listens");
    launch.args.insert(
        0,
        std::mem::replace(&mut launch.program, "/bin/sh".into()).into(),
    );
    launch
        .args
        .splice(0..0, ["-c", "\"$@\" & wait", "sh"].map(OsString::from));
    let program = Program::start(&launch).unwrap();
    let address = said(&program, "listening on").await.parse().unwrap();
    let mut expected = program.listening_on();
    expected.sort();
    assert_eq!(expected, [address]);
    assert!(!expected.contains(&foreign.local_addr().unwrap()));
    let owner = owner_of_port(address.port()).unwrap();
    assert_ne!(owner.pid, std::process::id());
    program.kill().await;
    assert_eq!(owner_of_port(address.port()), None);
}

#[test]
fn a_helper_that_listens() {
    if is_helper("a_helper_that_listens") {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        println!("\nlistening on {}", listener.local_addr().unwrap());
        std::thread::sleep(10 * DEADLINE);
    }
}
