//! Texts without personal data: keys of records and e-mail addresses become `…`.
//!
//! Does not know where a text comes from or who reads it.

/// What stands in the place of what is left out.
const LEFT_OUT: &str = "…";

/// The text without words that are, or contain, e-mail addresses.
#[must_use]
pub fn without_addresses(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace).flat_map(|word| {
        let (word, blank) = word.split_at(word.trim_end().len());
        [cell_without_address(word), blank]
    });
    words.collect()
}

/// A cell that may be shown: one with an e-mail address anywhere is left out as a whole, because the
/// words around it may be the name of a person.
#[must_use]
pub fn cell_without_address(cell: &str) -> &str {
    let is_address = cell.contains('@') || cell.to_ascii_lowercase().contains("%40");
    if is_address { LEFT_OUT } else { cell }
}

/// Leaves keys out of texts that may repeat them.
#[derive(Debug, Default)]
pub struct KeyRedaction {
    /// In lower case, because an answer may write a key in another one.
    keys: Vec<Vec<char>>,
}

impl KeyRedaction {
    /// Leaves these keys out.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        let keys = keys.into_iter().map(|key| lower_case(key.trim()).collect());
        Self {
            keys: keys.filter(|key: &Vec<char>| !key.is_empty()).collect(),
        }
    }

    /// The text without the keys, and without e-mail addresses: those of other records, for example.
    /// A key that is only a part of a word is left.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut redacted = String::with_capacity(text.len());
        let (mut rest, mut is_in_word) = (text, false);
        while let Some(first) = rest.chars().next() {
            let found = (!is_in_word || !is_of_word(first)).then(|| self.longest_key(rest));
            let length = if let Some(length) = found.flatten() {
                redacted.push_str(LEFT_OUT);
                length
            } else {
                redacted.push(first);
                first.len_utf8()
            };
            is_in_word = rest[..length].ends_with(is_of_word);
            rest = &rest[length..];
        }
        without_addresses(&redacted)
    }

    /// The bytes of the longest key with which the text begins.
    fn longest_key(&self, text: &str) -> Option<usize> {
        let lengths = self.keys.iter().filter_map(|key| key_length(text, key));
        lengths.max()
    }
}

/// The bytes of the key at the beginning of the text, up to the end of a word. A text that was cut
/// may end within the key.
fn key_length(text: &str, key: &[char]) -> Option<usize> {
    let mut expected = key.iter();
    let mut letters = text.char_indices();
    let end = loop {
        let Some((at, letter)) = letters.next() else {
            break text.len();
        };
        if expected.as_slice().is_empty() {
            break at;
        }
        if at > 0 && letter == '…' && letters.as_str().is_empty() {
            return Some(at);
        }
        let is_next = |letter| expected.next() == Some(&letter);
        if !letter.to_lowercase().all(is_next) {
            return None;
        }
    };
    let continues = text[..end].ends_with(is_of_word) && text[end..].starts_with(is_of_word);
    (expected.as_slice().is_empty() && !continues).then_some(end)
}

fn lower_case(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn without(keys: &[&str], text: &str) -> String {
        KeyRedaction::new(keys.iter().copied()).apply(text)
    }

    #[test]
    fn keys_are_left_out_in_any_case_and_next_to_any_sign() {
        let keys = ["acme.com", "EXT 7", "müller.de"];
        for (text, expected) in [
            ("no ACME.com here", "no … here"),
            ("[acme.com,ext 7]", "[…,…]"),
            ("id=Ext 7; MÜLLER.DE", "id=…; …"),
            ("https://acme.com/x", "https://…/x"),
            ("acme.com", "…"),
            // Longer words are others.
            (
                "bigacme.com acme.comma EXT 71",
                "bigacme.com acme.comma EXT 71",
            ),
            // A message that was cut.
            ("asked for acme.c…", "asked for ……"),
            ("asked for EXT…", "asked for ……"),
        ] {
            assert_eq!(without(&keys, text), expected);
        }
    }

    #[test]
    fn the_longest_of_several_keys_is_left_out() {
        assert_eq!(without(&["acme", "acme.com"], "acme.com, acme"), "…, …");
    }

    #[test]
    fn addresses_are_left_out_with_and_without_keys() {
        let text = "ann@x.com\tand 'bob%40x.com',\nnot 7";
        for keys in [&["7x"][..], &[], &[" "]] {
            assert_eq!(without(keys, text), "…\tand …\nnot 7");
        }
    }

    proptest! {
        #[test]
        fn no_word_that_is_a_key_remains(
            keys in prop::collection::vec("[a-cİß]{1,3}([.-][a-c]{1,2})?", 1..4),
            words in prop::collection::vec(("[a-cİß]{1,3}", 0..4_usize, "[ ,;:]{1,2}"), 0..6),
        ) {
            let word = |(word, key, sign): &(String, usize, String)| {
                keys.get(*key).unwrap_or(word).to_uppercase() + sign
            };
            let text: String = words.iter().map(word).collect();
            let keys: Vec<_> = keys.iter().map(String::as_str).collect();
            let redacted = without(&keys, &text);
            let is_key = |word: &str| keys.iter().any(|key| lower_case(key).eq(lower_case(word)));
            prop_assert!(!redacted.split([' ', ',', ';', ':']).any(is_key), "{redacted}");
        }
    }
}
