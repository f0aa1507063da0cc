//! Numbers, counts, durations and file names, as people read and type them.

use std::{ffi::OsStr, fmt::Write as _, path::Path, time::Duration};

use crate::{
    cell::{clean, is_hidden},
    row::Status,
};

/// Paths are cut at this length. Most systems do not allow longer ones.
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
#[must_use]
pub fn status_count(rows: u64, status: Status) -> String {
    let suffix = if status == Status::Already {
        " there"
    } else {
        ""
    };
    format!("{} {}{suffix}", number(rows), status.word())
}

/// `0.4 s`, `42 s`, `3 min 5 s`, `14 h 36 min`, `2 d 3 h`
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 if time.subsec_millis() != 0 => format!("{:.1} s", time.as_secs_f64()),
        0..60 => format!("{seconds} s"),
        60..3_600 => two_units((seconds / 60, "min"), (seconds % 60, "s")),
        3_600..86_400 => two_units((seconds / 3_600, "h"), (seconds % 3_600 / 60, "min")),
        _ => two_units((seconds / 86_400, "d"), (seconds % 86_400 / 3_600, "h")),
    }
}

fn two_units(first: (u64, &str), second: (u64, &str)) -> String {
    match second {
        (0, _) => format!("{} {}", first.0, first.1),
        (rest, unit) => format!("{} {} {rest} {unit}", first.0, first.1),
    }
}

/// A path that is safe to show, whatever characters it has.
#[must_use]
pub fn path(path: &Path) -> String {
    clean(&path.display().to_string(), PATH_CHARS)
}

/// A word that a shell reads back unchanged, byte by byte.
#[must_use]
pub fn shell_word(word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref();
    let text = word.to_str();
    let Some(word) = text.filter(|text| !text.chars().any(is_hidden)) else {
        return ansi_c_word(word.as_encoded_bytes());
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=,+@%".contains(&b);
    // zsh expands a leading `=`.
    if !word.is_empty() && !word.starts_with('=') && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Quoted as in bash, zsh, ksh, and in POSIX since 2024. No hidden character reaches the
/// terminal.
fn ansi_c_word(word: &[u8]) -> String {
    let mut quoted = String::from("$'");
    for part in word.utf8_chunks() {
        for c in part.valid().chars() {
            if is_hidden(c) {
                push_bytes(&mut quoted, c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                if matches!(c, '\'' | '\\') {
                    quoted.push('\\');
                }
                quoted.push(c);
            }
        }
        push_bytes(&mut quoted, part.invalid());
    }
    quoted + "'"
}

/// Three octal digits, which is also the maximum. After hexadecimal digits, some shells would
/// also take the following ones.
fn push_bytes(quoted: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(quoted, "\\{byte:03o}");
    }
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
        let got: Vec<_> = [0.42, 2.0, 42.0, 185.0, 600.0, 52_560.0, 183_600.0]
            .map(|s| duration(Duration::from_secs_f64(s)))
            .into();
        assert_eq!(
            got,
            [
                "0.4 s",
                "2 s",
                "42 s",
                "3 min 5 s",
                "10 min",
                "14 h 36 min",
                "2 d 3 h"
            ]
        );
    }

    #[test]
    fn words_with_blanks_and_quotes_are_quoted_for_the_shell() {
        for (word, typed) in [
            ("a.csv", "a.csv"),
            ("my file.csv", "'my file.csv'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("$(x)", "'$(x)'"),
            ("=x", "'=x'"),
            ("a\nb's\u{1b}", r"$'a\012b\'s\033'"),
            ("\u{feff}7", r"$'\357\273\2777'"),
        ] {
            assert_eq!(shell_word(word), typed);
        }
    }

    #[test]
    #[cfg(unix)]
    fn bytes_that_are_not_utf_8_are_escaped() {
        use std::os::unix::ffi::OsStrExt as _;
        let word = OsStr::from_bytes(b"\xe9t\xc3\xa9 7\xff7.csv");
        assert_eq!(
            shell_word(word),
            r"$'\351t\303\251 7\3777.csv'".replace(r"\303\251", "é")
        );
    }
}
