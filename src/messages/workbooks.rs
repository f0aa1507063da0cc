//! Sentences about workbooks: what is wrong with one, and the remedy.

use crate::{
    cell::clean,
    input::{ArchiveKind, Damage, WorkbookFault},
};

/// The most sheets in a message.
const SHOWN_SHEETS: usize = 12;

/// How much of a name is shown. No sheet has a longer one.
pub(super) const SHEET_CHARS: usize = 31;

/// How much of the cause of a damage is shown.
const CAUSE_CHARS: usize = 120;

const SAVE_AGAIN: &str =
    "open it in the program that made it and save it as an Excel workbook (xlsx) again";

/// Why a workbook is not read, or not to its end.
pub(super) fn workbook_fault(fault: &WorkbookFault) -> String {
    match fault {
        WorkbookFault::Truncated => {
            format!("the workbook is damaged or incomplete; get the file again, or {SAVE_AGAIN}")
        }
        WorkbookFault::Password => {
            "the workbook is protected with a password; open it, remove the \
                                    password (File > Info > Protect Workbook) and save it"
                .to_owned()
        }
        WorkbookFault::OtherFormat(kind) => other_format(*kind),
        WorkbookFault::MissingPart(part) => format!(
            "the workbook is damaged: it has no '{}'; {SAVE_AGAIN}",
            clean(part, CAUSE_CHARS)
        ),
        WorkbookFault::Damaged { part, damage } => format!(
            "the workbook is damaged ({}: {}); {SAVE_AGAIN}",
            clean(part, CAUSE_CHARS),
            damage_text(damage)
        ),
        WorkbookFault::Inflates(part) => format!(
            "the workbook would use too much memory: its '{}' is much larger than it seems, as no \
             program writes it; {SAVE_AGAIN}",
            clean(part, CAUSE_CHARS)
        ),
        WorkbookFault::Read(error) => format!("the workbook could not be read ({error})"),
        WorkbookFault::NoRows => {
            "no visible sheet of the workbook has cells; give the name of a hidden sheet with \
             --sheet, or another file"
                .to_owned()
        }
        WorkbookFault::SeveralSheets(names) => format!(
            "several sheets of the workbook have cells: {}; give the one to read with --sheet",
            sheet_list(names)
        ),
        WorkbookFault::UnknownSheet { name, sheets } => format!(
            "the workbook has no sheet '{}'; it has {}",
            clean(name, SHEET_CHARS),
            sheet_list(sheets)
        ),
    }
}

/// What is wrong with a part.
fn damage_text(damage: &Damage) -> String {
    let shown = |text: &str| clean(text, CAUSE_CHARS);
    match damage {
        Damage::Compression => "it is compressed in an unknown way".to_owned(),
        Damage::Bytes(error) | Damage::Xml(error) => shown(error),
        Damage::Checksum => "its length or checksum is wrong".to_owned(),
        Damage::SameName => "two of its parts have one name".to_owned(),
        Damage::EndsEarly => "it ends too early".to_owned(),
        Damage::DocumentType => "it defines entities of its own".to_owned(),
        Damage::UnknownEntity => "it has an unknown entity".to_owned(),
        Damage::Oversized => "it has a text that is larger than a cell can be".to_owned(),
        Damage::Attributes(text) => format!("'{}' is not an attribute", shown(text)),
        Damage::RowNumber(text) => format!("'{}' is not the number of a row", shown(text)),
        Damage::RowOrder { row, after } => format!("row {row} comes after row {after}"),
        Damage::Misplaced { reference, row } => {
            format!(
                "cell '{}' is not at its place in row {row}",
                shown(reference)
            )
        }
        Damage::NoText { index, row } => {
            format!(
                "a cell in row {row} refers to text {}, which does not exist",
                shown(index)
            )
        }
    }
}

/// What an archive is that is not a workbook.
fn other_format(kind: ArchiveKind) -> String {
    let (what, remedy) = match kind {
        ArchiveKind::OpenDocument => (
            "an OpenDocument spreadsheet (ods)",
            "open it and save it as an Excel workbook (xlsx) or as CSV UTF-8",
        ),
        ArchiveKind::BinaryWorkbook => (
            "a binary Excel workbook (xlsb)",
            "open it in Excel and save it as an Excel workbook (xlsx)",
        ),
        ArchiveKind::OtherDocument => (
            "an Office document, but not a workbook",
            "give the workbook (xlsx) or the CSV file with the links",
        ),
        ArchiveKind::Numbers => (
            "an Apple Numbers spreadsheet",
            "open it and export it to Excel (xlsx) or CSV",
        ),
        ArchiveKind::Archive => (
            "a zip archive, but not a workbook",
            "unpack it, and give the file that is inside",
        ),
    };
    format!("is {what}; {remedy}")
}

/// The names of sheets.
fn sheet_list(names: &[String]) -> String {
    let shown = names.iter().take(SHOWN_SHEETS);
    let mut list: Vec<_> = shown
        .map(|name| format!("'{}'", clean(name, SHEET_CHARS)))
        .collect();
    if names.len() > SHOWN_SHEETS {
        list.push(format!("… ({} in all)", names.len()));
    }
    list.join(", ")
}
