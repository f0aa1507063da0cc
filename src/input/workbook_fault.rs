//! What can be wrong with a workbook as a whole, as data.

use std::io;

/// Why a workbook is not read, or not to its end.
#[derive(Debug)]
pub enum WorkbookFault {
    /// The archive ends before its directory, or the directory is damaged.
    Truncated,
    /// It is protected with a password.
    Password,
    /// It is a file of this other format.
    OtherFormat(ArchiveKind),
    /// This part is missing.
    MissingPart(String),
    /// This part is damaged, for this reason.
    Damaged {
        /// The name of the part.
        part: String,
        /// What is wrong.
        damage: Damage,
    },
    /// This part inflates to more than a real workbook would.
    Inflates(String),
    /// Reading the file failed.
    Read(io::Error),
    /// No sheet has rows.
    NoRows,
    /// Several sheets have rows; their names.
    SeveralSheets(Vec<String>),
    /// There is no sheet with the given name; the names of the sheets.
    UnknownSheet {
        /// The given name.
        name: String,
        /// The names of all sheets.
        sheets: Vec<String>,
    },
}

/// What is wrong with a part of a workbook. Texts are those of the file, not ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It is compressed with a method that workbooks do not use.
    Compression,
    /// The compressed bytes are damaged: what the library says.
    Bytes(String),
    /// Its length or checksum is not what the archive says.
    Checksum,
    /// The archive has another part of this name.
    SameName,
    /// The XML is not well formed: what the library says.
    Xml(String),
    /// It ends inside an element.
    EndsEarly,
    /// It defines entities of its own.
    DocumentType,
    /// It uses an entity that XML does not have.
    UnknownEntity,
    /// One piece of its XML is larger than any cell can be.
    Oversized,
    /// This text after the name of an element is not an attribute.
    Attributes(String),
    /// This is not the number of a row.
    RowNumber(String),
    /// Row `row` comes after row `after`.
    RowOrder {
        /// The number of the row.
        row: u32,
        /// The number of the row before it.
        after: u32,
    },
    /// A cell with this reference is in this row, after the cells that should follow it, or in no
    /// column.
    Misplaced {
        /// The reference, such as `B2`.
        reference: String,
        /// The number of the row.
        row: u32,
    },
    /// A cell in this row refers to a text that does not exist.
    NoText {
        /// The reference to the text.
        index: String,
        /// The number of the row.
        row: u32,
    },
}

/// A format that is also a zip archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveKind {
    /// A spreadsheet in the open format (`.ods`).
    OpenDocument,
    /// A binary workbook (`.xlsb`).
    BinaryWorkbook,
    /// A text document, a presentation, or another Office file.
    OtherDocument,
    /// A spreadsheet of Apple Numbers.
    Numbers,
    /// Any other archive.
    Archive,
}

impl WorkbookFault {
    /// A damaged part.
    pub(crate) fn damaged(part: &str, damage: Damage) -> Self {
        Self::Damaged {
            part: part.to_owned(),
            damage,
        }
    }
}
