//! Which values a number format shows as they are stored: with `00000`, 123 is shown as 00123.
//!
//! Pure: codes of formats in. Knows no cells. What is not certainly shown as it is stored counts as
//! altered.

/// The formats that no workbook defines, as they are in English (ECMA-376 part 1, 18.8.30).
const BUILTIN_CODES: [(u32, &str); 36] = [
    (0, "General"),
    (1, "0"),
    (2, "0.00"),
    (3, "#,##0"),
    (4, "#,##0.00"),
    (5, "$#,##0"),
    (6, "$#,##0"),
    (7, "$#,##0.00"),
    (8, "$#,##0.00"),
    (9, "0%"),
    (10, "0.00%"),
    (11, "0.00E+00"),
    (12, "# ?/?"),
    (13, "# ??/??"),
    (14, "mm-dd-yy"),
    (15, "d-mmm-yy"),
    (16, "d-mmm"),
    (17, "mmm-yy"),
    (18, "h:mm AM/PM"),
    (19, "h:mm:ss AM/PM"),
    (20, "h:mm"),
    (21, "h:mm:ss"),
    (22, "m/d/yy h:mm"),
    (37, "#,##0"),
    (38, "#,##0"),
    (39, "#,##0.00"),
    (40, "#,##0.00"),
    (41, "#,##0"),
    (42, "#,##0"),
    (43, "#,##0.00"),
    (44, "#,##0.00"),
    (45, "mm:ss"),
    (46, "[h]:mm:ss"),
    (47, "mmss.0"),
    (48, "##0.0E+0"),
    (49, "@"),
];

/// Which values of a cell are shown as they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShownValues {
    numbers: ShownNumbers,
    texts: bool,
}

/// Which numbers are shown as they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShownNumbers {
    All,
    Whole,
    WholeExceptZero,
    Unchecked,
}

impl ShownValues {
    /// Without a format of its own, a cell shows what it has.
    pub(super) const ALL: Self = Self {
        numbers: ShownNumbers::All,
        texts: true,
    };

    /// Those of a format with this code.
    pub(super) fn of_code(code: &str) -> Self {
        let numbers = match code {
            "@" => ShownNumbers::All,
            "0" => ShownNumbers::Whole,
            "#" => ShownNumbers::WholeExceptZero,
            _ if code.eq_ignore_ascii_case("general") => ShownNumbers::All,
            _ => ShownNumbers::Unchecked,
        };
        Self {
            numbers,
            texts: shows_texts(code),
        }
    }

    /// Those of a format that is not known.
    pub(super) fn unknown() -> Self {
        Self {
            numbers: ShownNumbers::Unchecked,
            texts: true,
        }
    }

    /// Whether this number is shown as it is stored.
    #[inline]
    pub(super) fn has_number(self, number: &str) -> bool {
        let is_whole = || !number.contains('.');
        match self.numbers {
            ShownNumbers::All => true,
            ShownNumbers::Whole => is_whole(),
            ShownNumbers::WholeExceptZero => is_whole() && number != "0",
            ShownNumbers::Unchecked => false,
        }
    }

    /// Whether texts are shown as they are stored.
    #[inline]
    pub(super) fn has_texts(self) -> bool {
        self.texts
    }
}

/// The code of a format that no workbook defines.
pub(super) fn builtin_code(id: u32) -> Option<&'static str> {
    let mut known = BUILTIN_CODES.iter();
    let (_, code) = known.find(|(known, _)| *known == id)?;
    Some(code)
}

/// What a section of a code shows of a text.
#[derive(Clone, Copy, Default)]
struct CodeSection {
    /// How often it shows the text.
    texts: usize,
    /// Whether it shows anything else that is not blank.
    has_more: bool,
}

/// Whether a format shows texts as they are: it has no section for them, or only the text itself.
fn shows_texts(code: &str) -> bool {
    const OF_TEXTS: usize = 3;
    let sections = sections(code);
    let last = sections.last().filter(|section| section.texts > 0);
    let of_texts = sections.get(OF_TEXTS).or(last);
    of_texts.is_none_or(|section| section.texts == 1 && !section.has_more)
}

fn sections(code: &str) -> Vec<CodeSection> {
    let mut sections = Vec::new();
    let mut section = CodeSection::default();
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            // The width of the next character is left free.
            '_' => drop(characters.next()),
            // The next character is shown, or fills the cell.
            '\\' | '*' => section.has_more |= characters.next().is_some_and(|next| next != ' '),
            '"' => {
                let mut literal = characters.by_ref().take_while(|&next| next != '"');
                section.has_more |= literal.by_ref().any(|next| next != ' ');
                literal.for_each(drop);
            }
            // A colour, a condition, a language, or a currency.
            '[' => {
                let word: String = characters
                    .by_ref()
                    .take_while(|&next| next != ']')
                    .collect();
                section.has_more |= word.starts_with('$') && !word.starts_with("$-");
            }
            ';' => sections.push(std::mem::take(&mut section)),
            '@' => section.texts += 1,
            ' ' => {}
            _ => section.has_more = true,
        }
    }
    sections.push(section);
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_formats_show_numbers_as_they_are_stored() {
        let shown = |code: &str| {
            let shown = ShownValues::of_code(code);
            ["123", "1.5", "0"].map(|number| shown.has_number(number))
        };
        for code in ["General", "GENERAL", "@"] {
            assert_eq!(shown(code), [true; 3], "{code}");
        }
        assert_eq!(shown("0"), [true, false, true]);
        assert_eq!(shown("#"), [true, false, false]);
        for code in [
            "",
            "00000",
            "0.00",
            "\"EXT-\"0",
            "00-00-00",
            "#,##0",
            "0%",
            "0;0",
            "[Red]0",
            ";;;",
            "0E+00",
            "yyyy",
            "0_ ",
        ] {
            assert_eq!(shown(code), [false; 3], "{code}");
        }
    }

    #[test]
    fn some_formats_show_texts_in_another_way() {
        for code in [
            "General",
            "@",
            "00000",
            "\"EXT-\"0",
            "0;-0;0;@",
            "_-* #,##0.00 _€_-;-* #,##0.00 _€_-;_-* \"-\"?? _€_-;_-@_-",
            "[Red]@",
            "[$-407]@",
        ] {
            assert!(ShownValues::of_code(code).has_texts(), "{code}");
        }
        for code in [
            "\"EXT-\"@",
            "@\\!",
            ";;;",
            "0;0;0;",
            "0;0;0;\"x\"",
            "@@",
            "*0@",
            "[$EUR]@",
            "0;@0",
        ] {
            assert!(!ShownValues::of_code(code).has_texts(), "{code}");
        }
    }
}
