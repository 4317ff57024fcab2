//! What a check of a farm works with: three endpoints of the program under test, a real NATS server between them, and, if it
//! asks for one, a real HAProxy before them.

pub(crate) mod backplane;
pub(crate) mod outage;
pub(crate) mod refusing;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use farm::balancer::{Balance, Balancer};
use farm::endpoint::Endpoint;
use farm::nats::Nats;
use farm::part::{self, Part};
use futures::future::LocalBoxFuture;
use machine::waiting::until;
use wire::client::Client;
use wire::position::Made;
use wire::transcript::Transcript;

use crate::report::Failure;
use crate::scene::{Scene, explain, seconds};
use crate::{Context, Diagnosis, Outcome, Stop};

/// Three: one that moves, one that hears, and one to which nothing happens.
const ENDPOINTS: usize = 3;

/// A farm for one check alone.
pub struct Farm {
    /// What all checks share.
    pub context: Rc<Context>,
    /// What was said, at all endpoints.
    pub transcript: Transcript,
    /// The positions that this check sends, wherever.
    made: Made,
    /// The backplane.
    pub nats: Nats,
    /// The program, three times.
    pub endpoints: Vec<Endpoint>,
    /// HAProxy, and the folder of its file.
    balancer: Option<(Balancer, tempfile::TempDir)>,
    id: String,
}

/// Runs `check` against a farm of its own, and ends all of it.
pub async fn with_farm(
    id: &str,
    context: Rc<Context>,
    check: for<'a> fn(&'a mut Farm) -> LocalBoxFuture<'a, Outcome>,
) -> Outcome {
    let owner = context.clone();
    // Three programs at a time are enough for one check.
    let _permits = owner
        .permits
        .acquire_many(ENDPOINTS as u32)
        .await
        .expect("the semaphore is never closed");
    let mut farm = Farm::start(id, context).await?;
    let limit = farm.wait() * 45;
    let outcome = match tokio::time::timeout(limit, check(&mut farm)).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let came = format!("it had not come to an end after {}", seconds(limit));
            Err(farm.failure(Diagnosis::UNKNOWN).came(came).into())
        }
    };
    match outcome {
        Err(Stop::Failed(failure)) => Err(farm.explain(*failure).await.into()),
        outcome => outcome,
    }
}

/// What a machine without these parts is told.
fn missing(parts: &[Part]) -> Stop {
    let names: Vec<&str> = parts.iter().map(|part| part.program()).collect();
    Stop::Missing(format!(
        "{}, for the checks of the farm. This command installs it:\n\n  {}\n",
        names.join(" and "),
        part::how_to_install(parts)
    ))
}

fn broken(error: &anyhow::Error) -> Stop {
    Stop::Missing(format!("{error:#}"))
}

impl Farm {
    /// Starts NATS, then the endpoints, and waits until they have found it, if they do.
    async fn start(id: &str, context: Rc<Context>) -> Result<Farm, Stop> {
        let program = Part::Nats.find().map_err(|error| broken(&error))?;
        let program = program.ok_or_else(|| missing(&[Part::Nats]))?;
        let nats = Nats::start(program).await.map_err(|error| broken(&error))?;
        let program = context
            .program
            .get()
            .expect("the program was built by the check before")
            .clone();
        let env: Vec<(OsString, OsString)> = vec![
            ("NATS_URL".into(), (&nats.place.url).into()),
            // How fast a client may send is another check's business.
            ("EVENTS_PER_SECOND".into(), "1000000".into()),
        ];
        let endpoint = |number| Endpoint::new(number, program.clone(), env.clone());
        let mut farm = Farm {
            endpoints: (1..=ENDPOINTS).map(endpoint).collect(),
            context,
            transcript: Transcript::default(),
            made: Made::default(),
            nats,
            balancer: None,
            id: id.to_owned(),
        };
        for at in 0..ENDPOINTS {
            farm.start_endpoint(at).await?;
        }
        farm.is_whole(farm.wait()).await;
        Ok(farm)
    }

    /// Starts an endpoint, and waits until it accepts connections.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn start_endpoint(&mut self, at: usize) -> Result<(), Failure> {
        let endpoint = &mut self.endpoints[at];
        let started = match self.balancer {
            None => endpoint.start_anywhere().await,
            // HAProxy knows the port that it had.
            Some(_) => match endpoint.start() {
                Ok(()) => endpoint.accepts().await,
                Err(error) => Err(error),
            },
        };
        started.map_err(|error| {
            let diagnosis = match self.nats.runs() {
                true => Diagnosis::EXITS_EARLY,
                false => Diagnosis::DIES_WITHOUT_NATS,
            };
            self.failure(diagnosis)
                .expected("the endpoint serves, with NATS or without it".into())
                .came(format!("{error:#}"))
        })
    }

    /// Waits until each endpoint has told NATS what it wants to hear. Whether they all have is returned.
    pub async fn is_whole(&self, within: Duration) -> bool {
        let whole = until(within, async || {
            let running = self.endpoints.iter().filter(|it| it.runs()).count();
            (self.nats.listeners().await? >= running).then_some(())
        });
        whole.await.is_some()
    }

    /// How long to wait for something that a right program does at once.
    pub fn wait(&self) -> Duration {
        Duration::from_secs(2).mul_f64(self.context.patience)
    }

    /// The place where the endpoint of this index serves.
    pub fn at(&self, at: usize) -> Scene {
        self.place(self.endpoints[at].address)
    }

    fn place(&self, address: SocketAddr) -> Scene {
        Scene::elsewhere(
            &self.id,
            self.context.clone(),
            address,
            self.transcript.clone(),
        )
        .knows(self.made.clone())
    }

    /// The place where HAProxy takes users in, before all endpoints.
    ///
    /// # Errors
    /// That there is no HAProxy, or that it does not start.
    pub async fn front(&mut self) -> Result<Scene, Stop> {
        if self.balancer.is_none() {
            let program = Part::HaProxy.find().map_err(|error| broken(&error))?;
            let program = program.ok_or_else(|| missing(&[Part::HaProxy]))?;
            let folder = tempfile::tempdir().map_err(|error| broken(&error.into()))?;
            let addresses: Vec<SocketAddr> = self.endpoints.iter().map(|it| it.address).collect();
            let balance = Balance::Roundrobin;
            let balancer =
                Balancer::start(&program, folder.path(), None, &addresses, balance).await;
            self.balancer = Some((balancer.map_err(|error| broken(&error))?, folder));
        }
        let (balancer, _) = self.balancer.as_ref().expect("it was made above");
        Ok(self.place(balancer.address))
    }

    /// Waits until HAProxy sends users to the endpoint of this index again.
    pub async fn is_up(&self, at: usize) {
        let Some((balancer, _)) = &self.balancer else {
            return;
        };
        let up = until(self.wait(), async || {
            let seen = balancer.seen().await?;
            seen.get(&(at + 1))?.status.starts_with("UP").then_some(())
        });
        up.await;
    }

    /// A settled client at each endpoint, with these names.
    ///
    /// # Errors
    /// As [`Scene::client`].
    pub async fn one_at_each(
        &self,
        names: [&str; ENDPOINTS],
    ) -> Result<[Client; ENDPOINTS], Failure> {
        let mut clients = Vec::new();
        for (at, name) in names.into_iter().enumerate() {
            clients.push(self.at(at).settled_client(name).await?);
        }
        Ok(clients
            .try_into()
            .unwrap_or_else(|_| unreachable!("one client for each name")))
    }

    /// A failure that shows what was said so far.
    pub fn failure(&self, diagnosis: Diagnosis) -> Failure {
        Failure::new(diagnosis).transcript(self.transcript.clone())
    }

    /// What an endpoint printed, and what became of it, where that explains the failure better than what clients saw. That
    /// one ended while its backplane was away has a cause of its own.
    async fn explain(&mut self, failure: Failure) -> Failure {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let is_away = !self.nats.runs();
        for endpoint in &mut self.endpoints {
            let Some(program) = endpoint.program() else {
                continue;
            };
            if let Some(because) = explain::explanation(&self.context, program) {
                let mut because = because.and_then_seen(failure);
                if is_away {
                    because.diagnosis = Diagnosis::DIES_WITHOUT_NATS;
                }
                return because;
            }
        }
        failure
    }
}

diagnoses! {
    DIES_WITHOUT_NATS "dies-without-nats":
        "The endpoint ends when NATS is away. So a restart of NATS ends all endpoints."
        => "Look at how the endpoint connects. It needs a task of its own that tries again, and a failed publication must not end anything.";
}
