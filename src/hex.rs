//! Bytes as hexadecimal digits, for digests that people may compare.

use std::fmt::Write as _;

/// Two small digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
