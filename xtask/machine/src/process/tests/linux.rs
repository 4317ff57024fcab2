//! What only Linux can do: find whoever left the group, tell a busy loop from a wait, end a program when we are killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Command as StdCommand, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::*;

/// A tree of children: in the group, out of it, and out of it with its parents dead. One reports at once.
const TREE: &str = "sleep 1000 & echo plain $!
    setsid sh -c 'echo session $$; sleep 1000 & echo deep $!; wait' &
    (setsid sh -c 'echo orphan $$; exec sleep 1000' &)
    wait";

async fn tree(program: &Program) -> Vec<u32> {
    let mut pids = vec![program.id()];
    for word in ["plain", "session", "deep", "orphan"] {
        pids.push(pid_said(program, word).await);
    }
    assert!(pids.iter().all(|pid| is_there(*pid)));
    pids
}

/// Dead, buried, and out of the process table.
fn left(pids: &[u32]) -> Vec<u32> {
    pids.iter().copied().filter(|pid| is_there(*pid)).collect()
}

#[tokio::test]
async fn whoever_left_the_group_ends_too() {
    for way in ["end", "kill", "drop", "late"] {
        let mut program = start(TREE);
        let pids = tree(&program).await;
        match way {
            "end" => program.end().await,
            "kill" => program.kill().await,
            "drop" => drop(program),
            _ => {
                // The program dies by itself, and the descent of its children is not visible any more.
                let leader = Pid::from_raw(program.id() as i32);
                kill(leader, Signal::SIGKILL).unwrap();
                program.exited().await;
                program.end().await;
            }
        }
        assert_eq!(left(&pids), [0; 0], "after {way}");
    }
}

#[tokio::test]
async fn a_child_without_a_mark_is_known_by_its_descent() {
    let program = start("env -i /usr/bin/setsid /bin/sh -c 'echo child $$; sleep 1000' & wait");
    let child = pid_said(&program, "child").await;
    program.end().await;
    assert!(!is_there(child));
}

#[tokio::test]
async fn orphans_that_died_by_themselves_are_buried() {
    let program = start("(setsid sh -c 'echo orphan $$' &); sleep 1000");
    let orphan = pid_said(&program, "orphan").await;
    let is_dead = || {
        proc::Process::read(orphan)
            .is_none_or(|it| it.is_zombie)
            .then_some(())
    };
    until("the orphan's end", is_dead).await;
    program.kill().await;
    until("the burial", || (!is_there(orphan)).then_some(())).await;
}

#[tokio::test]
async fn strangers_are_left_alone() {
    let neighbour = start(TREE);
    let neighbours = tree(&neighbour).await;
    let sleep = StdCommand::new("sleep")
        .arg("1000")
        .env(family::MARK, "1.0")
        .spawn();
    let mut stranger = sleep.unwrap();
    start("setsid sleep 1000 & wait").kill().await;
    assert!(stranger.try_wait().unwrap().is_none());
    assert_eq!(left(&neighbours), neighbours);
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn nobody_loses_an_exit_status() {
    let mut program = start("exit 5");
    let mut plain = StdCommand::new("sh")
        .args(["-c", "exit 3"])
        .spawn()
        .unwrap();
    for pid in [program.id(), plain.id()] {
        let is_dead = || proc::Process::read(pid)?.is_zombie.then_some(());
        until("a death that nobody took note of", is_dead).await;
    }
    start("(setsid sleep 1000 &)").kill().await;
    assert_eq!(program.exited().await.code, Some(5));
    assert_eq!(plain.wait().unwrap().code(), Some(3));
}

/// As in a test binary, where each test has a runtime on a thread of its own.
#[test]
fn several_runtimes_do_not_disturb_each_other() {
    let course = async |first: i32| {
        for code in first..first + 15 {
            let mut program = start(&format!("setsid sleep 1000 >&- 2>&- & exit {code}"));
            assert_eq!(program.exited().await.code, Some(code));
            program.kill().await;
        }
    };
    std::thread::scope(|scope| {
        for first in [10, 40, 70] {
            scope.spawn(move || {
                let mut runtime = tokio::runtime::Builder::new_current_thread();
                runtime
                    .enable_all()
                    .build()
                    .unwrap()
                    .block_on(course(first));
            });
        }
    });
}

#[tokio::test]
async fn a_busy_loop_is_told_from_a_wait() {
    let busy = start("while :; do :; done");
    let waiting = start("echo ready; exec sleep 1000");
    said(&waiting, "ready").await;
    let tenth = Duration::from_millis(100);
    let is_busy = |program: &Program| program.cpu_time().is_some_and(|time| time > tenth);
    until("a busy loop", || is_busy(&busy).then_some(())).await;
    assert!(!is_busy(&waiting));
    busy.kill().await;
    let mut waiting = waiting;
    let _ = waiting.child.start_kill();
    waiting.exited().await;
    assert_eq!(waiting.cpu_time(), None);
}

#[tokio::test]
async fn a_program_ends_when_we_are_killed() {
    let us = helper("linux::a_helper_that_is_killed");
    let mut us = StdCommand::new(us.program)
        .args(us.args)
        .envs(us.env)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(us.stdout.take().unwrap());
    let mut lines = stdout.lines().map_while(Result::ok);
    let program = lines
        .find_map(|line| line.strip_prefix("program ")?.parse().ok())
        .unwrap();
    assert!(is_there(program));
    us.kill().unwrap();
    us.wait().unwrap();
    // Whoever inherits the dead one may be slow to take note of it.
    let is_dead = || {
        proc::Process::read(program)
            .is_none_or(|it| it.is_zombie)
            .then_some(())
    };
    until("the program's end", is_dead).await;
}

#[tokio::test]
async fn a_helper_that_is_killed() {
    if is_helper("linux::a_helper_that_is_killed") {
        let program = start("exec sleep 1000");
        println!("\nprogram {}", program.id());
        time::sleep(10 * DEADLINE).await;
    }
}
