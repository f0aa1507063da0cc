//! Cells in the form in which programs write nearly all of them: a number or the index of a shared
//! text, such as `<c r="A2" t="s"><v>3</v></c>`.
//!
//! A sheet has millions of cells, and the XML parser takes five steps for each. Whatever has any
//! other form is left to the parser.

use std::{str, sync::LazyLock};

use memchr::memmem::Finder;

use super::attributes::CellAttributes;

/// The start of a cell with attributes, and the end of one with a value.
const START: &[u8] = b"<c ";
const END: &str = "</v></c>";

/// A longer cell is left to the parser.
const MAX_BYTES: usize = 256;

static FIND_END: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(END));

/// A cell with a plain value.
pub(super) struct PlainCell<'a> {
    pub(super) attributes: CellAttributes<'a>,
    pub(super) value: &'a str,
}

/// The cell that a text begins with, if it is plain, and its length.
#[inline]
pub(super) fn parse(text: &[u8]) -> Option<(PlainCell<'_>, usize)> {
    if !text.starts_with(START) {
        return None;
    }
    let end = FIND_END.find(&text[..text.len().min(MAX_BYTES)])?;
    let cell = str::from_utf8(&text[START.len()..end]).ok()?;
    let (attributes, value) = cell.split_once('>')?;
    let value = value.strip_prefix("<v>")?;
    let is_plain = |byte: &u8| byte.is_ascii_digit() || b"+-.E".contains(byte);
    if value.is_empty() || !value.as_bytes().iter().all(is_plain) {
        return None;
    }
    let attributes = CellAttributes::parse(attributes).ok()?;
    let is_number = matches!(attributes.kind, None | Some("n" | "s"));
    is_number.then_some((PlainCell { attributes, value }, end + END.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_usual_form_is_plain() {
        let plain = |text: &str| {
            let (PlainCell { attributes, value }, length) = parse(text.as_bytes())?;
            assert!(text[..length].ends_with("</v></c>"));
            let CellAttributes {
                reference,
                style,
                kind,
            } = attributes;
            let words = [reference, style, kind].map(Option::unwrap_or_default);
            Some(format!("{} {value}", words.join(" ")))
        };
        for (text, found) in [
            (
                r#"<c r="A2" t="s"><v>3</v></c><c r="B2"/>"#,
                Some("A2  s 3"),
            ),
            (
                r#"<c r="B2" s="12"><v>-1.5E+10</v></c></row>"#,
                Some("B2 12  -1.5E+10"),
            ),
            (r"<c s='1' r='A2' t='n'><v>3</v></c>", Some("A2 1 n 3")),
            (r#"<c r="A2"><f>B2</f><v>3</v></c>"#, None),
            (r#"<c r="A2" t="str"><v>3</v></c>"#, None),
            (r#"<c r="A2" t="b"><v>1</v></c>"#, None),
            (r#"<c r="A2"><v>3 </v></c>"#, None),
            (r#"<c r="A2"><v></v></c>"#, None),
            (r#"<c r="A2"><v>&#51;</v></c>"#, None),
            (r#"<c r="A2"/><c r="B2"><v>3</v></c>"#, None),
            (r#"<c r="A2"><!-- > --><v>3</v></c>"#, None),
            (r#"<c r="A2>"><v>3</v></c>"#, None),
            (r#"<x:c r="A2"><v>3</v></c>"#, None),
            (r#"<c r="A2"><v>3</v></"#, None),
            ("<c>", None),
        ] {
            assert_eq!(plain(text).as_deref(), found, "{text}");
        }
    }
}
