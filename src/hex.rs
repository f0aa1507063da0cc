//! Bytes as hexadecimal digits, for JSON and for comparison by people.

use std::fmt::Write as _;

/// Two lower-case digits per byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The bytes; `None` if the digits are invalid.
pub(crate) fn unhex(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.bytes().map(|digit| char::from(digit).to_digit(16));
    let digits: Option<Vec<_>> = digits.collect();
    let pairs = digits.as_deref()?.chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}
