//! Who belongs to a program: its process group, and whoever left it.
//!
//! A program that starts others leaves them behind when it is killed. Most are in its process group and die with it. One
//! that called `setsid` is not; on Linux we know it by its descent while its parents live, and by a mark in its environment
//! ever after, which every child inherits. Whoever has neither the group, nor the descent, nor the mark is a stranger and
//! is left alone.
//!
//! Not covered: on macOS and other Unixes, a child that left the group; on Linux, one that left it *and* cleared its
//! environment *and* lost its parents before we first looked. On Windows the job object knows all its members by itself.

#[cfg(target_os = "linux")]
use std::collections::BTreeSet;
#[cfg(target_os = "linux")]
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(unix)]
use nix::{sys::signal::killpg, unistd::Pid};
#[cfg(target_os = "linux")]
use nix::{
    sys::{
        prctl,
        signal::{Signal, kill},
        wait::{WaitPidFlag, waitpid},
    },
    unistd::getpgrp,
};

#[cfg(target_os = "linux")]
use super::proc::Process;

/// The environment variable that marks a program and all that it starts.
pub(super) const MARK: &str = "WORKSHOP_PROGRAM";

/// The programs that tokio has not yet seen the end of: nobody else may ask the system for their exit status.
#[cfg(target_os = "linux")]
static LEADERS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Makes orphans ours: a process that loses its parents becomes our child, not that of the system's first process. So a
/// program's stragglers stay our descendants, and a dead one does not stay in the process table.
///
/// Call it once, at the start of `main`. It does nothing outside Linux. From then on [`Program`](super::Program) takes note
/// of dead children that are neither in our own process group nor its own: a child that you start in a group of its own by
/// other means, and want to wait for, is not safe from that.
pub fn own_descendants_too() {
    // It can only fail on a kernel that is older than 3.4, and then the orphans go where they always went.
    #[cfg(target_os = "linux")]
    let _ = prctl::set_child_subreaper(true);
}

/// Takes note of the dead among the orphans that became ours. A command that runs for minutes, and ends no program of its
/// own meanwhile, calls it now and then: the dead would fill the process table, and every look through it took longer.
pub fn bury_orphans() {
    #[cfg(target_os = "linux")]
    bury(&Process::all());
}

/// A value for [`MARK`] that nobody else has. If we carry a mark ourselves it goes before ours: whoever started us then
/// knows our programs as theirs.
pub(super) fn new_mark() -> String {
    let own = format!("{}.{:016x}", std::process::id(), fastrand::u64(..));
    match std::env::var(MARK) {
        Ok(outer) => format!("{outer}/{own}"),
        Err(_) => own,
    }
}

/// A program and its kin.
pub(super) struct Family {
    /// The program itself, who leads the process group.
    leader: u32,
    /// Whether the leader's id is still the leader's: a dead one keeps it until its exit status is fetched.
    leader_is_ours: bool,
    /// Whether the group's id is still the group's: as long as one member lives, nobody else is given it.
    group_is_ours: bool,
    #[cfg(target_os = "linux")]
    mark: String,
    /// When the leader started; whoever is older is a stranger.
    #[cfg(target_os = "linux")]
    started: u64,
    /// Members that were seen, by id and start, since their descent may not be visible any more.
    #[cfg(target_os = "linux")]
    seen: BTreeSet<(u32, u64)>,
}

impl Family {
    /// The family of the program that `spawn` starts and gives the id of.
    ///
    /// It is started under the lock, so that [`bury`] cannot take it for an orphan before it is known.
    pub(super) fn start<T>(
        mark: &str,
        spawn: impl FnOnce() -> std::io::Result<(T, u32)>,
    ) -> std::io::Result<(T, Self)> {
        #[cfg(target_os = "linux")]
        let mut leaders = lock_leaders();
        #[cfg(not(target_os = "linux"))]
        let _ = mark;
        let (child, leader) = spawn()?;
        #[cfg(target_os = "linux")]
        leaders.insert(leader);
        let family = Self {
            leader,
            leader_is_ours: true,
            group_is_ours: true,
            #[cfg(target_os = "linux")]
            mark: mark.to_owned(),
            #[cfg(target_os = "linux")]
            started: Process::read(leader).map_or(0, |leader| leader.started),
            #[cfg(target_os = "linux")]
            seen: BTreeSet::new(),
        };
        Ok((child, family))
    }

    pub(super) fn leader(&self) -> u32 {
        self.leader
    }

    /// Whether a signal to the group reaches nobody else.
    pub(super) fn group_is_ours(&self) -> bool {
        self.group_is_ours
    }

    /// To be called as soon as the leader's exit status was fetched: from now on its id may be given to a stranger, and the
    /// group's too unless somebody is left in it.
    pub(super) fn leader_was_reaped(&mut self) {
        self.leader_is_ours = false;
        #[cfg(unix)]
        if let Err(nix::errno::Errno::ESRCH) = killpg(Pid::from_raw(self.leader as i32), None) {
            self.group_is_ours = false;
        }
        #[cfg(target_os = "linux")]
        lock_leaders().remove(&self.leader);
    }

    /// Tells of an id whether it is a member's.
    #[cfg(target_os = "linux")]
    pub(super) fn membership(&self) -> impl Fn(u32) -> bool + use<> {
        let all = Process::all();
        let members: BTreeSet<u32> = self.members(&all).map(|member| member.pid).collect();
        move |pid| members.contains(&pid)
    }

    /// Tells of an id whether it is a member's.
    #[cfg(all(unix, not(target_os = "linux")))]
    pub(super) fn membership(&self) -> impl Fn(u32) -> bool {
        let group = self
            .group_is_ours
            .then(|| Pid::from_raw(self.leader as i32));
        move |pid| {
            let of_pid = nix::unistd::getpgid(Some(Pid::from_raw(pid as i32)));
            group.is_some() && of_pid.ok() == group
        }
    }

    /// Tells of an id whether it is a member's. The job object does not tell: the leader has to do.
    #[cfg(not(unix))]
    pub(super) fn membership(&self) -> impl Fn(u32) -> bool {
        let leader = self.leader_is_ours.then_some(self.leader);
        move |pid| Some(pid) == leader
    }

    /// Looks who is a member now, before a signal tears the line of descent.
    pub(super) fn remember(&mut self) {
        #[cfg(target_os = "linux")]
        {
            let all = Process::all();
            let members: Vec<_> = self.members(&all).map(|it| (it.pid, it.started)).collect();
            self.seen.extend(members);
        }
    }

    /// Kills every member but the leader, and takes note of the dead. Says whether there was anybody: one look is not
    /// enough, since who is not dead yet may have started another.
    pub(super) fn sweep(&mut self) -> bool {
        #[cfg(target_os = "linux")]
        {
            let all = Process::all();
            let members: Vec<&Process> = self.members(&all).collect();
            let us = std::process::id();
            let is_kin = |pid| pid == us || members.iter().any(|member| member.pid == pid);
            // A dead one that somebody else has inherited is no longer our affair.
            let stragglers: Vec<(u32, u64)> = members
                .iter()
                .filter(|it| it.pid != self.leader && (!it.is_zombie || is_kin(it.parent)))
                .map(|it| (it.pid, it.started))
                .collect();
            for (pid, _) in &stragglers {
                let _ = kill(Pid::from_raw(*pid as i32), Signal::SIGKILL);
            }
            bury(&all);
            let anybody = !stragglers.is_empty();
            self.seen.extend(stragglers);
            anybody
        }
        #[cfg(not(target_os = "linux"))]
        false
    }

    /// The members among `all`: those whom we know for themselves, and their descendants.
    #[cfg(target_os = "linux")]
    fn members<'a>(&self, all: &'a [Process]) -> impl Iterator<Item = &'a Process> + use<'a> {
        let us = std::process::id();
        let candidates = all
            .iter()
            .filter(|it| it.started >= self.started && it.pid != us);
        let (mut members, mut others): (Vec<_>, Vec<_>) =
            candidates.partition(|process| self.is_known(process));
        // A child's parent may be a member only since the last round: until nobody joins.
        loop {
            let ids: BTreeSet<u32> = members.iter().map(|member| member.pid).collect();
            let (children, rest): (Vec<_>, Vec<_>) =
                others.into_iter().partition(|it| ids.contains(&it.parent));
            if children.is_empty() {
                return members.into_iter();
            }
            members.extend(children);
            others = rest;
        }
    }

    #[cfg(target_os = "linux")]
    fn is_known(&self, process: &Process) -> bool {
        if process.pid == self.leader {
            return self.leader_is_ours;
        }
        (self.group_is_ours && process.group == self.leader)
            || self.seen.contains(&(process.pid, process.started))
            || process.has_in_environment(MARK, &self.mark)
    }
}

#[cfg(target_os = "linux")]
fn lock_leaders() -> MutexGuard<'static, BTreeSet<u32>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes note of the orphans that died as our children. Each is waited for by its own id, and never one that tokio waits
/// for, or whoever else started a child in our own process group: their exit status would be lost.
#[cfg(target_os = "linux")]
fn bury(all: &[Process]) {
    if !prctl::get_child_subreaper().unwrap_or(false) {
        return;
    }
    let (us, our_group) = (std::process::id(), getpgrp().as_raw() as u32);
    let leaders = lock_leaders();
    let dead = all.iter().filter(|it| {
        it.is_zombie && it.parent == us && it.group != our_group && !leaders.contains(&it.pid)
    });
    for orphan in dead {
        let _ = waitpid(Pid::from_raw(orphan.pid as i32), Some(WaitPidFlag::WNOHANG));
    }
}
