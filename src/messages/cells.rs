//! Sentences about what the cells of a row hold.

use super::definitions::{list_types, unknown_definition, unknown_label};
use crate::{
    association::RecordId,
    failure::{CellFault, RowFault, WrongId},
};

const AS_TEXT: &str = "format the column as text and export again";

/// What is wrong with a cell, behind the name of its column.
pub(super) fn fault(fault: &CellFault) -> String {
    match fault {
        CellFault::NoId(shown, wrong) => no_id(shown, *wrong),
        CellFault::Encoding(shown) => format!(
            "'{shown}' holds bytes that are no text in the file's encoding; save the file as CSV \
             UTF-8, or give --encoding"
        ),
        CellFault::DefinitionMissing => "the definition is missing; fill in the cell".to_owned(),
        CellFault::OlderDefinition(unknown) => unknown_definition(unknown),
        CellFault::NoDefinition(unknown) => format!(
            "'{}' is neither an id nor the name of a definition; `{}` lists them",
            unknown.text,
            list_types(unknown.api)
        ),
        CellFault::UnreadDefinition(definition) => {
            format!("'{definition}' could not be read as a definition")
        }
        CellFault::TypeMissing => "the object type is missing; fill in the cell".to_owned(),
        CellFault::NoType(shown) => format!(
            "'{shown}' names no object type; write contacts, companies, …, or a custom object's \
             name or id (2-123456)"
        ),
        CellFault::UnknownLabel(unknown) => unknown_label(unknown),
    }
}

/// Why a cell is no id, and the cure.
fn no_id(shown: &str, wrong: WrongId) -> String {
    match wrong {
        WrongId::Several(count) => {
            format!("'{shown}' holds {count} ids; give each id a row of its own")
        }
        WrongId::Invisible(hidden) => format!(
            "'{shown}' holds an invisible character (U+{:04X}); delete it, and type the id again",
            u32::from(hidden)
        ),
        WrongId::Empty => "the id is missing; fill in the cell".to_owned(),
        WrongId::Sign => format!("'{shown}' has a sign; an id is a positive whole number"),
        WrongId::Scientific => format!("Excel rounded this id to {shown}; {AS_TEXT}"),
        WrongId::Quoted => {
            format!("'{shown}' is wrapped as text for a spreadsheet; leave only the digits")
        }
        WrongId::SpreadsheetError => format!(
            "'{shown}' is the error of a spreadsheet's formula; mend the formula and export again"
        ),
        WrongId::Grouped => format!("'{shown}' has separators inside the id; {AS_TEXT}"),
        WrongId::Decimal => format!("'{shown}' has a decimal or thousands separator; {AS_TEXT}"),
        WrongId::Digits => {
            format!("'{shown}' is written in other digits than 0 to 9; type it again")
        }
        WrongId::Zero => format!("'{shown}' is no record's id; ids begin at 1"),
        WrongId::LeadingZeros => {
            format!("'{shown}' begins with 0, which no id does; check where it comes from")
        }
        WrongId::TooLarge(digits) => format!(
            "'{shown}' ({digits} digits) is too large; the largest id is {}",
            RecordId::MAX
        ),
        WrongId::Other => {
            format!("'{shown}' is no id; an id is a positive whole number such as 123456")
        }
    }
}

/// What is wrong with a row.
pub(super) fn row(fault: &RowFault) -> String {
    match fault {
        RowFault::TooFewCells {
            cells,
            header,
            is_quoted,
        } => {
            let cure = if *is_quoted {
                "the row stands in quotes as a whole: take away those around it, and write quotes \
                 inside as one"
            } else {
                "fill in what is missing, or quote cells with line ends"
            };
            format!("the row has {cells} cells, the header {header}; {cure}")
        }
        RowFault::TooManyCells {
            cells,
            header,
            surplus,
            delimiter,
        } => format!(
            "the row has {cells} cells, the header {header}; the first too many is '{surplus}': \
             quote cells that hold a {delimiter}"
        ),
        RowFault::TooLarge { bytes, cells } => format!(
            "the row is larger than {bytes} bytes or has more than {cells} cells; look for a quote \
             that is not closed"
        ),
        RowFault::BrokenQuote => "text follows a closing quote, so that the cells are uncertain; \
                                  write a quote inside a cell as two"
            .to_owned(),
        RowFault::RepeatedHeader => {
            "the header line again, as in files joined together; delete it".to_owned()
        }
        RowFault::TooManyWishes(most) => format!(
            "the rows before have {most} different labels and object types already; is it the \
             column of the labels?"
        ),
        RowFault::UnknownLabel(unknown) => unknown_label(unknown),
    }
}
