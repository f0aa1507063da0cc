//! Sentences about an input as a whole: each says what, where and the remedy.

use super::{
    kinds::{looks_like, path_kind},
    workbooks::{SHEET_CHARS, workbook_fault},
};
use crate::{
    cell::clean,
    input::{
        AbsentHeader, ColumnFault, ColumnRemedy, ColumnSuggestion, DataRow, DefinitionStatement,
        Delimiter, HeaderFault, InputError, InputRefusal, InputSetting, LabelRemedy, ReadFault,
    },
    output::plural,
};

const USUAL_NAMES_IN_STREAM: &str = "only the names of the columns say the object types, and that needs a file, because it is read \
     twice; write the rows to a file, or give the types";

const NOT_RECORDED: &str = "is not a results file of hubassoc: the columns assoc_row, … are \
                            missing; give the file that import wrote";

/// What a column of labels has.
const LABEL_CELLS: &str = "each cell has to be a label, such as Primary, or empty";

/// The names of columns that name records by keys.
const OF_KEYS: &str =
    " (of e-mail addresses: from_email, to_email; of domains: from_domain, to_domain)";

/// Why an input was not read, or not to its end.
#[must_use]
pub fn input(error: &InputError) -> String {
    match error {
        InputError::Refused {
            path,
            refusal: reason,
        } => format!("{path}: {}", refusal(reason)),
        InputError::ReadFailed {
            path,
            line,
            fault: reason,
        } => {
            let unit = unit(matches!(reason, ReadFault::Workbook(_)));
            format!("{path}, {unit} {line}: {}", read_fault(reason))
        }
    }
}

/// Why an input is not read at all.
#[must_use]
pub fn refusal(refusal: &InputRefusal) -> String {
    match refusal {
        InputRefusal::NotFound => "no such file; check the path".to_owned(),
        InputRefusal::Unreadable(error) => {
            format!("cannot be opened ({error}); check its permissions")
        }
        InputRefusal::NotAFile(what) => format!(
            "is {}, not a file; give the path of a CSV file, or - for standard input",
            path_kind(*what)
        ),
        InputRefusal::LooksLike(kind) => looks_like(*kind),
        InputRefusal::DefinitionOptions { definition, types } => format!(
            "{} and {} are both given; leave out one",
            option(*definition),
            option(*types)
        ),
        InputRefusal::TypesInStream => {
            "columns with object types or labels need a file, because it is \
                                   read twice; write the rows to a file, or give --from-type, \
                                   --to-type and --label"
                .to_owned()
        }
        InputRefusal::TooManyLabels { line, limit } => format!(
            "up to line {line} there are more than {limit} different labels and object types; is \
             this really the label column?"
        ),
        InputRefusal::LockFile => "is only the mark of a workbook that is open in Excel; give the \
                                   file without ~$ at the start of its name"
            .to_owned(),
        InputRefusal::Workbook(fault) => workbook_fault(fault),
        InputRefusal::ReadFailed(reason) => read_fault(reason),
        InputRefusal::Header(fault) => header_fault(fault),
        InputRefusal::Columns(fault) => column_fault(fault),
    }
}

/// Why an input could not be read to its end.
fn read_fault(fault: &ReadFault) -> String {
    match fault {
        ReadFault::OpenQuote { lines, bytes } => format!(
            "a quote opens here and is never closed, so it includes the rest of the file ({}, {}); \
             close the quote",
            plural(*lines, "line", "lines"),
            plural(*bytes, "byte", "bytes")
        ),
        ReadFault::Gzip(error) => format!(
            "the gzip data is damaged or incomplete ({error}); get the file again, or unpack it \
             first"
        ),
        ReadFault::Workbook(fault) => workbook_fault(fault),
        ReadFault::Read(error) => {
            format!(
                "the file could not be read any further ({error}); rows read before are recorded"
            )
        }
        ReadFault::Changed => {
            "the file was changed while it was being read; start again with a copy \
                           that nobody changes"
                .to_owned()
        }
        ReadFault::NotRecorded => {
            "assoc_row or assoc_line of this line is not a number, or cells are \
                               missing: another program has changed it; use a copy of the file as \
                               hubassoc wrote it"
                .to_owned()
        }
        ReadFault::Panicked(what) => {
            format!("an internal error in the reader ({what}); please report it")
        }
    }
}

/// What a line of the input is called.
fn unit(in_sheet: bool) -> &'static str {
    if in_sheet { "row" } else { "line" }
}

/// Why the header cannot be used.
fn header_fault(fault: &HeaderFault) -> String {
    match fault {
        HeaderFault::Absent(absent) => absent_header(absent),
        HeaderFault::Data(row) => data_row(row),
        HeaderFault::TitleRows {
            line,
            header,
            in_sheet,
        } => {
            let unit = unit(*in_sheet);
            format!(
                "the header seems to be {unit} {header}, below other text that begins in {unit} \
                 {line}; give --header-row {header}, or delete what is above the header"
            )
        }
        HeaderFault::LineInQuotes { line, delimiter } => format!(
            "the whole of line {line} is in quotes, so it is one cell: a spreadsheet saved a file \
             with {delimiter} between cells as one column; in Excel choose Data > Text to Columns, \
             use {delimiter} as the delimiter and save as CSV UTF-8 again, or use the original file"
        ),
        HeaderFault::OpenQuote { line, limit } => format!(
            "the quote in the header on line {line} is never closed (or not within {limit} bytes); \
             close or delete it"
        ),
        HeaderFault::BrokenQuote { line } => format!(
            "the header on line {line} has text after a closing quote; write a quote inside a cell \
             as two quotes"
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

/// Why a row of data is not the header.
fn data_row(row: &DataRow) -> String {
    let DataRow {
        line,
        cells,
        needed,
        has_keys,
        data_names,
        has_given_names,
        in_sheet,
    } = row;
    let unit = unit(*in_sheet);
    let of_keys = if *has_keys { OF_KEYS } else { "" };
    let without = without_options(data_names);
    let is_header = if *has_given_names {
        format!("; if {unit} {line} is the header, give --header-row {line}")
    } else {
        String::new()
    };
    format!(
        "{unit} {line} is data, but the first {unit} must be the header ({}); add a {unit} with the \
         column names {needed}{of_keys} above it{without}{is_header}",
        plural(*cells as u64, "cell", "cells")
    )
}

/// That options which name columns have to be left out.
fn without_options(settings: &[InputSetting]) -> String {
    let options: Vec<_> = settings.iter().map(|setting| option(*setting)).collect();
    match options.split_last() {
        None => String::new(),
        Some((only, [])) => format!(", and leave out {only}"),
        Some((last, others)) => format!(", and leave out {} and {last}", others.join(", ")),
    }
}

/// Why there is no text where the header has to be.
fn absent_header(absent: &AbsentHeader) -> String {
    match absent {
        AbsentHeader::Empty(needed) => {
            format!("is empty; it needs a header line with the columns {needed}")
        }
        AbsentHeader::EmptySheet { sheet, needed } => format!(
            "the sheet '{}' is empty; it needs a header row with the columns {needed}; to read \
             another sheet, give its name with --sheet",
            clean(sheet, SHEET_CHARS)
        ),
        AbsentHeader::BelowText {
            header_row,
            last,
            in_sheet,
        } => {
            let unit = unit(*in_sheet);
            format!(
                "the last {unit} with text is {unit} {last}, but --header-row is {header_row}; \
                 give the number of the {unit} that has the column names"
            )
        }
        AbsentHeader::AtBlankRow {
            header_row,
            next,
            in_sheet,
        } => {
            let unit = unit(*in_sheet);
            format!(
                "{unit} {header_row}, which --header-row names, has no text; the next {unit} with text \
                 is {unit} {next}: if it has the column names, give --header-row {next}"
            )
        }
    }
}

/// Why the columns cannot be used.
fn column_fault(fault: &ColumnFault) -> String {
    match fault {
        ColumnFault::Missing {
            line,
            missing,
            delimiter,
            found,
            remedy,
        } => {
            let (place, separated) = header_place(*line, *delimiter);
            let remedy = column_remedy(remedy, delimiter.is_none());
            let lacks = format!("the header {place} has no column {missing}");
            format!("{lacks}; found{separated}: {found}; {remedy}")
        }
        ColumnFault::Twice { line, name } => format!(
            "the header on line {line} has the column {name} more than once; rename or delete one \
             of them"
        ),
        ColumnFault::IdsBesideKeys {
            line, ids, keys, ..
        } => ids_beside_keys(*line, ids, keys),
        ColumnFault::UsedForTwo { name } => format!(
            "the column {name} is given for two of from, to and definition; each needs its own \
             column"
        ),
        ColumnFault::DefinitionColumnAndSetting { name } => format!(
            "the file has a definition column ('{name}') and --definition is given too; leave out \
             --definition, or rename the column"
        ),
        ColumnFault::DefinitionAndTypes { definition, types } => format!(
            "both a definition ({}) and {} say what the rows mean; leave out one of them, or \
             rename the column",
            source_name(definition),
            source_name(types)
        ),
        ColumnFault::ColumnAndSetting {
            name,
            option: setting,
        } => format!(
            "the file has the column {name} and {0} is given too; leave out {0}, or rename the \
             column",
            option(*setting)
        ),
        ColumnFault::UsualNamesInStream(_) => USUAL_NAMES_IN_STREAM.to_owned(),
        ColumnFault::NotRecorded => NOT_RECORDED.to_owned(),
        ColumnFault::LostLabels { column, remedy } => lost_labels(column, *remedy),
        ColumnFault::LostMeaning { column } => lost_meaning(column),
    }
}

/// That a column of labels would be ignored.
fn lost_labels(column: &str, remedy: LabelRemedy) -> String {
    format!(
        "the labels in the column '{column}' would be ignored: to send them, {}; to ignore them, give \
         --label-column off",
        label_remedy(column, remedy)
    )
}

/// That a column which says more about the links would be ignored.
fn lost_meaning(column: &str) -> String {
    format!(
        "the column '{column}' seems to say more about the links, but would be ignored: to send its \
         cells as labels, give --label-column '{column}' ({LABEL_CELLS}); to ignore the column, give \
         --label-column off"
    )
}

/// Why a header with ids and keys of the same records is not read.
fn ids_beside_keys(line: u64, ids: &str, keys: &str) -> String {
    format!(
        "the header on line {line} has both {keys} and {ids}, and each of them may say which record \
         is meant; say which one to use"
    )
}

/// Where the header is, and what separates its names. A workbook has no delimiter.
fn header_place(line: u64, delimiter: Option<Delimiter>) -> (String, String) {
    match delimiter {
        Some(delimiter) => (
            format!("on line {line}"),
            format!(", separated by {delimiter}"),
        ),
        None => (format!("in row {line}"), String::new()),
    }
}

/// What to do about missing columns.
fn column_remedy(remedy: &ColumnRemedy, in_sheet: bool) -> String {
    const COLUMN: &str = "or the name of its column with --definition-column";
    let options = |settings: &[InputSetting]| {
        let options: Vec<_> = settings.iter().map(|setting| option(*setting)).collect();
        options.join(" and ")
    };
    match remedy {
        ColumnRemedy::Delimiter(delimiter) => {
            format!(
                "the header has them with {delimiter} between cells: give --delimiter {delimiter}"
            )
        }
        ColumnRemedy::LaterApi { types, api } => {
            format!("{types} needs --api {api}; otherwise give --definition, {COLUMN}")
        }
        ColumnRemedy::Definition { has_labels: true } => format!(
            "give --definition for the whole file, or --from-type and --to-type (and --label), \
             {COLUMN}"
        ),
        ColumnRemedy::Definition { has_labels: false } => {
            format!("give --definition for the whole file, {COLUMN}")
        }
        ColumnRemedy::Types(missing) => format!(
            "add the columns, or give {} for the whole file",
            options(missing)
        ),
        ColumnRemedy::Suggestions(suggestions) => suggested_columns(suggestions),
        ColumnRemedy::Names(missing) if in_sheet => format!(
            "rename the columns, or give their names with {}; if the names are in another row, \
             give it with --header-row",
            options(missing)
        ),
        ColumnRemedy::Names(missing) => format!(
            "rename the columns, or give their names with {}, or give the delimiter with \
             --delimiter",
            options(missing)
        ),
    }
}

/// What suggestions are about, before their commands.
fn suggested_columns(suggestions: &[ColumnSuggestion]) -> String {
    let mut columns = suggestions.iter().flat_map(|it| [&it.from, &it.to]);
    let have_keys = columns.any(|column| column.property.is_some());
    let what = if have_keys {
        "name the records"
    } else {
        "have the ids"
    };
    let mut labels = suggestions.iter();
    let labels = labels.find_map(|it| it.label_column.as_deref());
    let labels = labels.map(|column| {
        format!(
            "'{}' is read as the column of labels ({LABEL_CELLS}), and --label-column off ignores \
             it; ",
            clean(column, SHEET_CHARS)
        )
    });
    format!("{}say which columns {what}", labels.unwrap_or_default())
}

/// Continues a refusal whose remedy is to name columns, before this number of commands that do.
#[must_use]
pub fn with_commands(commands: usize, needs_type: bool) -> &'static str {
    match (commands, needs_type) {
        (1, false) => ", with this command:",
        (1, true) => {
            ", with this command (replace TYPE by the object type of these records, such as \
             contacts):"
        }
        (_, false) => ", with one of these commands:",
        (_, true) => {
            ", with one of these commands (replace TYPE by the object type of these records, such \
             as contacts):"
        }
    }
}

/// How to send labels that would be ignored.
fn label_remedy(column: &str, remedy: LabelRemedy) -> String {
    let label_column = format!("--label-column '{column}'");
    let with_types = "--from-type and --to-type";
    match remedy {
        LabelRemedy::InsteadOfLabel => format!("leave out --label and give {label_column}"),
        LabelRemedy::Named => format!("give {label_column}"),
        LabelRemedy::InsteadOfColumn => {
            format!(
                "give {label_column} with {with_types}, and rename or delete the definition column"
            )
        }
        LabelRemedy::InsteadOfDefinition => {
            format!("leave out --definition and give {label_column} with {with_types}")
        }
        LabelRemedy::WithLaterApi(api) => {
            format!(
                "give --api {api}, and {label_column} with {with_types} instead of the definition"
            )
        }
    }
}

/// What says what the rows mean.
fn source_name(statement: &DefinitionStatement) -> String {
    match statement {
        DefinitionStatement::Column(name) => format!("the column '{name}'"),
        DefinitionStatement::Setting(setting) => option(*setting).to_owned(),
    }
}

/// The option that sets it.
fn option(setting: InputSetting) -> &'static str {
    match setting {
        InputSetting::FromColumn => "--from-column",
        InputSetting::ToColumn => "--to-column",
        InputSetting::DefinitionColumn => "--definition-column",
        InputSetting::Definition => "--definition",
        InputSetting::FromType => "--from-type",
        InputSetting::ToType => "--to-type",
        InputSetting::Label => "--label",
        InputSetting::LabelColumn => "--label-column",
    }
}
