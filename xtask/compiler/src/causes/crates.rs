//! Crates that are not there.

use super::imports::not_imported;
use super::{Case, Cause, Look};
use crate::nearest::{self, nearest};
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[unknown_crate];

/// Crates that others use for what the workshop has as well.
const CRATES: &[(&str, &str)] = &[
    ("futures_util", "futures"),
    ("futures_core", "futures"),
    ("tokio_stream", "futures::stream"),
    ("http", "warp::http"),
    ("log", "println!"),
    ("env_logger", "println!"),
    ("pretty_env_logger", "println!"),
    ("tracing", "println!"),
    ("serde", "serde_json::Value"),
    ("serde_derive", "serde_json::Value"),
    ("lazy_static", "std::sync::LazyLock"),
    ("once_cell", "std::sync::LazyLock"),
    ("parking_lot", "std::sync::Mutex"),
    (
        "uuid",
        "a number that counts up: std::sync::atomic::AtomicU64",
    ),
    ("rand", "std::hash::RandomState"),
    ("anyhow", "std::io::Result"),
];

/// A crate that is no dependency.
fn unknown_crate(case: &Case) -> Option<Cause> {
    let (span, [name]) = case.error.label(&prose::NO_CRATE)?;
    // A module or a type that begins with a capital is no crate.
    if name.starts_with(char::is_uppercase) {
        return None;
    }
    if let Some(path) = nearest::known(name).filter(|path| path.contains("::")) {
        return Some(not_imported(name, path, span));
    }
    let near = nearest(name, nearest::CRATES.iter().copied());
    if let Some(near) = near {
        return Some(Cause::new(
            &kinds::MISSPELT_NAME,
            format!("There is no crate `{name}`, but there is `{near}`."),
            format!("Write {near} in line {}.", span.start.0),
        ));
    }
    let instead = CRATES.iter().find(|(other, _)| *other == name);
    let next = match instead {
        Some((_, ours)) => format!("Use {ours} in its place: that is here already."),
        None => format!(
            "Take it out, and do it with what is here: {}.",
            nearest::CRATES.join(", ")
        ),
    };
    Some(Cause::new(
        &kinds::UNKNOWN_CRATE,
        format!(
            "`{name}` is a crate that this workshop does not have: Cargo.toml does not list it."
        ),
        next,
    ))
}
