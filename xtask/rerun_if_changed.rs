//! The build script of the learners' package: it says when the programs are built again although no source has changed.
//!
//! - The servers embed `static/` with `include_dir!`, which does not tell cargo what it has read.
//!   Without the first line a `jquery.js` that is fetched after the first build would never be served.
//! - The servers find their page with `env!("CARGO_MANIFEST_DIR")`, and cargo does not compare that variable.
//!   Without the second line a workshop that was moved would look for its pages in the old place, and one that was copied
//!   would serve the pages of the original.

fn main() {
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-env-changed=WORKSHOP_ROOT");
}
