//! Cells with several ids: the character between the ids, and the pieces of a cell.
//!
//! Pure: one text in, its pieces out. Does not know whether a piece is an id.

use std::{fmt, ops::Range, str::FromStr};

use crate::cell::is_invisible;

/// What has no meaning around a piece.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// How a line break is written in options.
const NEWLINE: &str = "newline";

/// The character between the ids of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdSeparator(char);

/// The text is not a character that can be between ids.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' cannot be between ids; write one character that is no letter, digit, blank, quote or \
     minus, such as ; , | or /, or write newline"
)]
pub struct UnfitSeparator(pub String);

impl IdSeparator {
    /// The separator of HubSpot's exports.
    pub const SEMICOLON: Self = Self(';');

    /// The usual ones.
    pub(super) const USUAL: [Self; 4] = [Self::SEMICOLON, Self('|'), Self('\n'), Self(',')];

    /// The character.
    #[must_use]
    pub fn character(self) -> char {
        self.0
    }

    /// Where the pieces of a cell are, without the blanks around them. Empty pieces are left out,
    /// but for one if the cell has no others. A cell without a separator is one piece as it is.
    pub(super) fn pieces(self, cell: &str) -> Vec<Range<usize>> {
        if !self.is_in(cell) {
            return std::iter::once(0..cell.len()).collect();
        }
        let mut start = 0;
        let pieces = cell.split(|c| self.is(c)).map(|piece| {
            let leading = piece.len() - piece.trim_start_matches(BLANKS).len();
            let begin = start + leading;
            start += piece.len() + self.0.len_utf8();
            begin..begin + piece.trim_matches(BLANKS).len()
        });
        let mut pieces: Vec<_> = pieces.filter(|piece| !piece.is_empty()).collect();
        if pieces.is_empty() {
            pieces.push(0..0);
        }
        pieces
    }

    /// Whether a cell has it.
    fn is_in(self, cell: &str) -> bool {
        cell.contains(|c| self.is(c))
    }

    /// A line may end with a carriage return, a line feed, or both.
    fn is(self, c: char) -> bool {
        c == self.0 || (self.0 == '\n' && c == '\r')
    }
}

impl FromStr for IdSeparator {
    type Err = UnfitSeparator;

    fn from_str(text: &str) -> Result<Self, UnfitSeparator> {
        match text.to_ascii_lowercase().as_str() {
            "semicolon" => return Ok(Self(';')),
            "comma" => return Ok(Self(',')),
            "pipe" => return Ok(Self('|')),
            NEWLINE | "\\n" | "\n" | "\r\n" => return Ok(Self('\n')),
            _ => {}
        }
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(only), None) if is_fit(only) => Ok(Self(only)),
            _ => Err(UnfitSeparator(text.to_owned())),
        }
    }
}

impl fmt::Display for IdSeparator {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            '\n' => out.write_str(NEWLINE),
            other => write!(out, "{other}"),
        }
    }
}

/// Whether a character cannot be a part of an id, or of what a spreadsheet makes of one.
fn is_fit(c: char) -> bool {
    const QUOTES: [char; 9] = [
        '"', '\'', '`', '´', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}',
    ];
    const MINUSES: [char; 5] = ['-', '\u{2212}', '\u{2013}', '\u{2014}', '\u{ff0d}'];
    let is_shown = !c.is_whitespace() && !c.is_control() && !is_invisible(c);
    let is_other = !QUOTES.contains(&c) && !MINUSES.contains(&c) && c != '\u{fffd}';
    !c.is_alphanumeric() && is_shown && is_other
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(separator: &str, cell: &str) -> Vec<String> {
        let separator: IdSeparator = separator.parse().unwrap();
        let pieces = separator.pieces(cell).into_iter();
        pieces.map(|piece| cell[piece].to_owned()).collect()
    }

    #[test]
    fn a_cell_has_the_pieces_between_the_separators() {
        for (separator, cell, expected) in [
            (";", "7001;7002;7003", &["7001", "7002", "7003"][..]),
            (";", "7001;;7002;", &["7001", "7002"]),
            (";", " 7001 ;\t7002\r\n; \n", &["7001", "7002"]),
            (";", "7001;abc", &["7001", "abc"]),
            (";", "7001;7001", &["7001", "7001"]),
            (";", "7001,7002", &["7001,7002"]),
            (";", " 7001 ", &[" 7001 "]),
            (";", "", &[""]),
            (";", "  ", &["  "]),
            (";", ";", &[""]),
            (";", " ; ;", &[""]),
            (",", "1,234", &["1", "234"]),
            ("|", "é|7002|", &["é", "7002"]),
            ("/", "7001/7002", &["7001", "7002"]),
            ("；", "7001；；é；7002", &["7001", "é", "7002"]),
            ("newline", "7001\r\n7002\n7003\r", &["7001", "7002", "7003"]),
            ("newline", "7001;7002", &["7001;7002"]),
        ] {
            assert_eq!(pieces(separator, cell), expected, "{separator} {cell:?}");
        }
    }

    #[test]
    fn separators_have_names_or_are_themselves() {
        for (text, shown) in [
            (";", ";"),
            ("Semicolon", ";"),
            (",", ","),
            ("comma", ","),
            ("pipe", "|"),
            ("/", "/"),
            ("#", "#"),
            ("\\n", "newline"),
            ("\n", "newline"),
            ("NEWLINE", "newline"),
        ] {
            let separator: IdSeparator = text.parse().unwrap();
            assert_eq!(separator.to_string(), shown);
        }
    }

    #[test]
    fn what_can_be_in_an_id_is_no_separator() {
        for text in [
            "", "a", "é", "7", "٣", " ", "\t", "\u{a0}", "\"", "'", "’", "-", "−", "–", ";;", "; ",
            "\u{200b}", "\0", "tab", "\u{fffd}",
        ] {
            assert!(text.parse::<IdSeparator>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn joined_ids_come_back(
            ids in prop::collection::vec(1..u64::MAX / 2, 2..40),
            separator in prop::sample::select(vec![";", ",", "|", "/", "newline", "；"]),
            blanks in prop::sample::select(vec!["", " ", "\t ", "  "]),
        ) {
            let character = match separator {
                "newline" => "\r\n",
                other => other,
            };
            let ids: Vec<_> = ids.iter().map(u64::to_string).collect();
            let cell = ids.join(&format!("{blanks}{character}{blanks}"));
            prop_assert_eq!(pieces(separator, &cell), ids);
        }

        #[test]
        fn nothing_but_separators_and_blanks_gets_lost(cell: String) {
            let found = pieces(";", &cell);
            prop_assert!(!found.is_empty());
            let kept = |text: &str| -> String {
                text.chars().filter(|c| *c != ';' && !BLANKS.contains(c)).collect()
            };
            prop_assert_eq!(kept(&found.concat()), kept(&cell));
        }
    }
}
