//! One cell's text where it meets a spreadsheet or a person's eyes.
//!
//! Knows nothing of files, rows or what a cell means.

use std::{borrow::Cow, fmt::Write as _};

/// Put in front of a cell that a spreadsheet would run.
const GUARD: &str = "'";

/// What has to stand in front of the text in a file that a spreadsheet opens:
/// something if it would be run as a formula or begins with `'`, else nothing.
#[must_use]
pub fn guard(text: &str) -> &'static str {
    if text.starts_with(is_guarded) {
        GUARD
    } else {
        ""
    }
}

/// The text as it may stand in such a file, with its [`guard`].
#[must_use]
pub fn neutralise(text: &str) -> Cow<'_, str> {
    match guard(text) {
        "" => Cow::Borrowed(text),
        guard => Cow::Owned(format!("{guard}{text}")),
    }
}

/// The text that [`neutralise`] was given.
#[must_use]
pub fn restore(text: &str) -> &str {
    text.strip_prefix(GUARD)
        .filter(|rest| rest.starts_with(is_guarded))
        .unwrap_or(text)
}

/// The text as it may be shown: characters that hide, move the cursor or turn
/// the writing around are escaped, and what is longer than `max_chars` is cut.
#[must_use]
pub fn clean(text: &str, max_chars: usize) -> String {
    shown(text, max_chars, |_, c| is_hidden(c))
}

/// The text with those characters escaped that are told by place (in characters) and character; what
/// is longer than `max_chars` is cut.
pub(crate) fn shown(
    text: &str,
    max_chars: usize,
    is_escaped: impl Fn(usize, char) -> bool,
) -> String {
    let mut shown = String::with_capacity(text.len().min(max_chars));
    // Where to cut if the rest does not fit beside the `…`.
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

/// Whether a reader would not see this character, or would see others wrongly.
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

/// Hidden characters, and the spaces that look like the ordinary one.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    is_hidden(c) || (c != ' ' && c.is_whitespace())
}

/// A name without what does not matter in it: case, spaces, `_` and `-`.
#[must_use]
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')) {
        let lower = c.to_lowercase();
        // A look-alike (the Kelvin sign) must not become the letter it looks like.
        if c.is_ascii() || lower.clone().all(|lower| !lower.is_ascii()) {
            folded.extend(lower);
        } else {
            folded.push(c);
        }
    }
    folded
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
    fn what_a_spreadsheet_would_run_is_guarded_and_nothing_else_is() {
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
    fn an_apostrophe_that_guards_nothing_stays() {
        assert_eq!(restore("'123"), "'123");
        assert_eq!(restore("'"), "'");
    }

    #[test]
    fn hidden_characters_are_shown() {
        assert_eq!(
            clean("a\u{1b}[31m\u{202e}b\u{200b}\u{2028}\u{9f}", 99),
            "a\\u{1b}[31m\\u{202e}b\\u{200b}\\u{2028}\\u{9f}"
        );
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
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
