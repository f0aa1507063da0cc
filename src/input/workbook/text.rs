//! The texts of a workbook: plain or with formatted parts, and the escapes in them.

use super::xml::{XmlPiece, XmlReader};
use crate::input::workbook_fault::WorkbookFault;

/// The hexadecimal digits of an escape.
const ESCAPE_DIGITS: usize = 4;

/// Appends the text of the element that has just begun, up to its end. Its formatting is dropped,
/// and so are the readings of Japanese words, which are not shown in the cell.
pub(super) fn append_text(xml: &mut XmlReader, into: &mut String) -> Result<(), WorkbookFault> {
    let start = into.len();
    let mut depth = 1_usize;
    let (mut text, mut reading) = (None, None);
    loop {
        match xml.next()? {
            XmlPiece::Start(element) => {
                depth += 1;
                match element.name() {
                    "t" if reading.is_none() => text = Some(depth),
                    "rPh" => reading = Some(depth),
                    _ => {}
                }
            }
            XmlPiece::End => {
                text = text.filter(|began| *began != depth);
                reading = reading.filter(|began| *began != depth);
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            XmlPiece::Text(piece) if text.is_some() => into.push_str(&piece),
            XmlPiece::Empty(_) | XmlPiece::Text(_) | XmlPiece::Other => {}
            XmlPiece::Eof => return Err(xml.ends_early()),
        }
    }
    unescape(into, start);
    Ok(())
}

/// Replaces the escapes in the text from `start` on: `_x000D_` is a carriage return.
pub(super) fn unescape(text: &mut String, start: usize) {
    if !text[start..].contains("_x") {
        return;
    }
    let escaped = text.split_off(start);
    let mut rest = escaped.as_str();
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some(character) = escape(from) {
            text.push(character);
            rest = &from["_x".len() + ESCAPE_DIGITS + "_".len()..];
        } else {
            text.push('_');
            rest = &from["_".len()..];
        }
    }
    text.push_str(rest);
}

/// The character of the escape at the beginning of a text.
fn escape(text: &str) -> Option<char> {
    let digits = text.get("_x".len().."_x".len() + ESCAPE_DIGITS)?;
    let is_closed = text.as_bytes().get("_x".len() + ESCAPE_DIGITS) == Some(&b'_');
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok()?;
    char::from_u32(code).filter(|_| is_closed && is_hexadecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_characters_and_everything_else_stays() {
        for (escaped, plain) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x000d__x0041_", "\rA"),
            ("_x00_", "_x00_"),
            ("_x+00D_", "_x+00D_"),
            ("_xD800_", "_xD800_"),
            ("my_x_column_x0", "my_x_column_x0"),
            ("_x00é0_", "_x00é0_"),
        ] {
            let mut text = format!("_x0041_{escaped}");
            unescape(&mut text, "_x0041_".len());
            assert_eq!(text, format!("_x0041_{plain}"));
        }
    }
}
