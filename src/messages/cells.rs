//! Sentences about the cells of a row.

use super::{
    definitions::{list_types, unknown_definition, unknown_label, unknown_label_of_cell},
    key_cells,
};
use crate::{
    association::{RecordId, UnknownLabel},
    failure::{CellFault, InvalidIdKind, RowFault},
    output::number,
    redaction::{cell_without_address, without_addresses},
    tables,
};

/// A number that is formatted as text afterwards keeps its short form, so this is the remedy.
const AS_NUMBER: &str =
    "in the spreadsheet, format the column as a number without decimals and save it again";

/// What a spreadsheet has changed cannot be changed back.
const AS_TEXT: &str = "format the column as text, then enter the ids again";

const BROKEN_QUOTE: &str = "there is text after a closing quote, so the cells are uncertain; write a quote inside a cell as two \
     quotes";

/// Which texts of cells a sentence shows.
#[derive(Clone, Copy)]
pub(super) enum ShownCells {
    All,
    /// All but those with an e-mail address.
    WithoutAddresses,
    /// Only those that name a label, an object type or a definition: many rows have the same one.
    Names,
    None,
}

impl ShownCells {
    /// The text, or other words for its cell.
    fn text(self, text: &str) -> String {
        self.quoted(text).unwrap_or_else(|| "the cell".to_owned())
    }

    /// The text in quotes, if it is shown.
    fn quoted(self, text: &str) -> Option<String> {
        match self {
            Self::All => Some(format!("'{text}'")),
            Self::WithoutAddresses => Some(format!("'{}'", cell_without_address(text))),
            Self::Names | Self::None => None,
        }
    }

    /// The text that should be the name of something, or other words for its cell.
    fn name(self, text: &str) -> String {
        match self {
            Self::Names => Self::WithoutAddresses.text(text),
            Self::All | Self::WithoutAddresses | Self::None => self.text(text),
        }
    }

    fn label(self, unknown: &UnknownLabel) -> String {
        match self {
            Self::All => unknown_label(unknown),
            Self::WithoutAddresses | Self::Names => without_addresses(&unknown_label(unknown)),
            Self::None => unknown_label_of_cell(unknown),
        }
    }

    /// The name of a column.
    fn column(self, column: &str) -> String {
        match self {
            Self::All => column.to_owned(),
            Self::WithoutAddresses | Self::Names | Self::None => without_addresses(column),
        }
    }
}

/// What is wrong with the cell of a column.
pub(super) fn column_fault(column: &str, fault: &CellFault, cells: ShownCells) -> String {
    format!("{}: {}", cells.column(column), cell_fault(fault, cells))
}

/// What is wrong with a cell. The name of its column comes before it.
fn cell_fault(fault: &CellFault, cells: ShownCells) -> String {
    match fault {
        CellFault::NotAnId(shown, kind) => not_an_id(shown, *kind, cells),
        CellFault::NotAKey(shown, kind) => key_cells::not_a_key(&cells.text(shown), *kind),
        CellFault::ShownInAFormat { stored, format } => key_cells::shown_in_a_format(
            &cells.quoted(stored).unwrap_or_else(|| "a key".to_owned()),
            format
                .as_ref()
                .and_then(|code| cells.quoted(code))
                .as_deref(),
        ),
        CellFault::KeyWithoutType(definition) => format!(
            "the key cannot be looked up, because it is not known which object types definition \
             {definition} links; use ids, or give --api {} --from-type TYPE --to-type TYPE (and \
             --label LABEL, if it has a label) in place of the definition; a column with definitions \
             then needs another name",
            tables::latest().api()
        ),
        CellFault::Encoding(shown) => key_cells::wrong_encoding(&cells.text(shown)),
        CellFault::DefinitionMissing => "the definition is missing; fill in the cell".to_owned(),
        CellFault::OlderDefinition(unknown) => unknown_definition(unknown),
        CellFault::NotADefinition(unknown) => format!(
            "{} is not the id or name of a definition; `{}` lists them",
            cells.name(&unknown.text),
            list_types(unknown.api)
        ),
        CellFault::UnreadDefinition(definition) => {
            format!("'{definition}' could not be read as a definition")
        }
        CellFault::TypeMissing => "the object type is missing; fill in the cell".to_owned(),
        CellFault::NotAType(shown) => format!(
            "{} is not an object type; write contacts, companies, …, or a custom object's name or id \
             (2-123456)",
            cells.name(shown)
        ),
        CellFault::UnknownLabel(unknown) => cells.label(unknown),
    }
}

/// Why a cell is not an id, and the remedy.
fn not_an_id(shown: &str, kind: InvalidIdKind, cells: ShownCells) -> String {
    let what = &cells.text(shown);
    match kind {
        InvalidIdKind::Several(count, separator) => {
            key_cells::several(what, count, ("id", "ids"), separator)
        }
        InvalidIdKind::Invisible(character) => format!(
            "{what} contains an invisible character (U+{:04X}); delete the cell and type the id \
             again",
            u32::from(character)
        ),
        InvalidIdKind::Empty => "the id is missing; fill in the cell".to_owned(),
        InvalidIdKind::Sign => {
            format!("{what} has a sign; a HubSpot ID has only digits, such as 123456")
        }
        InvalidIdKind::Scientific => rounded_by_excel(shown, cells),
        InvalidIdKind::Rounded => {
            format!("{what} has more than 15 digits, but a spreadsheet keeps only 15; {AS_TEXT}")
        }
        InvalidIdKind::FormulaWithoutValue => format!(
            "{what} is a formula without a result in the file; open the file in Excel and save it, \
             or put the id itself in the cell"
        ),
        InvalidIdKind::Date => format!("{what} is a date or a time, not an id; {AS_TEXT}"),
        InvalidIdKind::Boolean => format!("{what} is not an id; put the id in the cell"),
        InvalidIdKind::Quoted => {
            format!("{what} is written as text for a spreadsheet; keep only the digits")
        }
        InvalidIdKind::SpreadsheetError => format!(
            "{what} is an error of a spreadsheet formula; correct the formula and export again"
        ),
        InvalidIdKind::Grouped => format!("{what} has separators inside the id; {AS_NUMBER}"),
        InvalidIdKind::Decimal => {
            format!("{what} has a decimal or thousands separator; {AS_NUMBER}")
        }
        InvalidIdKind::Digits => {
            format!("{what} is not written with the digits 0 to 9; type it again")
        }
        InvalidIdKind::Zero => format!("{what} is not a HubSpot ID; ids start at 1"),
        InvalidIdKind::LeadingZeros => {
            format!("{what} starts with 0, but no HubSpot ID does; check where it comes from")
        }
        InvalidIdKind::TooLarge(digits) => format!(
            "{what} ({digits} digits) is too large; the largest id is {}",
            RecordId::MAX
        ),
        InvalidIdKind::Other => {
            format!("{what} is not a HubSpot ID (a number such as 123456)")
        }
    }
}

fn rounded_by_excel(shown: &str, cells: ShownCells) -> String {
    let shown = match cells {
        ShownCells::All | ShownCells::WithoutAddresses => format!(" to {shown}"),
        ShownCells::Names | ShownCells::None => String::new(),
    };
    format!("Excel rounded this id{shown}; {AS_NUMBER}")
}

/// Which of several records belong together is not known. `shown` are the cells, if they are shown.
fn several_in_both_columns(shown: Option<(String, String)>) -> String {
    let shown = shown.map_or_else(String::new, |(from, to)| format!(" ({from} and {to})"));
    format!(
        "both cells name several records{shown}, so which of them belong together is \
         not known; write one row for each link"
    )
}

fn too_many_ids(column: &str, ids: usize, limit: usize) -> String {
    format!(
        "{column}: the cell names {} records, but the most are {}; divide them among several rows",
        number(ids as u64),
        number(limit as u64)
    )
}

/// The numbers of cells are those of the row and of the header. `surplus` is the first cell that the
/// header does not have, if it is shown.
fn too_many_cells([cells, header]: [usize; 2], surplus: Option<String>, delimiter: &str) -> String {
    let cells = cells_in_words(cells);
    let surplus = surplus.map_or_else(
        || ";".to_owned(),
        |surplus| format!("; the first extra cell is {surplus}:"),
    );
    format!(
        "the row has {cells}, the header has {header}{surplus} put cells that contain a {delimiter} \
         in quotes"
    )
}

/// `text` is that of the cell, if it is shown. Without it the row is named elsewhere.
fn beside_table(cell: &str, text: Option<String>) -> String {
    const REMEDY: &str = "has no name in the header; give the column a name, or delete the cell";
    let column = cell.trim_end_matches(|c: char| c.is_ascii_digit());
    text.map_or_else(
        || format!("there is a text in column {column}, which {REMEDY}"),
        |text| format!("cell {cell} has the text {text}, but its column {REMEDY}"),
    )
}

/// What is wrong with a row.
pub(super) fn row_fault(fault: &RowFault, shown: ShownCells) -> String {
    match fault {
        RowFault::TooFewCells {
            cells,
            header,
            is_quoted,
        } => {
            let remedy = if *is_quoted {
                "the whole row is in quotes: remove the outer quotes, and write each doubled quote \
                 inside as one"
            } else {
                "fill in the missing cells, or put cells that contain line breaks in quotes"
            };
            format!(
                "the row has {}, the header has {header}; {remedy}",
                cells_in_words(*cells)
            )
        }
        RowFault::TooManyCells {
            cells,
            header,
            surplus,
            delimiter,
        } => too_many_cells([*cells, *header], shown.quoted(surplus), delimiter),
        RowFault::BesideTable { cell, text } => beside_table(cell, shown.quoted(text)),
        RowFault::TooLarge { bytes, cells } => format!(
            "the row is larger than {bytes} bytes or has more than {cells} cells; look for a quote \
             that is never closed"
        ),
        RowFault::BrokenQuote => BROKEN_QUOTE.to_owned(),
        RowFault::RepeatedHeader => {
            "this is the header line again (files were joined); delete it".to_owned()
        }
        RowFault::SeveralInBothColumns { from, to } => {
            several_in_both_columns(shown.quoted(from).zip(shown.quoted(to)))
        }
        RowFault::TooManyIds { column, ids, limit } => {
            too_many_ids(&shown.column(column), *ids, *limit)
        }
        RowFault::TooManyLabels(limit) => format!(
            "the rows above already have {limit} different labels and object types; is this really \
             the label column?"
        ),
        RowFault::UnknownLabel(unknown) => unknown_label(unknown),
    }
}

fn cells_in_words(cells: usize) -> String {
    match cells {
        1 => "1 cell".to_owned(),
        cells => format!("{cells} cells"),
    }
}
