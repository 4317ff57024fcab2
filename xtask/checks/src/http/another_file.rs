//! The same program beside another `jquery.js`: does the validator change with the file?
//!
//! A program may embed the file when it is built, or read it when it is asked. So where nothing else can tell, a copy of the
//! workshop is made that holds the program, `static/` with the changed file and nothing else; the program is built there, on
//! dependencies that are built already, and started there. The learner's `static/` is not touched. Whatever goes wrong with
//! the copy is a note and no failure: it says nothing of the program.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use compiler::built::Built;
use machine::compile::Target;
use show::root;
use steps::derived;
use tokio::time::timeout;
use wire::transcript::Transcript;

use crate::http::jquery::Validator;
use crate::report::Failure;
use crate::scene::{seconds, start};
use crate::{Context, Diagnosis, Outcome, Scene, Stop};

/// The file that is another one there.
const JQUERY: &str = "static/jquery.js";

/// The copy's package, and its binary.
const NAME: &str = "beside-another-file";

/// Another file has another validator.
pub async fn another_file_has_another_validator(scene: Rc<Scene>) -> Outcome {
    let (answer, validators) = scene.validators().await?;
    // A browser that has both asks by the tag.
    let Some(validator) = validators.first() else {
        return Ok(());
    };
    if is_of_the_file(validator, &answer.body) {
        return Ok(());
    }
    // Another cargo may be building, and that is not the program's doing. A check as a whole has little more time than this.
    let within = scene.wait() * 4;
    let made = timeout(within, beside_another(&scene.context)).await;
    let made = made.unwrap_or_else(|_| too_late(within));
    let other = match made {
        Ok(other) => other,
        Err(error) => {
            scene.context.note(format!(
                "Whether the validator changes with the file was not tried: {error:#}."
            ));
            return Ok(());
        }
    };
    if other.first().is_none_or(|it| it.value != validator.value) {
        return Ok(());
    }
    Err(Stop::from(
        Failure::new(Diagnosis::VALIDATOR_STAYS)
            .sent("GET /jquery.js, from the same program beside another jquery.js".into())
            .expected(format!("a validator other than {}", validator.shown()))
            .came(format!("the same: {}", validator.shown())),
    ))
}

fn too_late<T>(within: Duration) -> Result<T> {
    bail!(
        "a copy of the program was not built and started in {}",
        seconds(within)
    )
}

/// Whether it holds what the standard library's hasher makes of the file's bytes: then it changes with the file, and nothing
/// has to be built.
fn is_of_the_file(validator: &Validator, bytes: &[u8]) -> bool {
    let hash = |feed: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        feed(&mut hasher);
        hasher.finish()
    };
    let numbers = [
        hash(&|hasher| bytes.hash(hasher)),
        hash(&|hasher| Some(bytes).hash(hasher)),
        hash(&|hasher| hasher.write(bytes)),
    ];
    let value = validator.value.to_ascii_lowercase();
    let is_in = |number: &u64| {
        let (hex, plain) = (format!("{number:x}"), number.to_string());
        let mut parts = value.split(|letter: char| !letter.is_ascii_alphanumeric());
        parts.any(|part| part == plain || part.trim_start_matches('0') == hex)
    };
    numbers.iter().any(is_in)
}

/// The validators that the program has for another file.
async fn beside_another(context: &Rc<Context>) -> Result<Vec<Validator>> {
    let program = context.program.get().context("there is no program")?;
    let build_in = context.subject.target.build_in.clone();
    let target = build_in.or_else(|| target_of(program));
    let target = target.context("cargo's target folder was not found")?;
    let copy = target.join(NAME).join(&context.subject.target.binary);
    let file = make(&copy, &context.subject.folder, &context.subject.target)?;
    let built = Target {
        manifest: copy.join("Cargo.toml"),
        package: NAME.into(),
        binary: NAME.into(),
        build_in: Some(target),
        ..context.subject.target.clone()
    };
    let Built::Program(program) = compiler::built::build(&built, false).await? else {
        bail!("a copy of the program does not compile");
    };
    let place = start::Place {
        program,
        folder: copy,
        files: None,
    };
    let Ok((program, address)) = start::accepting_in(context, &place, &[]).await else {
        bail!("a copy of the program does not start");
    };
    let scene = Scene::elsewhere(NAME, context.clone(), address, Transcript::default());
    let answer = scene.validators().await;
    program.kill().await;
    let Ok((answer, validators)) = answer else {
        bail!("a copy of the program does not serve the file");
    };
    ensure!(
        answer.status == 200 && answer.body == file,
        "a copy of the program, beside another file, does not serve that one"
    );
    Ok(validators)
}

/// Cargo's target folder, which it marks as one that need not be kept.
fn target_of(program: &Path) -> Option<PathBuf> {
    let is_marked = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    program.ancestors().find(is_marked).map(Path::to_owned)
}

/// Makes the copy: the program, and `static/` with another `jquery.js`, which is returned.
fn make(copy: &Path, folder: &Path, target: &Target) -> Result<Vec<u8>> {
    let manifest = fs::read_to_string(&target.manifest)?;
    let from = target
        .manifest
        .parent()
        .context("a manifest has a folder")?;
    let place = folder.strip_prefix(from).context("it lies elsewhere")?;
    copy_files(folder, &copy.join(place))?;
    copy_files(&from.join("static"), &copy.join("static"))?;
    let mut bytes = fs::read(from.join(JQUERY))?;
    change_a_letter(&mut bytes);
    write(&copy.join(JQUERY), &bytes)?;
    write(
        &copy.join("Cargo.toml"),
        as_package(&manifest, place)?.as_bytes(),
    )?;
    fs::copy(from.join("Cargo.lock"), copy.join("Cargo.lock"))?;
    Ok(bytes)
}

/// Changes one letter, far from both ends: the length stays, and so does whatever is made of the beginning or the end.
fn change_a_letter(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    if let Some(letter) = bytes[middle..]
        .iter_mut()
        .find(|it| it.is_ascii_lowercase())
    {
        *letter = letter.to_ascii_uppercase();
    }
}

/// The manifest of the learners' package, with one binary, and without what it says of other packages.
fn as_package(manifest: &str, place: &Path) -> Result<String> {
    let start = manifest.find("[dependencies]").context("no dependencies")?;
    let rest = &manifest[start..];
    let (rest, of_packages) = derived::in_two(rest);
    let of_others = |line: &&str| {
        let key = line.split('=').next().unwrap_or_default().trim();
        ["members", "default-members"].contains(&key)
    };
    let rest: Vec<&str> = rest.lines().filter(|line| !of_others(line)).collect();
    let build = root().join("xtask/rerun_if_changed.rs");
    let server = place.join("server.rs");
    Ok(format!(
        "[package]\nname = {NAME:?}\nedition.workspace = true\nautobins = false\nbuild = {build:?}\n\
         [[bin]]\nname = {NAME:?}\npath = {server:?}\n{}\n{of_packages}\n",
        rest.join("\n")
    ))
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && !entry.path().ends_with(JQUERY) {
            write(&to.join(entry.file_name()), &fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// Writes a file if its bytes differ: what has not changed is not built again.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    match fs::read(path) {
        Ok(there) if there == bytes => Ok(()),
        _ => Ok(fs::write(path, bytes)?),
    }
}

diagnoses! {
    VALIDATOR_STAYS "validator-stays":
        "Another jquery.js gets the same validator. It is a constant, or it depends on something that does not change with every byte, such as the name or the length. When the file changes, a browser that has the old file keeps it for ever."
        => "Look at what the validator is made from: it has to depend on all bytes of the file.";
}
