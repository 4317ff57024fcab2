//! What is being taught just now, for the room of the class: the step and the stage, in a small file that whoever presents
//! holds locked. A file that nobody holds is of a lesson that has ended, however it ended.
//!
//! The file is this user's alone. Whoever reads it believes no other.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use show::root;

/// The step and the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taught {
    /// The step's number.
    pub step: u32,
    /// The stage, counted from 1.
    pub stage: usize,
}

/// That somebody teaches. Dropping it ends that.
#[derive(Debug)]
pub struct Teaching(Option<File>);

impl Teaching {
    /// From now on. Where the file cannot be written, or somebody else teaches already, the room does not hear of it, and
    /// the lesson goes on.
    pub fn begin() -> Teaching {
        Teaching(open(&file()).filter(|file| file.try_lock().is_ok()))
    }

    /// The class is at this stage.
    pub fn note(&mut self, taught: Taught) {
        if let Some(file) = &mut self.0 {
            // One write of the same length each time: a reader finds the old or the new one.
            let line = format!("{:>4} {:>4}\n", taught.step, taught.stage);
            let _ = file.rewind().and_then(|()| file.write_all(line.as_bytes()));
        }
    }
}

impl Taught {
    /// What is being taught on this machine, if anything is.
    pub fn read() -> Option<Taught> {
        read(&file())
    }
}

fn file() -> PathBuf {
    root().join(".workshop").join("taught")
}

fn open(path: &Path) -> Option<File> {
    fs::create_dir_all(path.parent()?).ok()?;
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).ok()
}

fn read(path: &Path) -> Option<Taught> {
    let file = File::open(path).ok()?;
    if !is_of_this_user_alone(&file) || file.try_lock_shared().is_ok() {
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    let (step, stage) = text.trim().split_once(' ')?;
    Some(Taught {
        step: step.parse().ok()?,
        stage: stage.trim().parse().ok()?,
    })
}

/// Whether nobody else can have written the file. `.workshop` is made by this user, and so is what is made there; elsewhere
/// than on Unix, the folder's own rights say as much.
fn is_of_this_user_alone(file: &File) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let me = nix::unistd::geteuid().as_raw();
        file.metadata()
            .is_ok_and(|it| it.uid() == me && it.mode() & 0o077 == 0)
    }
    #[cfg(not(unix))]
    file.metadata().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_is_known_while_it_lasts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("taught");
        assert_eq!(read(&path), None);
        let mut teaching = Teaching(open(&path).filter(|file| file.try_lock().is_ok()));
        for stage in [3, 12, 1] {
            let taught = Taught { step: 10, stage };
            teaching.note(taught);
            assert_eq!(read(&path), Some(taught));
        }
        drop(teaching);
        assert_eq!(read(&path), None, "it has ended");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_write_is_not_believed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taught");
        let mut teaching = Teaching(open(&path).filter(|file| file.try_lock().is_ok()));
        teaching.note(Taught { step: 10, stage: 3 });
        fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
        assert_eq!(read(&path), None);
    }
}
