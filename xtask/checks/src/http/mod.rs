//! What a step's server answers over HTTP: the page, the routing rules, the scripts, and what may be kept of them.

pub(crate) mod another_file;
pub(crate) mod charset;
pub(crate) mod hello;
pub(crate) mod jquery;
pub(crate) mod refresh;
pub(crate) mod routes;
pub(crate) mod rules;
