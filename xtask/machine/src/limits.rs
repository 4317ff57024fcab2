//! What this machine lends to one process.

/// Raises the number of files that this process, and whoever it starts, may have open, as far as the system allows, and says
/// how far that is; `None` where there is no such limit.
pub fn raise_files() -> Option<u64> {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        /// What macOS takes where it names no limit.
        const NO_LIMIT_NAMED: u64 = 10_240;
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
        for wanted in [hard, NO_LIMIT_NAMED.min(hard)] {
            if setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() {
                return Some(wanted);
            }
        }
        getrlimit(Resource::RLIMIT_NOFILE)
            .ok()
            .map(|(soft, _)| soft)
    }
    #[cfg(not(unix))]
    None
}

/// The memory that is free for more programs, in bytes, where that is known.
pub fn free_memory() -> Option<u64> {
    let known = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = known
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}
