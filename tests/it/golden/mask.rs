//! Masks what differs between any two runs, and compares texts line by line.

/// Masks times, correlation ids, the server's port, the version, and checksums that depend on
/// these.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let covered = [time, id, port, checksum, version, seconds, spent];
        if let Some((length, name)) = covered.iter().find_map(|cover| cover(rest)) {
            out.push_str(name);
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// Masks the hash of an undo's input, the results, which contain times.
pub(super) fn masked_hash_of_input(text: &str) -> String {
    covered_value(text, "\"sha256_of_first_64_kib\":\"", "<sha256>", |c| {
        c.is_ascii_hexdigit()
    })
}

type Masked = Option<(usize, &'static str)>;

/// The length of a pattern if `text` begins with it: `0` is any digit, `x` any hexadecimal digit.
fn fits(text: &str, pattern: &str) -> Option<usize> {
    let bytes = text.as_bytes().get(..pattern.len())?;
    let is_like = |(byte, like): (&u8, u8)| match like {
        b'0' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_hexdigit(),
        like => *byte == like,
    };
    let all = bytes.iter().zip(pattern.bytes()).all(is_like);
    all.then_some(pattern.len())
}

/// The number of bytes at the start of `text` that are digits or points.
fn digits(text: &str) -> usize {
    let is_other = |c: char| !c.is_ascii_digit() && c != '.';
    text.find(is_other).unwrap_or(text.len())
}

fn time(text: &str) -> Masked {
    let seconds = fits(text, "0000-00-00T00:00:00")?;
    let rest = &text[seconds..];
    let fraction = rest.strip_prefix('.').map_or(0, |rest| 1 + digits(rest));
    rest[fraction..]
        .starts_with('Z')
        .then_some((seconds + fraction + 1, "<time>"))
}

fn id(text: &str) -> Masked {
    let length = fits(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")?;
    Some((length, "<correlation id>"))
}

fn port(text: &str) -> Masked {
    number_after(text, "127.0.0.1:", "127.0.0.1:<port>")
}

fn checksum(text: &str) -> Masked {
    number_after(text, "\"crc32\":", "\"crc32\":<crc>")
}

fn version(text: &str) -> Masked {
    let known = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    fits(text, &known).map(|length| (length, "\"version\":<version>"))
}

fn seconds(text: &str) -> Masked {
    number_after(text, "\"seconds\": ", "\"seconds\": <seconds>")
}

fn number_after(text: &str, words: &str, name: &'static str) -> Masked {
    let number = digits(text.strip_prefix(words)?);
    (number > 0).then_some((words.len() + number, name))
}

/// `took 0.0 s: 282.9 rows/s`.
fn spent(text: &str) -> Masked {
    let words = "took ";
    let length = words.len() + digits(text.strip_prefix(words)?);
    let length = length + text[length..].strip_prefix(" s: ").map(|_| " s: ".len())?;
    let length = length + digits(&text[length..]);
    let rest = text[length..].strip_prefix(" rows/s")?;
    Some((text.len() - rest.len(), "took <seconds>"))
}

fn covered_value(text: &str, words: &str, name: &str, is_value: fn(char) -> bool) -> String {
    let mut parts = text.split(words);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += words;
        out += name;
        out += part.trim_start_matches(is_value);
    }
    out
}

/// Fails at the first line that differs.
pub(super) fn assert_same(what: &str, then: &str, now: &str) {
    if then == now {
        return;
    }
    let lines = then.lines().zip(now.lines());
    let same = lines.take_while(|(then, now)| then == now).count();
    let around = |text: &str| -> Vec<String> {
        let from = same.saturating_sub(2);
        text.lines().skip(from).take(5).map(str::to_owned).collect()
    };
    panic!(
        "{what} differs in line {}\n--- recorded\n{}\n--- now\n{}\n--- all of it now\n{now}",
        same + 1,
        around(then).join("\n"),
        around(now).join("\n")
    );
}

#[test]
fn only_what_differs_is_masked() {
    for (text, covered) in [
        ("of 2026-11-28T16:24:33Z,", "of <time>,"),
        ("2026-11-28T16:24:33.101Z", "<time>"),
        ("2026-11-28T16:24", "2026-11-28T16:24"),
        ("80a6346c-1dcc-4879-8790-4049230576e3,", "<correlation id>,"),
        ("http://127.0.0.1:8791/", "http://127.0.0.1:<port>/"),
        ("\"crc32\":877,\"x\":1", "\"crc32\":<crc>,\"x\":1"),
        (
            "took 0.0 s: 282.9 rows/s, 5 calls",
            "took <seconds>, 5 calls",
        ),
        ("took 3 rows", "took 3 rows"),
    ] {
        assert_eq!(masked(text), covered);
    }
}
