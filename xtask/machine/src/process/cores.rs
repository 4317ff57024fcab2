//! Which cores a program runs on. Linux lets us choose; elsewhere there is nothing to choose.

#[cfg(target_os = "linux")]
use nix::{
    errno::Errno,
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

/// The calling thread.
#[cfg(target_os = "linux")]
const US: Pid = Pid::from_raw(0);

/// Two cores, for two programs that are not to take time from each other: of those that we may use, the first and the last,
/// which are the least likely to be two halves of one. `None` where we may use only one, or cannot choose.
pub fn two_apart() -> Option<[usize; 2]> {
    #[cfg(target_os = "linux")]
    {
        let ours = sched_getaffinity(US).ok()?;
        let may_use = |core: &usize| ours.is_set(*core).unwrap_or(false);
        let first = (0..CpuSet::count()).find(may_use)?;
        let last = (0..CpuSet::count()).rfind(may_use)?;
        (first < last).then_some([first, last])
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Keeps the calling thread on one core, and whatever it starts from now on.
#[cfg(target_os = "linux")]
pub fn keep_us_on(core: usize) -> Result<(), Errno> {
    let mut cores = CpuSet::new();
    cores.set(core)?;
    sched_setaffinity(US, &cores)
}

/// Keeps nobody anywhere: this system has no such thing.
#[cfg(not(target_os = "linux"))]
pub fn keep_us_on(_: usize) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
