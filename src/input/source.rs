//! The source of the bytes: files and pipes; and whether a file was changed.
//!
//! Owns every call to the file system. Knows nothing about text.

use std::{
    ffi::OsStr,
    fs::{self, File, Metadata},
    io::{self, Read, Seek as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use super::{
    error::{InputRefusal, PathKind},
    options::InputPath,
};

/// The bytes of a file, and what is known about it.
pub(super) struct InputSource {
    pub(super) bytes: SourceBytes,
    /// The size, if it is a regular file.
    pub(super) size: Option<u64>,
    pub(super) watch: Option<FileWatch>,
}

/// The bytes of an input.
pub(super) enum SourceBytes {
    /// A regular file, which can be read in any order.
    File(File),
    /// Anything else.
    Stream(Box<dyn Read + Send>),
}

impl Read for SourceBytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(into),
            Self::Stream(stream) => stream.read(into),
        }
    }
}

/// Opens what can be read sequentially, and refuses everything else at once.
pub(super) fn open(path: &InputPath) -> Result<InputSource, InputRefusal> {
    if is_lock_file(path) {
        return Err(InputRefusal::LockFile);
    }
    let InputPath::File(path) = path else {
        return Ok(InputSource {
            bytes: SourceBytes::Stream(Box::new(io::stdin())),
            size: None,
            watch: None,
        });
    };
    // Checked before opening, because opening a device could block or have side effects.
    refuse_special(&fs::metadata(path).map_err(refusal)?)?;
    let file = File::open(path).map_err(refusal)?;
    let metadata = file.metadata().map_err(refusal)?;
    refuse_special(&metadata)?;
    let watch = metadata.is_file().then(|| FileWatch::new(&file, &metadata));
    Ok(InputSource {
        bytes: if metadata.is_file() {
            SourceBytes::File(file)
        } else {
            SourceBytes::Stream(Box::new(file))
        },
        size: metadata.is_file().then_some(metadata.len()),
        watch: watch.transpose().map_err(refusal)?,
    })
}

/// Whether it is named as Excel names the mark of an open workbook.
fn is_lock_file(path: &InputPath) -> bool {
    let InputPath::File(path) = path else {
        return false;
    };
    let name = path.file_name().map(OsStr::as_encoded_bytes);
    name.is_some_and(|name| name.starts_with(b"~$") && name.ends_with(b".xlsx"))
}

/// Whether it can be read only once, as far as that is known without reading.
#[must_use]
pub fn is_stream(path: &InputPath) -> bool {
    match path {
        InputPath::Stdin => true,
        InputPath::File(path) => fs::metadata(path).is_ok_and(|at| !at.is_file() && !at.is_dir()),
    }
}

/// Rewinds the file. It is watched since it was first opened.
pub(super) fn reopen(watch: Option<FileWatch>) -> Result<InputSource, InputRefusal> {
    let Some(watch) = watch else {
        return Err(InputRefusal::NotAFile(PathKind::Stream));
    };
    let rewound = watch.file.try_clone().and_then(|mut file| {
        file.rewind()?;
        Ok(file)
    });
    Ok(InputSource {
        bytes: SourceBytes::File(rewound.map_err(refusal)?),
        size: Some(watch.len),
        watch: Some(watch),
    })
}

fn refusal(error: io::Error) -> InputRefusal {
    if error.kind() == io::ErrorKind::NotFound {
        InputRefusal::NotFound
    } else {
        InputRefusal::Unreadable(error)
    }
}

fn refuse_special(metadata: &Metadata) -> Result<(), InputRefusal> {
    if metadata.is_dir() {
        return Err(InputRefusal::NotAFile(PathKind::Directory));
    }
    refuse_device(metadata)
}

#[cfg(unix)]
fn refuse_device(metadata: &Metadata) -> Result<(), InputRefusal> {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    if kind.is_char_device() || kind.is_block_device() {
        Err(InputRefusal::NotAFile(PathKind::Device))
    } else if kind.is_socket() {
        Err(InputRefusal::NotAFile(PathKind::Socket))
    } else {
        Ok(())
    }
}

#[cfg(not(unix))]
fn refuse_device(_: &Metadata) -> Result<(), InputRefusal> {
    Ok(())
}

/// The state of a regular file when it was opened.
pub(super) struct FileWatch {
    file: File,
    len: u64,
    modified: Option<SystemTime>,
}

impl FileWatch {
    fn new(file: &File, metadata: &Metadata) -> io::Result<Self> {
        Ok(Self {
            file: file.try_clone()?,
            len: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }

    /// Whether its size or modification time has changed.
    pub(super) fn changed(&self) -> bool {
        match self.file.metadata() {
            Ok(now) => now.len() != self.len || now.modified().ok() != self.modified,
            Err(_) => true,
        }
    }
}

/// Counts the bytes that are read.
pub(super) struct CountingReader<R> {
    pub(super) source: R,
    pub(super) count: Arc<AtomicU64>,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Gives access to the first bytes before they are read.
pub(super) struct PeekReader<R> {
    head: Vec<u8>,
    returned: usize,
    source: R,
}

impl<R: Read> PeekReader<R> {
    /// Reads this number of bytes, or up to the end; never more.
    pub(super) fn new(mut source: R, bytes: usize) -> io::Result<Self> {
        let mut head = Vec::with_capacity(bytes);
        source.by_ref().take(bytes as u64).read_to_end(&mut head)?;
        Ok(Self {
            head,
            returned: 0,
            source,
        })
    }

    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Where the bytes come from.
    pub(super) fn source(&self) -> &R {
        &self.source
    }
}

impl<R: Read> Read for PeekReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.returned == self.head.len() {
            return self.source.read(into);
        }
        let read = (&self.head[self.returned..]).read(into)?;
        self.returned += read;
        Ok(read)
    }
}
