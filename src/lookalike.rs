//! Texts that look the same: shows them so that the difference is visible.
//!
//! A no-break space looks like a blank, a decomposed letter like a composed one, a Cyrillic letter
//! like a Latin one. Does not know what the texts mean.

use std::ops::Range;

use unicode_security::skeleton;

use crate::cell::{escape_and_cut, fold, is_invisible};

/// Shows a user's text so that it looks different from others. Invisible characters are escaped
/// (`\u{a0}`). If the text looks like one of the others, the letters that differ are escaped as
/// well.
#[must_use]
pub fn show_distinct<'a>(
    text: &str,
    others: impl IntoIterator<Item = &'a str>,
    max_chars: usize,
) -> String {
    let mut others = others.into_iter();
    let differs = others
        .find(|other| look_alike(text, other))
        .map_or(0..0, |other| difference(text, other));
    escape_and_cut(text, max_chars, |place, c| {
        is_invisible(c) || (!c.is_ascii() && differs.contains(&place))
    })
}

/// Shows a user's text alone, with invisible characters escaped.
#[must_use]
pub fn show_exact(text: &str, max_chars: usize) -> String {
    show_distinct(text, [], max_chars)
}

/// Whether two different texts look the same, or differ only in case or in word separators.
#[must_use]
pub fn look_alike(one: &str, other: &str) -> bool {
    if one == other || (one.is_ascii() && other.is_ascii()) {
        return false;
    }
    // Some letters look alike in only one case.
    let small = |text: &str| skeleton(&fold(&visible(text))).collect::<String>();
    let large = |text: &str| fold(&skeleton(&visible(text)).collect::<String>());
    small(one) == small(other) || large(one) == large(other)
}

/// The visible characters of a text.
fn visible(text: &str) -> String {
    text.chars().filter(|&c| !is_invisible(c)).collect()
}

/// The range, in characters, from the first to the last difference between two texts.
fn difference(text: &str, other: &str) -> Range<usize> {
    let same = |(one, other): &(char, char)| one == other;
    let len = text.chars().count();
    let start = text.chars().zip(other.chars()).take_while(same).count();
    let most = len.min(other.chars().count()) - start;
    let ends = text.chars().rev().zip(other.chars().rev());
    let end = ends.take(most).take_while(same).count();
    start..len - end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lookalikes_are_shown_differently() {
        for (one, other, shown) in [
            (
                "Decision\u{a0}maker",
                "Decision maker",
                ["Decision\\u{a0}maker", "Decision maker"],
            ),
            ("Caf\u{e9}", "Cafe\u{301}", ["Caf\\u{e9}", "Cafe\\u{301}"]),
            ("B\u{43e}ss", "Boss", ["B\\u{43e}ss", "Boss"]),
            ("\u{41d}ARRY", "harry", ["\\u{41d}ARRY", "harry"]),
            ("Bo\u{200b}ss", "Boss", ["Bo\\u{200b}ss", "Boss"]),
            (
                "\u{41e}\u{442}\u{434}\u{435}\u{43b}",
                "O\u{442}\u{434}\u{435}\u{43b}",
                [
                    "\\u{41e}\u{442}\u{434}\u{435}\u{43b}",
                    "O\u{442}\u{434}\u{435}\u{43b}",
                ],
            ),
        ] {
            assert!(look_alike(one, other), "{one} {other}");
            assert_eq!(show_distinct(one, [other], 99), shown[0]);
            assert_eq!(show_distinct(other, [one], 99), shown[1]);
        }
    }

    #[test]
    fn visible_differences_are_not_escaped() {
        for (one, other) in [("Boss", "boss"), ("Caf\u{e9}", "Cafe"), ("\u{43e}", "a")] {
            assert!(!look_alike(one, other), "{one} {other}");
            assert_eq!(show_distinct(one, [other], 99), one);
        }
    }

    #[test]
    fn a_no_break_space_is_escaped_in_a_single_text_too() {
        assert_eq!(show_exact("from\u{202f}id", 99), "from\\u{202f}id");
        assert_eq!(show_exact("Caf\u{e9}", 99), "Caf\u{e9}");
    }

    proptest! {
        #[test]
        fn different_texts_never_look_the_same(
            one in "[aeo \u{a0}\u{e9}\u{435}\u{43e}\u{301}]{0,6}",
            other in "[aeo \u{a0}\u{e9}\u{435}\u{43e}\u{301}]{0,6}",
        ) {
            let shown = [show_distinct(&one, [other.as_str()], 99), show_distinct(&other, [one.as_str()], 99)];
            let visible = shown.each_ref().map(|text| skeleton(text).collect::<String>());
            prop_assert_eq!(one == other, visible[0] == visible[1]);
        }
    }
}
