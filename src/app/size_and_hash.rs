//! The size and the hash of a whole file, which say whether it is the one that was planned.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use ring::digest::{Context, SHA256};

use crate::hex::hex;

/// The bytes that are read at once.
const READ_AT_ONCE: usize = 256 << 10;

/// The size of a file, and the SHA-256 of all its bytes.
pub(super) fn size_and_hash(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Context::new(&SHA256);
    let mut buffer = vec![0; READ_AT_ONCE];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((size, hex(hash.finish().as_ref())));
        }
        size += read as u64;
        hash.update(&buffer[..read]);
    }
}
