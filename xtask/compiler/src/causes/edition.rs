//! An edition of Rust that is older than the one that the programs are written in.

use super::{Case, Cause, Look};
use crate::kinds;

pub(super) const LOOKS: &[Look] = &[too_old];

/// The first edition has no `async`, and knows crates by `extern crate` only: so every other error is its echo.
fn too_old(case: &Case) -> Option<Cause> {
    let refused = case.all.iter().find(|it| it.is("E0670"))?;
    let line = refused.primary()?.start.0;
    Some(
        Cause::new(
            &kinds::BROKEN_MANIFEST,
            format!("Cargo.toml builds this for the edition of 2015, which has no async functions, as line {line} has one: that file was changed."),
            "Undo the change; or take the one that came with the workshop: git checkout -- Cargo.toml",
        )
        .marks(refused.primary().cloned()),
    )
}
