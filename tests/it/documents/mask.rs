//! What differs from run to run, masked before an example is compared.

use crate::golden::mask::masked as masked_for_golden;

/// Covers times, dates, durations, paces, ids, ports and free room.
pub(super) fn masked(text: &str) -> String {
    let text = masked_for_golden(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some((length, name)) = covered(rest, out.ends_with(is_word)) {
            out.push_str(name);
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '.'
}

/// Numbers with these words after them differ.
const MEASURED: [(&str, &str); 3] = [
    (" GiB free", "<room> free"),
    (" MiB free", "<room> free"),
    (" rows/s", "<pace>"),
];

/// How much of the text is covered, and by what.
fn covered(text: &str, is_in_a_word: bool) -> Option<(usize, &'static str)> {
    if is_in_a_word {
        return None;
    }
    let is_other = |c: char| !c.is_ascii_digit() && c != '.';
    let digits = text.find(is_other).unwrap_or(text.len());
    if digits == 0 {
        return covered_words(text);
    }
    if is_date(text) {
        return Some((10, "<date>"));
    }
    let rest = &text[digits..];
    let mut measured = MEASURED.iter();
    measured.find_map(|(words, name)| {
        let is_it = rest.starts_with(words);
        is_it.then_some((digits + words.len(), *name))
    })
}

/// Words that stand for a measured value as a whole.
fn covered_words(text: &str) -> Option<(usize, &'static str)> {
    if let Some(digest) = text.strip_prefix("digest: ") {
        let is_hex = |c: char| c.is_ascii_hexdigit();
        let length = digest.find(|c: char| !is_hex(c)).unwrap_or(digest.len());
        return Some(("digest: ".len() + length, "<digest>"));
    }
    let mut names = ["\"seconds\":", "seconds="].into_iter();
    let seconds = names.find(|name| text.starts_with(name))?;
    let value = &text[seconds.len()..];
    let is_other = |c: char| !c.is_ascii_digit() && c != '.';
    let digits = value.find(is_other).unwrap_or(value.len());
    Some((seconds.len() + digits, "<seconds>"))
}

/// `2026-11-29`.
fn is_date(text: &str) -> bool {
    let Some(date) = text.as_bytes().get(..10) else {
        return false;
    };
    let is_like = |(byte, like): (&u8, u8)| match like {
        b'0' => byte.is_ascii_digit(),
        like => *byte == like,
    };
    date.iter().zip(*b"0000-00-00").all(is_like)
}

#[test]
fn what_differs_from_run_to_run_is_covered() {
    let one = "took 0.2 s: 541.9 rows/s, 4 calls; 47.1 GiB free; on 2026-11-29";
    let other = "took 1.9 s: 3.0 rows/s, 4 calls; 9 GiB free; on 2027-01-02";
    assert_eq!(masked(one), masked(other));
    assert_ne!(masked("120 rows"), masked("121 rows"));
}
