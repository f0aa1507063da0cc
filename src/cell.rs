//! Makes the text of a cell safe for spreadsheets and for display.
//!
//! Knows nothing about files, rows or the meaning of cells.

use std::{borrow::Cow, fmt::Write as _};

/// Goes before a cell that a spreadsheet would run as a formula.
const GUARD: &str = "'";

/// The prefix that a text needs in a file for spreadsheets. It is empty unless the text would run
/// as a formula or begins with `'`.
#[must_use]
pub fn guard(text: &str) -> &'static str {
    if text.starts_with(is_guarded) {
        GUARD
    } else {
        ""
    }
}

/// The text with its [`guard`].
#[must_use]
pub fn neutralise(text: &str) -> Cow<'_, str> {
    match guard(text) {
        "" => Cow::Borrowed(text),
        guard => Cow::Owned(format!("{guard}{text}")),
    }
}

/// The inverse of [`neutralise`].
#[must_use]
pub fn restore(text: &str) -> &str {
    text.strip_prefix(GUARD)
        .filter(|rest| rest.starts_with(is_guarded))
        .unwrap_or(text)
}

/// Makes a text safe to show: escapes characters that are hidden, move the cursor or change the
/// writing direction, and cuts the text after `max_chars`.
#[must_use]
pub fn clean(text: &str, max_chars: usize) -> String {
    escape_and_cut(text, max_chars, |_, c| is_hidden(c))
}

/// Escapes the characters for which `is_escaped` returns true (given the index in characters, and
/// the character), and cuts the text after `max_chars`.
pub(crate) fn escape_and_cut(
    text: &str,
    max_chars: usize,
    is_escaped: impl Fn(usize, char) -> bool,
) -> String {
    let mut shown = String::with_capacity(text.len().min(max_chars));
    // Where to cut if the rest does not fit with the `…`.
    let (mut chars, mut cut) = (0, 0);
    for (place, c) in text.chars().enumerate() {
        let before = shown.len();
        let width = if is_escaped(place, c) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "{}", c.escape_unicode());
            shown.len() - before
        } else {
            shown.push(c);
            1
        };
        if chars + width > max_chars {
            shown.truncate(cut);
            shown.push('…');
            return shown;
        }
        chars += width;
        if chars < max_chars {
            cut = shown.len();
        }
    }
    shown
}

/// Whether this character is not visible, or changes how others look.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' // zero width, and direction marks
            | '\u{2028}'..='\u{202e}' // line and paragraph separators, embeddings
            | '\u{2060}'..='\u{206f}' // word joiner, isolates
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Hidden characters, and spaces that look like an ordinary one.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    is_hidden(c) || (c != ' ' && c.is_whitespace())
}

/// Removes what does not matter in a name: case, spaces, `_` and `-`.
#[must_use]
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let kept = name.chars().filter(|c| !matches!(c, ' ' | '_' | '-'));
    kept.for_each(|c| push_lower(&mut folded, c));
    folded
}

/// The text in lower case.
#[must_use]
pub fn lower_case(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    text.chars().for_each(|c| push_lower(&mut lower, c));
    lower
}

/// Adds a character in lower case. A lookalike (the Kelvin sign) must not become the letter that it
/// looks like.
fn push_lower(text: &mut String, c: char) {
    let lower = c.to_lowercase();
    if c.is_ascii() || lower.clone().all(|lower| !lower.is_ascii()) {
        text.extend(lower);
    } else {
        text.push(c);
    }
}

fn is_guarded(first: char) -> bool {
    matches!(
        first,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' | '\''
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_formulas_are_guarded() {
        for text in [
            "=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＋", "－", "＠", "'x",
        ] {
            assert_eq!(neutralise(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "1", "a=b", " =1", "(1)", "é"] {
            assert_eq!(neutralise(text), text);
        }
    }

    #[test]
    fn an_ordinary_apostrophe_is_kept() {
        assert_eq!(restore("'123"), "'123");
        assert_eq!(restore("'"), "'");
    }

    #[test]
    fn hidden_characters_are_escaped() {
        assert_eq!(
            clean("a\u{1b}[31m\u{202e}b\u{200b}\u{2028}\u{9f}", 99),
            "a\\u{1b}[31m\\u{202e}b\\u{200b}\\u{2028}\\u{9f}"
        );
    }

    #[test]
    fn long_text_is_cut_with_an_ellipsis() {
        assert_eq!(clean("abcd", 4), "abcd");
        assert_eq!(clean("abcde", 4), "abc…");
        assert_eq!(clean("ab\u{0}e", 4), "ab…");
    }

    proptest! {
        #[test]
        fn restoring_gives_the_original(text in "[-=+@'\t\r\n＝＋－＠a1]{0,4}|.*") {
            let guarded = neutralise(&text);
            prop_assert_eq!(restore(&guarded), text.as_str());
        }

        #[test]
        fn cleaned_text_is_short_and_hides_nothing(text in ".*", max in 1_usize..40) {
            let shown = clean(&text, max);
            prop_assert!(shown.chars().count() <= max);
            prop_assert!(!shown.contains(is_hidden));
        }
    }
}
