//! What a step's server answers over HTTP: the page, the routing rules, the scripts, and what may be kept of them.

pub(crate) mod another_file;
pub(crate) mod charset;
pub(crate) mod hello;
pub(crate) mod jquery;
pub(crate) mod refresh;
pub(crate) mod routes;
pub(crate) mod rules;

use crate::Scene;

/// The name of the step's page. No check of a page is in the list of a step that has none.
pub(crate) fn page_of(scene: &Scene) -> String {
    scene.context.subject.step.page().unwrap_or_default()
}
