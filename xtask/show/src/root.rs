//! Where the workshop lies.

use std::path::{Path, PathBuf};

/// The root of the workshop: where cargo says that the tool's package is now. Without cargo, the folder around the current
/// one or around the tool's own file. The place where the tool was built comes last: the workshop may have been moved.
pub fn root() -> PathBuf {
    let from_cargo = || {
        let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
        package
            .parent()
            .filter(|it| is_workshop(it))
            .map(Path::to_owned)
    };
    let around = |path: std::io::Result<PathBuf>| {
        let path = path.ok()?;
        path.ancestors()
            .find(|it| is_workshop(it))
            .map(Path::to_owned)
    };
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    from_cargo()
        .or_else(|| around(std::env::current_dir()))
        .or_else(|| around(std::env::current_exe()))
        .or_else(|| built.map(Path::to_owned))
        .expect("the package lies in a folder of the workspace")
}

/// Whether a folder is the root of a workshop.
fn is_workshop(folder: &Path) -> bool {
    folder.join("xtask/Cargo.toml").is_file()
}
