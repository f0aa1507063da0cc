//! Numbers, counts, durations and file names as people read and type them.

use std::{fmt::Write as _, path::Path, time::Duration};

use crate::{
    cell::{clean, is_hidden},
    row::Status,
};

/// Paths are cut here; most systems allow no longer ones.
const PATH_CHARS: usize = 4096;

/// `1,234,567`
#[must_use]
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `1,234 rows`
#[must_use]
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `1,234 succeeded`, `3 already there`
pub(super) fn ended(rows: u64, status: Status) -> String {
    let there = if status == Status::Already {
        " there"
    } else {
        ""
    };
    format!("{} {}{there}", number(rows), status.word())
}

/// `0.4 s`, `42 s`, `3 min 5 s`, `14 h 36 min`, `2 d 3 h`
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 if time.subsec_millis() != 0 => format!("{:.1} s", time.as_secs_f64()),
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// A path that is safe to show, whatever its name is made of.
#[must_use]
pub fn path(path: &Path) -> String {
    clean(&path.display().to_string(), PATH_CHARS)
}

/// A word that a shell reads back as it stands.
#[must_use]
pub fn shell_word(word: &str) -> String {
    if word.chars().any(is_hidden) {
        return ansi_c_word(word);
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=,+@%".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Quoted as bash, zsh and ksh know it; nothing hidden reaches a terminal.
fn ansi_c_word(word: &str) -> String {
    let mut quoted = String::from("$'");
    for c in word.chars() {
        if is_hidden(c) {
            for byte in c.to_string().bytes() {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\x{byte:02x}");
            }
        } else {
            if matches!(c, '\'' | '\\') {
                quoted.push('\\');
            }
            quoted.push(c);
        }
    }
    quoted + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let got: Vec<_> = [0, 999, 1_000, 1_234_567].map(number).into();
        assert_eq!(got, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let got: Vec<_> = [0.42, 2.0, 42.0, 185.0, 52_560.0, 183_600.0]
            .map(|s| duration(Duration::from_secs_f64(s)))
            .into();
        assert_eq!(
            got,
            [
                "0.4 s",
                "2 s",
                "42 s",
                "3 min 5 s",
                "14 h 36 min",
                "2 d 3 h"
            ]
        );
    }

    #[test]
    fn words_with_blanks_and_quotes_are_quoted_for_the_shell() {
        let got: Vec<_> = ["a.csv", "my file.csv", "it's", "", "$(x)", "a\nb's\u{1b}"]
            .map(shell_word)
            .into();
        assert_eq!(
            got,
            [
                "a.csv",
                "'my file.csv'",
                r"'it'\''s'",
                "''",
                "'$(x)'",
                r"$'a\x0ab\'s\x1b'"
            ]
        );
    }
}
