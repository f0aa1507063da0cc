//! Sentences about the cells of a row.

use super::{
    definitions::{list_types, unknown_definition, unknown_label},
    key_cells,
};
use crate::{
    association::RecordId,
    failure::{CellFault, InvalidIdKind, RowFault},
    output::number,
    tables,
};

/// A number that is formatted as text afterwards keeps its short form, so this is the remedy.
const AS_NUMBER: &str =
    "in the spreadsheet, format the column as a number without decimals and save it again";

/// What a spreadsheet has changed cannot be changed back.
const AS_TEXT: &str = "format the column as text, then enter the ids again";

const BROKEN_QUOTE: &str = "there is text after a closing quote, so the cells are uncertain; write a quote inside a cell as two \
     quotes";

/// What is wrong with a cell. The name of its column comes before it.
pub(super) fn cell_fault(fault: &CellFault) -> String {
    match fault {
        CellFault::NotAnId(shown, kind) => not_an_id(shown, *kind),
        CellFault::NotAKey(shown, kind) => key_cells::not_a_key(&format!("'{shown}'"), *kind),
        CellFault::ShownInAFormat { stored, format } => key_cells::shown_in_a_format(
            &format!("'{stored}'"),
            &format!("the number format '{format}'"),
        ),
        CellFault::KeyWithoutType(definition) => format!(
            "the key cannot be looked up, because it is not known which object types definition \
             {definition} links; use ids, or give --api {} --from-type TYPE --to-type TYPE (and \
             --label LABEL, if it has a label) in place of the definition; a column with definitions \
             then needs another name",
            tables::latest().api()
        ),
        CellFault::Encoding(shown) => key_cells::wrong_encoding(&format!("'{shown}'")),
        CellFault::DefinitionMissing => "the definition is missing; fill in the cell".to_owned(),
        CellFault::OlderDefinition(unknown) => unknown_definition(unknown),
        CellFault::NotADefinition(unknown) => format!(
            "'{}' is not the id or name of a definition; `{}` lists them",
            unknown.text,
            list_types(unknown.api)
        ),
        CellFault::UnreadDefinition(definition) => {
            format!("'{definition}' could not be read as a definition")
        }
        CellFault::TypeMissing => "the object type is missing; fill in the cell".to_owned(),
        CellFault::NotAType(shown) => format!(
            "'{shown}' is not an object type; write contacts, companies, …, or a custom object's \
             name or id (2-123456)"
        ),
        CellFault::UnknownLabel(unknown) => unknown_label(unknown),
    }
}

/// Why a cell is not an id, and the remedy.
fn not_an_id(shown: &str, kind: InvalidIdKind) -> String {
    match kind {
        InvalidIdKind::Several(count, separator) => {
            key_cells::several(&format!("'{shown}'"), count, ("id", "ids"), separator)
        }
        InvalidIdKind::Invisible(character) => format!(
            "'{shown}' contains an invisible character (U+{:04X}); delete the cell and type the id \
             again",
            u32::from(character)
        ),
        InvalidIdKind::Empty => "the id is missing; fill in the cell".to_owned(),
        InvalidIdKind::Sign => format!(
            "'{shown}' has a sign; a HubSpot ID has only digits, such as \
                                  123456"
        ),
        InvalidIdKind::Scientific => format!("Excel rounded this id to {shown}; {AS_NUMBER}"),
        InvalidIdKind::Rounded => {
            format!("'{shown}' has more than 15 digits, but a spreadsheet keeps only 15; {AS_TEXT}")
        }
        InvalidIdKind::FormulaWithoutValue => format!(
            "the formula '{shown}' has no result in the file; open it in Excel and save it, or put \
             the id itself in the cell"
        ),
        InvalidIdKind::Date => format!("'{shown}' is a date or a time, not an id; {AS_TEXT}"),
        InvalidIdKind::Boolean => format!("'{shown}' is not an id; put the id in the cell"),
        InvalidIdKind::Quoted => {
            format!("'{shown}' is written as text for a spreadsheet; keep only the digits")
        }
        InvalidIdKind::SpreadsheetError => format!(
            "'{shown}' is an error of a spreadsheet formula; correct the formula and export again"
        ),
        InvalidIdKind::Grouped => format!("'{shown}' has separators inside the id; {AS_NUMBER}"),
        InvalidIdKind::Decimal => {
            format!("'{shown}' has a decimal or thousands separator; {AS_NUMBER}")
        }
        InvalidIdKind::Digits => {
            format!("'{shown}' is not written with the digits 0 to 9; type it again")
        }
        InvalidIdKind::Zero => format!("'{shown}' is not a HubSpot ID; ids start at 1"),
        InvalidIdKind::LeadingZeros => {
            format!("'{shown}' starts with 0, but no HubSpot ID does; check where it comes from")
        }
        InvalidIdKind::TooLarge(digits) => format!(
            "'{shown}' ({digits} digits) is too large; the largest id is {}",
            RecordId::MAX
        ),
        InvalidIdKind::Other => {
            format!("'{shown}' is not a HubSpot ID (a number such as 123456)")
        }
    }
}

/// Which of several records belong together is not known. `shown` are the cells, if they are shown.
fn several_in_both_columns(shown: Option<[&str; 2]>) -> String {
    let shown = shown.map_or_else(String::new, |[from, to]| format!(" ('{from}' and '{to}')"));
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
fn too_many_cells([cells, header]: [usize; 2], surplus: Option<&str>, delimiter: &str) -> String {
    let cells = cells_in_words(cells);
    let surplus = surplus.map_or_else(
        || ";".to_owned(),
        |surplus| format!("; the first extra cell is '{surplus}':"),
    );
    format!(
        "the row has {cells}, the header has {header}{surplus} put cells that contain a {delimiter} \
         in quotes"
    )
}

/// `text` is that of the cell, if it is shown.
fn beside_table(cell: &str, text: Option<&str>) -> String {
    let text = text.map_or_else(|| "a text".to_owned(), |text| format!("the text '{text}'"));
    format!(
        "cell {cell} has {text}, but its column has no name in the header; give the column a name, or \
         delete the cell"
    )
}

/// What is wrong with a row whose cells may be keys, without the texts of cells. `None` if the usual
/// sentence shows none of them.
pub(super) fn row_fault_without_key(fault: &RowFault) -> Option<String> {
    match fault {
        RowFault::SeveralInBothColumns { .. } => Some(several_in_both_columns(None)),
        RowFault::TooManyCells {
            cells,
            header,
            surplus: _,
            delimiter,
            has_keys: true,
        } => Some(too_many_cells([*cells, *header], None, delimiter)),
        RowFault::BesideTable {
            cell,
            text: _,
            has_keys: true,
        } => Some(beside_table(cell, None)),
        RowFault::TooManyCells { .. }
        | RowFault::BesideTable { .. }
        | RowFault::TooFewCells { .. }
        | RowFault::TooLarge { .. }
        | RowFault::BrokenQuote
        | RowFault::RepeatedHeader
        | RowFault::TooManyIds { .. }
        | RowFault::TooManyLabels(_)
        | RowFault::UnknownLabel(_) => None,
    }
}

/// What is wrong with a row.
pub(super) fn row_fault(fault: &RowFault) -> String {
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
            has_keys: _,
        } => too_many_cells([*cells, *header], Some(surplus), delimiter),
        RowFault::BesideTable {
            cell,
            text,
            has_keys: _,
        } => beside_table(cell, Some(text)),
        RowFault::TooLarge { bytes, cells } => format!(
            "the row is larger than {bytes} bytes or has more than {cells} cells; look for a quote \
             that is never closed"
        ),
        RowFault::BrokenQuote => BROKEN_QUOTE.to_owned(),
        RowFault::RepeatedHeader => {
            "this is the header line again (files were joined); delete it".to_owned()
        }
        RowFault::SeveralInBothColumns { from, to } => several_in_both_columns(Some([from, to])),
        RowFault::TooManyIds { column, ids, limit } => too_many_ids(column, *ids, *limit),
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
