//! A tokenizer of Rust source for words, marks and texts, enough to parse `use` lines.
//!
//! It skips comments and does not know the meaning of words.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    /// A string, a character or a lifetime, with its quotes.
    Text(&'a str),
    /// Anything else.
    Mark(char),
}

/// The tokens of a file, each with the line on which it begins.
pub(crate) fn tokens(source: &str) -> Vec<(Token<'_>, usize)> {
    let (mut found, mut rest, mut line) = (Vec::new(), source, 1);
    while let Some(first) = rest.chars().next() {
        let (token, bytes) = if let Some(bytes) = comment(rest) {
            (None, bytes)
        } else if let Some(bytes) = text(rest, first) {
            (Some(Token::Text(&rest[..bytes])), bytes)
        } else if is_of_word(first) {
            let bytes = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
            (Some(Token::Word(&rest[..bytes])), bytes)
        } else {
            let mark = (!first.is_whitespace()).then_some(Token::Mark(first));
            (mark, first.len_utf8())
        };
        found.extend(token.map(|token| (token, line)));
        line += rest[..bytes].matches('\n').count();
        rest = &rest[bytes..];
    }
    found
}

fn is_of_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of a comment that begins here. Block comments may be nested.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let mut inside = rest.strip_prefix("/*")?;
    let mut depth = 1;
    while depth > 0 {
        let next = inside.find(['/', '*']).unwrap_or(inside.len());
        inside = &inside[next..];
        let (change, bytes) = match inside.get(..2) {
            Some("/*") => (1, 2),
            Some("*/") => (-1, 2),
            Some(_) => (0, 1),
            None => return Some(rest.len()),
        };
        depth += change;
        inside = &inside[bytes..];
    }
    Some(rest.len() - inside.len())
}

/// The length of a string, character or lifetime that begins here.
fn text(rest: &str, first: char) -> Option<usize> {
    let marked = rest.trim_start_matches(['b', 'c', 'r']);
    let marks = &rest[..rest.len() - marked.len()];
    if first == '\'' {
        return Some(character(rest));
    }
    if !["", "b", "c", "r", "br", "cr"].contains(&marks) {
        return None;
    }
    let inside = marked.trim_start_matches('#');
    let fences = marked.len() - inside.len();
    let inside = inside.strip_prefix('"')?;
    let end = if marks.ends_with('r') {
        let fence = format!("\"{}", "#".repeat(fences));
        inside.find(&fence).map(|end| end + fence.len())
    } else if fences == 0 {
        closing(inside, '"')
    } else {
        None
    };
    Some(rest.len() - inside.len() + end.unwrap_or(inside.len()))
}

/// The length of a character, or of a lifetime, which has no second quote.
fn character(rest: &str) -> usize {
    let inside = &rest[1..];
    let mut chars = inside.chars();
    let first = chars.next();
    if first == Some('\\') || chars.next() == Some('\'') {
        return 1 + closing(inside, '\'').unwrap_or(inside.len());
    }
    1 + inside.find(|c| !is_of_word(c)).unwrap_or(inside.len())
}

/// The end of the closing quote, which has no backslash before it.
fn closing(inside: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let is_end = |(_, c): &(usize, char)| {
        let is_end = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        is_end
    };
    inside.char_indices().find(is_end).map(|(at, _)| at + 1)
}

#[test]
fn words_in_comments_and_texts_do_not_count() {
    use Token::{Mark, Text, Word};
    let source =
        "a // b\n/* c /* d */ */ \"// e\\\"\" r#\"f\"g\"# b'h' '\\'' &'i j br\"k\\\" '\"' r#l";
    let found: Vec<_> = tokens(source).into_iter().map(|it| it.0).collect();
    let expected = [
        Word("a"),
        Text("\"// e\\\"\""),
        Text("r#\"f\"g\"#"),
        Word("b"),
        Text("'h'"),
        Text("'\\''"),
        Mark('&'),
        Text("'i"),
        Word("j"),
        Text("br\"k\\\""),
        Text("'\"'"),
        Word("r"),
        Mark('#'),
        Word("l"),
    ];
    assert_eq!(found, expected);
    let lines: Vec<_> = tokens("a\n\"\n\" b").into_iter().map(|it| it.1).collect();
    assert_eq!(lines, [1, 2, 3]);
}
