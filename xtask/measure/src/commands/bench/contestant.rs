//! A server that is measured, whoever has written it.

use machine::process::Launch;

use crate::load::wire::Wire;

/// A server that is measured.
pub struct Contestant {
    /// What it is called: `10-spy`, `ws`.
    pub name: String,
    /// Whether it is one of the workshop's.
    pub is_ours: bool,
    /// How it lays out events.
    pub wire: Wire,
    /// How it is started.
    pub launch: Launch,
}

/// Those who are there, and those who are not, with the reason.
#[derive(Default)]
pub struct Contestants {
    /// Who is measured, in the order of the table.
    pub there: Vec<Contestant>,
    /// Who is not, and why.
    pub left_out: Vec<(String, String)>,
}
