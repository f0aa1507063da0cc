//! The attributes of rows and cells, split without a parser because millions of cells have them.

/// The attributes of a row or a cell, as they are written. They never need entities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CellAttributes<'a> {
    /// `r`: the number of the row, or the column and the row of the cell.
    pub(super) reference: Option<&'a str>,
    /// `s`: the index of the style.
    pub(super) style: Option<&'a str>,
    /// `t`: how the value is to be read.
    pub(super) kind: Option<&'a str>,
}

impl<'a> CellAttributes<'a> {
    /// Reads them from the text after the name of an element. An error is the text that is not an
    /// attribute.
    #[inline]
    pub(super) fn parse(text: &'a str) -> Result<Self, &'a str> {
        let mut found = Self::default();
        let mut rest = text.trim_ascii_start();
        while !rest.is_empty() {
            let (name, value, after) = split(rest).ok_or(rest)?;
            match name {
                "r" => found.reference = Some(value),
                "s" => found.style = Some(value),
                "t" => found.kind = Some(value),
                _ => {}
            }
            rest = after;
        }
        Ok(found)
    }
}

/// The name and the value of the first attribute, and the text after it.
#[inline]
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let bytes = text.as_bytes();
    let equals = bytes.iter().position(|byte| *byte == b'=')?;
    let rest = bytes[equals + 1..].trim_ascii_start();
    let (quote, value) = rest.split_first()?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let length = value.iter().position(|byte| byte == quote)?;
    let start = text.len() - value.len();
    let value = text.get(start..start + length)?;
    let after = text.get(start + length + 1..)?;
    let name = text[..equals].trim_ascii_end();
    Some((name, value, after.trim_ascii_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_attributes_are_found_among_others() {
        let found = CellAttributes {
            reference: Some("A2"),
            style: Some("1"),
            kind: Some("s"),
        };
        for text in [
            r#" r="A2" s="1" t="s""#,
            r#"t='s' s = "1"  cm="1" x:r="B9" r="A2" "#,
            r#" spans='1:"3' r="A2" s="1" t="s""#,
        ] {
            assert_eq!(CellAttributes::parse(text), Ok(found), "{text}");
        }
        assert_eq!(CellAttributes::parse(" "), Ok(CellAttributes::default()));
        for text in ["r", "r=", "r=A2", "r=\"A2", "r='A2\""] {
            assert_eq!(CellAttributes::parse(text), Err(text));
        }
    }
}
