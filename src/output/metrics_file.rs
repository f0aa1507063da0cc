//! The file that a monitor reads: replaced as a whole, so that nobody ever sees half of one.
//!
//! Knows nothing of what is in it.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process,
};

use crate::readable_file;

/// Far more than this program writes. The rest of a larger file is not read.
const MAX_BYTES: u64 = 1 << 20;

/// A file for a monitor. It need not exist.
#[derive(Clone, Debug)]
pub struct MetricsFile {
    /// As the user named it.
    path: PathBuf,
}

impl MetricsFile {
    /// The file at this path.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name without the ending. No two files of a folder have the same one, so it tells the
    /// runs of a host from each other.
    #[must_use]
    pub fn run_name(&self) -> String {
        let stem = self.path.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    /// What it says now; nothing, if it does not exist or cannot be read.
    #[must_use]
    pub fn text(&self) -> String {
        let mut bytes = Vec::new();
        let opened = File::open(&self.path);
        let read = opened.and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
        if read.is_err() {
            return String::new();
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Finds out whether it can be replaced, as far as an empty file beside it can tell.
    ///
    /// # Errors
    /// If it cannot.
    pub fn try_writing(&self) -> io::Result<()> {
        NewFile::create(&self.target()).map(drop)
    }

    /// Replaces it in one step. It is not synced: after a power cut, an old file does no harm.
    ///
    /// # Errors
    /// If it cannot be written. Then it is as before.
    pub fn replace(&self, text: &str) -> io::Result<()> {
        let target = self.target();
        let mut new = NewFile::create(&target)?;
        new.file.write_all(text.as_bytes())?;
        fs::rename(&new.path, target)?;
        new.is_renamed = true;
        Ok(())
    }

    /// What a link leads to, so that the link stays.
    fn target(&self) -> PathBuf {
        let target = self.path.canonicalize();
        target.unwrap_or_else(|_| self.path.clone())
    }
}

/// The next content, in the folder of the file, because only there a rename is one step. It is
/// removed unless it is renamed.
struct NewFile {
    path: PathBuf,
    file: File,
    is_renamed: bool,
}

impl NewFile {
    fn create(target: &Path) -> io::Result<Self> {
        let path = target.with_file_name(temporary_name(target));
        let file = match readable_file::create_new(&path) {
            // A run with the same process number was killed just then.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&path)?;
                readable_file::create_new(&path)?
            }
            created => created?,
        };
        Ok(Self {
            path,
            file,
            is_renamed: false,
        })
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_renamed {
            // If it stays, it does no harm: monitors do not read files with this ending.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// `.links.prom.4711.tmp`: hidden, with another ending, and no other process has this name.
fn temporary_name(target: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", process::id()));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the files of a folder.
    fn names(folder: &Path) -> Vec<OsString> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn the_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = MetricsFile::new(folder.path().join("links.prom"));
        file.try_writing().unwrap();
        assert_eq!(names(folder.path()).len(), 0);
        assert_eq!(
            (file.text(), file.run_name()),
            (String::new(), "links".to_owned())
        );
        file.replace("one\n").unwrap();
        let mut reader = File::open(file.path()).unwrap();
        // Left by a process with the same number that was killed.
        fs::write(folder.path().join(temporary_name(file.path())), "half").unwrap();
        file.replace("two\n").unwrap();
        assert_eq!(file.text(), "two\n");
        assert_eq!(names(folder.path()), ["links.prom"]);
        let mut before = String::new();
        reader.read_to_string(&mut before).unwrap();
        assert_eq!(
            before, "one\n",
            "whoever has opened it reads all of the old one"
        );
    }

    #[test]
    fn a_file_that_cannot_be_replaced_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("links.prom")).unwrap();
        let file = MetricsFile::new(folder.path().join("links.prom"));
        file.replace("one\n").unwrap_err();
        assert_eq!(names(folder.path()), ["links.prom"]);
        let nowhere = MetricsFile::new(folder.path().join("none").join("links.prom"));
        let error = nowhere.try_writing().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_the_file_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("target.prom"), "old").unwrap();
        let link = folder.path().join("links.prom");
        std::os::unix::fs::symlink("target.prom", &link).unwrap();
        MetricsFile::new(link.clone()).replace("new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(folder.path().join("target.prom")).unwrap(), b"new");
    }
}
