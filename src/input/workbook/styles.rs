//! What the styles of cells do to their values: which show numbers as dates or durations, and which
//! show values in another way than they are stored.
//!
//! Everything else about styles is ignored.

use std::collections::HashMap;

use super::{
    package::Package,
    shown_values::{ShownValues, builtin_code},
    xml::{XmlElement, XmlPiece},
};
use crate::input::workbook_fault::WorkbookFault;

/// What a number in a cell means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberFormat {
    /// A number.
    Plain,
    /// A day, a time of day, or both.
    Date,
    /// A number of hours, minutes or seconds.
    Duration,
}

/// What a style does to the value of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CellStyle {
    /// The id of its number format.
    format_id: u32,
    pub(super) numbers: NumberFormat,
    pub(super) shown: ShownValues,
}

/// All styles, by index.
#[derive(Default)]
pub(super) struct Styles {
    styles: Vec<CellStyle>,
    /// The codes of the formats that the workbook defines, by id.
    codes: HashMap<u32, String>,
}

impl CellStyle {
    /// Of cells without a style.
    const PLAIN: Self = Self {
        format_id: 0,
        numbers: NumberFormat::Plain,
        shown: ShownValues::ALL,
    };

    fn new(format_id: u32, codes: &HashMap<u32, String>) -> Self {
        let custom_code = codes.get(&format_id).map(String::as_str);
        let code = custom_code.or_else(|| builtin_code(format_id));
        Self {
            format_id,
            numbers: custom_code.map_or_else(|| builtin(format_id), custom),
            shown: code.map_or_else(ShownValues::unknown, ShownValues::of_code),
        }
    }
}

impl Styles {
    /// Reads them from a part.
    pub(super) fn read(package: &Package, part: &str) -> Result<Self, WorkbookFault> {
        let mut xml = package.xml(part)?;
        let mut codes = HashMap::new();
        let mut format_ids = Vec::new();
        // Other lists have elements of the same name.
        let mut in_cell_styles = false;
        loop {
            match xml.next()? {
                XmlPiece::Start(element) | XmlPiece::Empty(element) => match element.name() {
                    "cellXfs" => in_cell_styles = true,
                    "cellStyles" | "dxfs" => in_cell_styles = false,
                    "numFmt" => codes.extend(custom_code(&element)?),
                    "xf" if in_cell_styles => format_ids.push(format_id(&element)?),
                    _ => {}
                },
                XmlPiece::Eof => break,
                XmlPiece::End | XmlPiece::Text(_) | XmlPiece::Other => {}
            }
        }
        let styles = format_ids.into_iter().map(|id| CellStyle::new(id, &codes));
        let styles = styles.collect();
        Ok(Self { styles, codes })
    }

    /// The style with this index. A cell without one has the first.
    #[inline]
    pub(super) fn style(&self, index: Option<&str>) -> CellStyle {
        let index = index.map_or(Some(0), |index| index.parse::<usize>().ok());
        let style = index.and_then(|index| self.styles.get(index));
        style.copied().unwrap_or(CellStyle::PLAIN)
    }

    /// The code of the number format of a style, if it is known.
    pub(super) fn format_code(&self, style: CellStyle) -> Option<&str> {
        let custom = self.codes.get(&style.format_id).map(String::as_str);
        custom.or_else(|| builtin_code(style.format_id))
    }
}

fn format_id(style: &XmlElement<'_>) -> Result<u32, WorkbookFault> {
    let id = style.attribute("numFmtId")?;
    Ok(id.and_then(|id| id.parse().ok()).unwrap_or_default())
}

fn custom_code(element: &XmlElement<'_>) -> Result<Option<(u32, String)>, WorkbookFault> {
    let id = element.attribute("numFmtId")?;
    let id = id.and_then(|id| id.parse().ok());
    let code = element.attribute("formatCode")?;
    Ok(id.zip(code).map(|(id, code)| (id, code.into_owned())))
}

/// The formats that no workbook defines (ECMA-376 part 1, 18.8.30), those of East Asian versions
/// of Excel included.
fn builtin(id: u32) -> NumberFormat {
    match id {
        46 => NumberFormat::Duration,
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => NumberFormat::Date,
        _ => NumberFormat::Plain,
    }
}

/// What a format code means, such as `dd.mm.yyyy` or `[h]:mm`.
fn custom(code: &str) -> NumberFormat {
    let is_general = code.to_ascii_lowercase().starts_with("general");
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            // The next character is shown, or its width is left free.
            '\\' | '_' | '*' => {
                characters.next();
            }
            '"' => characters.by_ref().take_while(|&c| c != '"').for_each(drop),
            // A colour, a condition, a language, or a duration.
            '[' => {
                let word: String = characters.by_ref().take_while(|&c| c != ']').collect();
                let word = word.to_ascii_lowercase();
                if !word.is_empty() && ["h", "m", "s"].iter().any(|unit| is_all(&word, unit)) {
                    return NumberFormat::Duration;
                }
            }
            // The sections behind it are for negative numbers, zero and texts.
            ';' => break,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' if !is_general => {
                return NumberFormat::Date;
            }
            _ => {}
        }
    }
    NumberFormat::Plain
}

fn is_all(word: &str, letter: &str) -> bool {
    word.chars().all(|c| letter.starts_with(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_codes_are_dates_durations_or_numbers() {
        for (code, format) in [
            ("General", NumberFormat::Plain),
            ("0", NumberFormat::Plain),
            (
                "#,##0.00 [$€-407];[Red]-#,##0.00 [$€-407]",
                NumberFormat::Plain,
            ),
            ("@", NumberFormat::Plain),
            ("0\" days\"", NumberFormat::Plain),
            ("\\d0", NumberFormat::Plain),
            ("0_d", NumberFormat::Plain),
            ("[Red]0", NumberFormat::Plain),
            ("[<=100]0;0", NumberFormat::Plain),
            ("0;yyyy", NumberFormat::Plain),
            ("0E+00", NumberFormat::Plain),
            ("dd.mm.yyyy", NumberFormat::Date),
            ("[$-407]d. mmmm yyyy", NumberFormat::Date),
            ("yyyy\\-mm\\-dd\\Thh:mm:ss", NumberFormat::Date),
            ("mm:ss.0", NumberFormat::Date),
            ("hh:mm AM/PM", NumberFormat::Date),
            ("[h]:mm", NumberFormat::Duration),
            ("[mm]:ss", NumberFormat::Duration),
            ("", NumberFormat::Plain),
        ] {
            assert_eq!(custom(code), format, "{code}");
        }
    }
}
