//! How late the machine itself makes somebody, whoever the server is.
//!
//! A byte goes to another thread over loopback and comes back, many times a second: two wakes and two writes, as a move has on
//! its way over a server that has nothing else to do. While attackers, users and server want the same few cores, and other
//! programs perhaps as well, this takes longer, too; and so much of what the users feel is not the server's doing.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often the byte goes.
const EVERY: Duration = Duration::from_millis(5);

/// The two threads. They end when this is dropped.
pub struct Witness {
    took: Arc<Mutex<Vec<Duration>>>,
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Witness {
    /// Begins.
    ///
    /// # Errors
    /// When loopback cannot be used.
    pub fn begin() -> io::Result<Witness> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut here = TcpStream::connect(listener.local_addr()?)?;
        let (mut there, _) = listener.accept()?;
        here.set_nodelay(true)?;
        there.set_nodelay(true)?;
        let took = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let (noted, over) = (took.clone(), is_over.clone());
        let asks = move || {
            let mut byte = [0];
            while !over.load(Ordering::Relaxed) {
                thread::sleep(EVERY);
                let started = Instant::now();
                let answered = here
                    .write_all(&byte)
                    .and_then(|()| here.read_exact(&mut byte));
                if answered.is_err() {
                    break;
                }
                lock(&noted).push(started.elapsed());
            }
        };
        // It ends with the connection, which the other thread closes.
        let answers = move || {
            let mut byte = [0];
            while there.read_exact(&mut byte).is_ok() && there.write_all(&byte).is_ok() {}
        };
        Ok(Witness {
            took,
            is_over,
            threads: vec![thread::spawn(asks), thread::spawn(answers)],
        })
    }

    /// What 99 of 100 took at most since this was asked the last time, in milliseconds; 0 where there was none.
    pub fn p99(&self) -> f64 {
        let mut took = std::mem::take(&mut *lock(&self.took));
        took.sort();
        let at = took.len().saturating_sub(1) * 99 / 100;
        took.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_late_the_machine_makes_somebody() {
        let witness = Witness::begin().unwrap();
        while lock(&witness.took).len() < 3 {
            thread::sleep(EVERY);
        }
        assert!(witness.p99() > 0.0);
    }
}
