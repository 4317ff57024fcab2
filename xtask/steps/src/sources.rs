//! The files that a server is compiled from: `server.rs`, and the modules that it names.
//!
//! Up to step 10 a server is one file. The encore's are modules side by side in the step's folder, one noun a file, and
//! `server.rs` names all of them in the order in which they are read.

use std::path::Path;

/// The file that each server has.
pub const SERVER: &str = "server.rs";

/// The names of the files of the server in this folder: `server.rs`, then its modules in the order in which it names them. A
/// module without a file of its own in the folder is left out.
pub fn of(folder: &Path) -> Vec<String> {
    let server = std::fs::read_to_string(folder.join(SERVER)).unwrap_or_default();
    let modules = server.lines().filter_map(module);
    let files = modules.map(|name| format!("{name}.rs"));
    let files = files.filter(|file| file != SERVER && folder.join(file).is_file());
    [SERVER.to_owned()].into_iter().chain(files).collect()
}

/// Whether a file is one of those that a server may be compiled from: Rust, whatever its name.
pub fn is_source(file: &str) -> bool {
    file.ends_with(".rs")
}

/// The module that a line brings in from another file: `mod hub;`.
fn module(line: &str) -> Option<&str> {
    let name = line
        .trim()
        .trim_start_matches("pub ")
        .strip_prefix("mod ")?;
    Some(name.split_once(';')?.0.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_and_the_modules_that_it_names() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
        write(
            "server.rs",
            "//! mod no;\nmod pages;\n    pub mod hub; // Here.\nmod inline {}\nmod gone;\n",
        )
        .unwrap();
        for name in ["hub.rs", "pages.rs", "unnamed.rs"] {
            write(name, "").unwrap();
        }
        assert_eq!(of(folder.path()), ["server.rs", "pages.rs", "hub.rs"]);
    }

    #[test]
    fn a_folder_without_a_server_is_to_have_one() {
        assert_eq!(of(Path::new("nowhere")), [SERVER]);
    }
}
