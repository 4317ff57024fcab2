//! The build script of the learners' package.
//!
//! The servers embed `static/` with `include_dir!`, which does not tell cargo what it has read.
//! Without this line a `jquery.js` that is fetched after the first build would never be served.

fn main() {
    println!("cargo::rerun-if-changed=static");
}
