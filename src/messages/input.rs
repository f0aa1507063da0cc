//! Sentences about an input as a whole: each says what, where and the remedy.

use super::kinds::{looks_like, thing};
use crate::input::{
    ColumnFault, Fault, HeaderFault, InputError, LabelCure, Refusal, Remedy, Setting, Stated,
};

/// Why an input was not read, or not to its end.
#[must_use]
pub fn input(error: &InputError) -> String {
    match error {
        InputError::Refused {
            path,
            refusal: reason,
        } => format!("{path}: {}", refusal(reason)),
        InputError::BrokeOff {
            path,
            line,
            fault: reason,
        } => format!("{path}, line {line}: {}", fault(reason)),
    }
}

/// Why an input is not read at all.
#[must_use]
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotFound => "there is no such file; check the path".to_owned(),
        Refusal::Unreadable(error) => {
            format!("it cannot be opened ({error}); check its permissions")
        }
        Refusal::NotAFile(what) => format!(
            "it is {} and no file; give the path of a CSV file, or - for standard input",
            thing(*what)
        ),
        Refusal::LooksLike(kind) => looks_like(*kind),
        Refusal::MeaningOptions { definition, types } => format!(
            "{} and {} are both given; leave out one",
            option(*definition),
            option(*types)
        ),
        Refusal::TypesInStream => "it cannot be read twice, which object types and labels in \
                                   columns need; write it to a file, or give --from-type, \
                                   --to-type and --label"
            .to_owned(),
        Refusal::TooManyWishes { line, limit } => format!(
            "up to line {line} there are more than {limit} different labels and object types; is \
             it the column of the labels?"
        ),
        Refusal::BrokeOff(reason) => fault(reason),
        Refusal::Header(fault) => header(fault),
        Refusal::Columns(fault) => columns(fault),
    }
}

/// What keeps an input from being read to its end.
fn fault(fault: &Fault) -> String {
    match fault {
        Fault::OpenQuote { lines, bytes } => format!(
            "a quote opens here and is never closed: it swallows the rest of the file ({lines} \
             line ends, {bytes} bytes); close it"
        ),
        Fault::Gzip(error) => format!(
            "the gzip data is damaged or cut off ({error}); get the file again, or give it unpacked"
        ),
        Fault::Read(error) => {
            format!("it could not be read any further ({error}); what was read before stands")
        }
        Fault::Changed => "it was changed while it was being read; leave it alone, and start \
                           again with a finished copy"
            .to_owned(),
        Fault::NotRecorded => "the line says no row in assoc_row and assoc_line, or has lost \
                               cells; it is not as this program wrote it: get the file from a copy"
            .to_owned(),
        Fault::Panicked(what) => {
            format!("the reader failed by a fault of its own ({what}); please report it")
        }
    }
}

/// Why there is no header that can be read.
fn header(fault: &HeaderFault) -> String {
    match fault {
        HeaderFault::Empty(needed) => {
            format!("it is empty; it needs a header line with the columns {needed}")
        }
        HeaderFault::Data {
            line,
            found,
            needed,
        } => format!(
            "line {line} holds data where the header has to be ('{found}'); put a line with the \
             names {needed} above it"
        ),
        HeaderFault::TitleRows { line, header } => format!(
            "the header stands on line {header}, below other text; delete the lines above it, from \
             line {line} on"
        ),
        HeaderFault::LineInQuotes { line, delimiter } => format!(
            "line {line} stands in quotes as a whole, so that it is one cell: a spreadsheet has \
             saved a file whose cells are split by {delimiter} as one column; in Excel choose Data \
             > Text to Columns, split by {delimiter} and save as CSV UTF-8 again, or get the file \
             as it was before"
        ),
        HeaderFault::OpenQuote { line, limit } => format!(
            "the header's quote on line {line} is never closed (or not within {limit} bytes); close \
             it, or delete it"
        ),
        HeaderFault::BrokenQuote { line } => format!(
            "in the header on line {line}, text follows a closing quote; write a quote inside a \
             cell as two"
        ),
        HeaderFault::TooLarge { line, bytes, cells } => format!(
            "the header on line {line} is longer than {bytes} bytes or has more than {cells} cells; \
             is this a CSV file?"
        ),
        HeaderFault::SepLine { line, found } => format!(
            "line {line} ('{found}') names a delimiter that is not supported; use comma, \
             semicolon, tab or pipe"
        ),
    }
}

/// Why the columns are not those that are needed.
fn columns(fault: &ColumnFault) -> String {
    match fault {
        ColumnFault::Missing {
            line,
            missing,
            delimiter,
            found,
            remedy,
        } => format!(
            "the header on line {line} has no column {missing}; found, separated by {delimiter}: \
             {found}; {}",
            what_helps(remedy)
        ),
        ColumnFault::Twice { line, name } => format!(
            "the header on line {line} has the column {name} more than once; rename or delete one"
        ),
        ColumnFault::ForTwo { name } => format!(
            "the column {name} is named for two of from, to and definition; each needs its own"
        ),
        ColumnFault::DefinitionTwice { name } => format!(
            "the file has a definition column ('{name}'), and --definition is given too; leave out \
             --definition, or rename the column"
        ),
        ColumnFault::TwoMeanings { definition, types } => format!(
            "a definition ({}) says what the rows mean, and so does {}; leave out the one that is \
             not meant, or rename the column",
            stated(definition),
            stated(types)
        ),
        ColumnFault::GivenTwice {
            name,
            option: given,
        } => format!(
            "the file has the column {name}, and {0} is given too; leave out {0}, or rename the \
             column",
            option(*given)
        ),
        ColumnFault::NotRecorded => "it is no results file of this program: its own columns \
                                 (assoc_row, …) are not there; give the file that import wrote"
            .to_owned(),
        ColumnFault::LostLabels { column, cure } => format!(
            "the labels in the column '{column}' would be lost: to send them, {}; if it holds \
             none, or they are not meant, give --label-column off",
            to_send(column, *cure)
        ),
    }
}

/// What helps where columns are missing.
fn what_helps(remedy: &Remedy) -> String {
    const COLUMN: &str = "or the column's name with --definition-column";
    let options = |settings: &[Setting]| {
        let options: Vec<_> = settings.iter().map(|setting| option(*setting)).collect();
        options.join(" and ")
    };
    match remedy {
        Remedy::Delimiter(delimiter) => {
            format!("they are there separated by {delimiter}: give --delimiter {delimiter}")
        }
        Remedy::LaterApi { types, api } => {
            format!("{types} is read with --api {api}; else give --definition, {COLUMN}")
        }
        Remedy::Definition { has_labels: true } => format!(
            "give --definition for the whole file, or --from-type and --to-type (and --label), \
             {COLUMN}"
        ),
        Remedy::Definition { has_labels: false } => {
            format!("give --definition for the whole file, {COLUMN}")
        }
        Remedy::Types(missing) => format!(
            "add the columns, or give {} for the whole file",
            options(missing)
        ),
        Remedy::Names(missing) => format!(
            "rename the columns, or give their names with {}, or what separates them with \
             --delimiter",
            options(missing)
        ),
    }
}

/// How labels are sent that would be lost.
fn to_send(column: &str, cure: LabelCure) -> String {
    let named = format!("--label-column '{column}'");
    let with_types = "--from-type and --to-type";
    match cure {
        LabelCure::InsteadOfLabel => format!("leave out --label and give {named}"),
        LabelCure::Named => format!("give {named}"),
        LabelCure::InsteadOfColumn => {
            format!("give {named} with {with_types}, and rename or delete the definition column")
        }
        LabelCure::InsteadOfDefinition => {
            format!("leave out --definition and give {named} with {with_types}")
        }
        LabelCure::WithLaterApi(api) => {
            format!("give --api {api}, and {named} with {with_types} instead of the definition")
        }
    }
}

/// What says what the rows mean.
fn stated(stated: &Stated) -> String {
    match stated {
        Stated::Column(name) => format!("the column '{name}'"),
        Stated::Given(setting) => option(*setting).to_owned(),
    }
}

/// What a setting is given by.
fn option(setting: Setting) -> &'static str {
    match setting {
        Setting::FromColumn => "--from-column",
        Setting::ToColumn => "--to-column",
        Setting::DefinitionColumn => "--definition-column",
        Setting::Definition => "--definition",
        Setting::FromType => "--from-type",
        Setting::ToType => "--to-type",
        Setting::Label => "--label",
        Setting::LabelColumn => "--label-column",
    }
}
