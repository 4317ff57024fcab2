//! What is under load: one server, or a pool of endpoints with a backplane between them, over which the users are spread.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use farm::nats::{Counts, Nats};
use farm::part::Part;
use futures::FutureExt;
use futures::future::select_all;
use machine::patience;
use machine::process::Usage;
use machine::waiting::until;

use super::server::Server;

/// How long the endpoints may take until all of them hear the backplane.
const WHOLE: Duration = Duration::from_secs(10);

/// Servers that take connections, one at least.
pub struct Pool {
    servers: Vec<Server>,
    backplane: Option<Nats>,
}

impl Pool {
    /// One server alone.
    pub fn of(server: Server) -> Pool {
        Pool {
            servers: vec![server],
            backplane: None,
        }
    }

    /// Starts NATS, and so many endpoints that find it in `NATS_URL`, and waits until each of them hears it.
    ///
    /// # Errors
    /// When NATS is not here or does not start, when an endpoint does not, or does not hear the others.
    pub async fn start(
        program: PathBuf,
        endpoints: u32,
        environment: Vec<(OsString, OsString)>,
    ) -> Result<Pool> {
        let part = Part::Nats.find()?;
        let nats = Nats::start(
            part.context("nats-server was not found: cargo xtask farm says how to get it")?,
        );
        let nats = nats.await?;
        let mut pool = Pool {
            servers: Vec::new(),
            backplane: None,
        };
        for _ in 0..endpoints {
            let mut environment = environment.clone();
            environment.push(("NATS_URL".into(), (&nats.place.url).into()));
            let server = Server::start_with(program.clone(), environment).await;
            pool.servers.push(server?);
        }
        let within = WHOLE.mul_f64(patience::measured());
        let all_hear = until(within, async || {
            let listeners = nats.listeners().await?;
            (listeners >= endpoints as usize).then_some(())
        });
        ensure!(
            all_hear.await.is_some(),
            "the endpoints do not hear each other: not all of them have asked NATS for anything in {} s. \
             `cargo xtask check 17` says more",
            within.as_secs()
        );
        pool.backplane = Some(nats);
        Ok(pool)
    }

    /// One of them, to ask what all have in common.
    pub fn first(&self) -> &Server {
        &self.servers[0]
    }

    /// How many they are.
    pub fn size(&self) -> usize {
        self.servers.len()
    }

    /// Where they are. The users go to one after the other.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let servers = self.servers.iter();
        servers.map(|server| server.place.address).collect()
    }

    /// Whether we have started them.
    pub fn is_ours(&self) -> bool {
        self.first().is_ours()
    }

    /// What all of them have taken of the machine so far, without the backplane.
    pub fn usage(&self) -> Usage {
        let each = || self.servers.iter().map(Server::usage);
        Usage {
            cpu: each().map(|usage| usage.cpu).sum(),
            memory: each().map(|usage| usage.memory).sum(),
        }
    }

    /// What the backplane has counted, and its processor time, where there is one.
    pub async fn backplane(&self) -> Option<(Counts, Option<Duration>)> {
        let nats = self.backplane.as_ref()?;
        Some((nats.counts().await?, nats.cpu()))
    }

    /// Waits until one of them ends by itself, and says how. It may be cancelled, and called again.
    pub async fn ended(&mut self) -> String {
        let size = self.size();
        let ended = self.servers.iter_mut().map(|it| it.ended().boxed_local());
        let (how, at, _) = select_all(ended).await;
        match size {
            1 => how,
            _ => format!("{how} (endpoint {} of {size})", at + 1),
        }
    }

    /// Ends those that are ours.
    pub async fn end(self) {
        for server in self.servers {
            server.end().await;
        }
    }
}
