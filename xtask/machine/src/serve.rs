//! A step's program as somebody serves it: at an address, for as long as they want it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use show::root;
use steps::newest;
use steps::step::{Step, Whose};

use crate::compile::Target;
use crate::process::{self, Launch, OutputMode, Program};

/// Which program, and where it is served.
#[derive(Debug, Clone, Copy)]
pub struct Served {
    /// The step.
    pub step: Step,
    /// The learner's program or the finished one.
    pub whose: Whose,
    /// The address.
    pub host: IpAddr,
    /// The port.
    pub port: u16,
}

impl Served {
    /// The learner's program of a step, to be served on this machine alone.
    pub fn of(step: Step, port: u16) -> Served {
        Served {
            step,
            whose: Whose::Learner,
            host: Ipv4Addr::LOCALHOST.into(),
            port,
        }
    }

    /// What to build.
    pub fn target(&self) -> Target {
        Target::workshop(self.step.binary(self.whose))
    }

    /// The folder of the step's files.
    pub fn folder(&self) -> PathBuf {
        root().join(self.step.folder(self.whose))
    }

    /// Starts the built program.
    ///
    /// # Errors
    /// When the system cannot start it.
    pub fn start(&self, program: PathBuf, output: OutputMode) -> Result<Program> {
        newest::make_page(self.step, self.whose);
        Program::start(&Launch {
            env: vec![
                ("PORT".into(), self.port.to_string().into()),
                ("HOST".into(), self.host.to_string().into()),
            ],
            output,
            ..Launch::new(program, root())
        })
    }

    /// Where it is served.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// Looks whether the port is free, and if not, who has it.
    ///
    /// # Errors
    /// When it is not, or nothing can be served at the address at all.
    pub fn is_free(&self) -> Result<()> {
        let address = self.address();
        let Err(error) = TcpListener::bind(address) else {
            return Ok(());
        };
        if error.kind() != std::io::ErrorKind::AddrInUse {
            return Err(error).with_context(|| format!("nothing can be served at {address}"));
        }
        let who = process::who_has(address.port());
        let next = address.port().checked_add(1).unwrap_or(8080);
        bail!(
            "port {} is in use: {who}. End it, or take another port: --port {next}",
            address.port()
        )
    }
}

/// Looks whether the files of a step are there.
///
/// # Errors
/// When one is not, with what brings it back.
pub fn files_are_there(step: Step, whose: Whose) -> Result<()> {
    let folder = root().join(step.folder(whose));
    for name in step.files() {
        let file = folder.join(name);
        if !file.is_file() {
            bail!(
                "{} is not there: it was renamed, moved or deleted. \
                 This brings back the one that came with the workshop:\n\n  git checkout -- {0}\n",
                show::path(&file)
            );
        }
    }
    Ok(())
}
