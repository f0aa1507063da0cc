//! Tests of the file system: what is opened, what is refused, and files that change.

use std::{fs, io::Write as _, path::Path};

use super::*;
use crate::input::{self, InputFormat};

fn at(path: impl AsRef<Path>) -> InputOptions {
    InputOptions::new(InputPath::File(path.as_ref().to_owned()))
}

fn refused(path: impl AsRef<Path>) -> String {
    let Err(error) = input::open(&at(path)) else {
        panic!("not refused");
    };
    assert!(error.is_refusal());
    messages::input(&error)
}

#[test]
fn i39_a_path_that_is_not_a_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let message = refused(dir.path());
    assert!(message.contains("a folder") && message.contains(&*dir.path().to_string_lossy()));
    assert!(refused(dir.path().join("links.csv")).contains("no such file"));
}

#[cfg(unix)]
#[test]
fn i39_devices_and_sockets_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert!(refused(socket).contains("a socket"));
    assert!(refused("/dev/null").contains("a device"));
    assert!(refused("/dev/zero").contains("a device"));
}

#[test]
fn the_shape_of_a_file_is_detected() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, format!("{HEADER}1,2,1\n")).unwrap();
    let input = input::open(&at(&file)).unwrap();
    let shape = input.shape();
    assert_eq!(shape.bytes_total, Some(48));
    assert_eq!(
        (shape.bom, shape.format.is_compressed(), shape.from_results),
        (false, false, false)
    );
    let (encoding, gzip) = ("UTF-8", false);
    assert_eq!(shape.format, InputFormat::Delimited { encoding, gzip });
    assert_eq!(drain(input).links(), [Ok((1, 2, 1))]);
}

#[cfg(unix)]
#[test]
fn i38_a_fifo_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    let made = std::process::Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .unwrap();
    assert!(made.success());
    let writer = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::write(fifo, format!("{HEADER}1,2,1\n")).unwrap()
    });
    let input = input::open(&at(&fifo)).unwrap();
    assert_eq!(input.shape().bytes_total, None);
    assert_eq!(drain(input).links(), [Ok((1, 2, 1))]);
    writer.join().unwrap();
}

#[test]
fn a_dash_means_standard_input() {
    assert_eq!("-".parse(), Ok(InputPath::Stdin));
    assert_eq!("./-".parse(), Ok(InputPath::File("./-".into())));
    assert_eq!(InputPath::Stdin.to_string(), "standard input");
}

#[test]
fn i40_a_file_that_changes_is_an_error() {
    let text = format!("{HEADER}{}", "1,2,1\n".repeat(100_000));
    let grow = |path: &Path| {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"3,4,1\n").unwrap();
    };
    let shrink = |path: &Path| {
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(300_000).unwrap();
    };
    let open_quote = |path: &Path| fs::write(path, "\"".repeat(150_001)).unwrap();
    for change in [&grow as &dyn Fn(&Path), &shrink, &open_quote] {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, &text).unwrap();
        let input = input::open(&at(&file)).unwrap();
        change(file.path());
        let result = drain(input);
        let error = result.error.unwrap();
        assert!(
            !error.is_refusal() && messages::input(&error).contains("was changed"),
            "{error:?}"
        );
        assert!(result.rows.len() > 10_000);
    }
}

#[test]
fn i42_a_read_error_is_reported() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let source = || io::Cursor::new(format!("{HEADER}1,2,1\n3,4")).chain(Fails);
    let mut input = open(source(), &options()).unwrap();
    let mut row = InputReader::empty_row();
    assert!(input.next_row(&mut row).unwrap());
    let error = input.next_row(&mut row).unwrap_err();
    assert!(
        messages::input(&error)
            .contains("line 3: the file could not be read any further (the disk is gone)"),
        "{error:?}"
    );
    assert!(open(Fails, &options()).is_err());
    assert_eq!(
        drain(open(source(), &options()).unwrap()).links(),
        [Ok((1, 2, 1))]
    );
}

#[test]
fn an_interrupted_read_is_tried_again() {
    struct Interrupted(io::Cursor<Vec<u8>>, bool);
    impl Read for Interrupted {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                Err(io::ErrorKind::Interrupted.into())
            } else {
                self.0.read(into)
            }
        }
    }
    for file in [
        format!("{HEADER}1,2,1\n").into_bytes(),
        format!("\u{feff}{HEADER}1,2,1\n")
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect(),
    ] {
        let source = Interrupted(io::Cursor::new(file), false);
        assert_eq!(
            drain(open(source, &options()).unwrap()).links(),
            [Ok((1, 2, 1))]
        );
    }
}
