//! Whether results can be written to their folder, and how much disk space is free.

use std::{io, path::Path};

use super::finding::Finding;
use crate::{exit::ExitCode, output::path};

/// The size of the results and the run log of a million rows, with short cells such as ids.
const BYTES_PER_MILLION_ROWS: u64 = 150_000_000;

/// Checks a folder.
pub(super) fn check_folder(folder: &Path) -> Finding {
    let free = free_bytes(folder);
    match (&free, try_writing(folder)) {
        (Ok(_), Err(error)) => not_writable_finding(folder, &error),
        _ => space_finding(folder, free),
    }
}

/// Creates a file in the folder. Only this tells whether it is possible: permissions, quotas,
/// read-only mounts and network file systems all matter. The file has no name if the system
/// allows that, and is removed at once.
fn try_writing(folder: &Path) -> io::Result<()> {
    tempfile::tempfile_in(folder).map(drop)
}

fn not_writable_finding(folder: &Path, error: &io::Error) -> Finding {
    // Without the name of the file, which is not useful to anybody.
    let cause = error.get_ref().and_then(|error| error.source());
    let cause = cause.map_or_else(|| error.to_string(), ToString::to_string);
    let words = format!(
        "no file can be created in {}: {cause}; make the folder writable, or write results \
         elsewhere (--results)",
        path(folder)
    );
    Finding::bad("disk", ExitCode::SomeRowsBad, words)
}

/// Free bytes, if the system reports them.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> io::Result<Option<u64>> {
    let stats = nix::sys::statvfs::statvfs(folder)?;
    let (blocks, size) = (stats.blocks_available(), stats.fragment_size());
    Ok(Some(wide(blocks).saturating_mul(wide(size))))
}

/// Systems count blocks in integers of different widths.
#[cfg(unix)]
fn wide(count: impl Into<u64>) -> u64 {
    count.into()
}

#[cfg(not(unix))]
fn free_bytes(folder: &Path) -> io::Result<Option<u64>> {
    std::fs::metadata(folder).map(|_| None)
}

fn space_finding(folder: &Path, free: io::Result<Option<u64>>) -> Finding {
    const ABOUT: &str = "disk";
    let place = path(folder);
    match free {
        Err(error) => Finding::bad(
            ABOUT,
            ExitCode::SomeRowsBad,
            format!("{place} cannot be read: {error}; give a folder that exists"),
        ),
        Ok(None) => Finding::unknown(ABOUT, format!("this system does not report it for {place}")),
        Ok(Some(free)) => {
            let words = format!(
                "{} free in {place} (a million rows need about {} MB)",
                size(free),
                BYTES_PER_MILLION_ROWS / 1_000_000
            );
            if free < BYTES_PER_MILLION_ROWS {
                let words = format!(
                    "{words}; free some space, or write results elsewhere \
                                     (--results)"
                );
                return Finding::warn(ABOUT, words);
            }
            Finding::ok(ABOUT, words)
        }
    }
}

/// `12.3 GiB`
#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    const STEP: f64 = 1_024.0;
    let mut size = bytes as f64 / STEP;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    while size >= STEP
        && let Some(larger) = units.next()
    {
        (size, unit) = (size / STEP, larger);
    }
    format!("{size:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_disk_space_is_a_warning_and_a_missing_folder_is_bad() {
        let here = Path::new(".");
        let line = |room| space_finding(here, room).to_string();
        insta::assert_snapshot!(
            line(Ok(Some(13_207_024_435))),
            @"ok    disk       12.3 GiB free in . (a million rows need about 150 MB)"
        );
        insta::assert_snapshot!(
            line(Ok(Some(1_500_000))),
            @"warn  disk       1.4 MiB free in . (a million rows need about 150 MB); free some \
              space, or write results elsewhere (--results)"
        );
        insta::assert_snapshot!(
            line(Ok(None)),
            @"?     disk       this system does not report it for ."
        );
        let line = check_folder(Path::new("not there")).to_string();
        assert!(
            line.starts_with("bad   disk       not there cannot"),
            "{line}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn an_existing_folder_has_free_bytes() {
        let line = check_folder(Path::new(".")).to_string();
        assert!(line.contains(" free in . "), "{line}");
    }

    #[test]
    fn a_file_is_not_a_folder_and_the_check_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        check_folder(folder.path());
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        let file = folder.path().join("links.csv");
        std::fs::write(&file, "").unwrap();
        let line = check_folder(&file).to_string();
        assert!(
            line.starts_with("bad   disk       no file can be created in "),
            "{line}"
        );
    }

    /// The tests may run as root, whom permissions do not stop.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_where_no_file_can_be_created_is_bad_whatever_its_permissions() {
        let line = check_folder(Path::new("/proc")).to_string();
        assert!(
            line.starts_with("bad   disk       no file can be created in /proc: "),
            "{line}"
        );
        assert!(!line.contains(".tmp"), "{line}");
    }
}
