//! The string literals in a source file, without those in comments.

/// All string literals, with line continuations as written.
pub(super) fn literals(code: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), code);
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let before = &rest[..at];
        let from = &rest[at..];
        rest = if from.starts_with("//") {
            from.find('\n').map_or("", |end| &from[end..])
        } else if let Some(text) = from.strip_prefix('"') {
            let hashes = before.len() - before.trim_end_matches('#').len();
            let is_raw = before.trim_end_matches('#').ends_with('r');
            let end = if is_raw {
                let close = format!("\"{}", "#".repeat(hashes));
                text.find(&close)
            } else {
                closing_quote(text)
            };
            let end = end.expect("a text that ends");
            found.push(text[..end].to_owned());
            &text[end + 1..]
        } else if from.starts_with('\'') {
            &from[char_len(from)..]
        } else {
            &from[1..]
        };
    }
    found
}

/// The end of the string whose opening quote is before this text.
fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends.then_some(at)
    })
}

/// The length of the character literal that begins here; a lifetime has only one quote.
fn char_len(text: &str) -> usize {
    let mut chars = text[1..].char_indices();
    let Some((_, first)) = chars.next() else {
        return 1;
    };
    if first == '\\' {
        // The escaped character may be a quote itself.
        let escaped = chars.next().map_or(2, |(at, c)| 1 + at + c.len_utf8());
        return text[escaped..]
            .find('\'')
            .map_or(1, |end| escaped + end + 1);
    }
    match chars.next() {
        Some((at, '\'')) => 1 + at + 1,
        _ => 1,
    }
}

#[test]
fn strings_are_found_and_comments_characters_and_lifetimes_are_ignored() {
    let code = r##"
        // "no"
        let a = "one \" two"; /// "no"
        let b: &'static str = r#"three "four" five"#;
        if c == '"' || d == '\'' || e == '\\' || f == '\u{feff}' { g("six"); }
        let url = "http://seven";
    "##;
    let expected = [
        r#"one \" two"#,
        r#"three "four" five"#,
        "six",
        "http://seven",
    ];
    assert_eq!(literals(code), expected);
}
