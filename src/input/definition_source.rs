//! Where the definition of a row comes from: a definition, or object types and a label; in columns,
//! or set for all rows.
//!
//! Pure: names in, indexes out. Two sources that could contradict each other are refused.

use crate::{association::Definition, cell::fold, lookalike::show_exact, tables};

use super::{
    error::{ColumnFault, DefinitionStatement, LabelRemedy},
    header_names::{HeaderMismatch, MissingColumn, NAME_CHARS, find_column, has_column},
    options::{InputOptions, InputSetting, LabelColumn},
};

pub(super) const DEFINITION: &str = "definition_id";
const FROM_TYPE: &str = "from_object_type";
const TO_TYPE: &str = "to_object_type";
const LABEL: &str = "label";

/// Folded names that people use for the column of labels.
const LABEL_NAMES: [&str; 4] = ["label", "labels", "associationlabel", "associationlabels"];

/// Folded names of columns that say more about a link than that it exists, if nothing else says what
/// the rows mean.
const MEANING_NAMES: [&str; 8] = [
    "associationtype",
    "associationtypes",
    "primary",
    "isprimary",
    "primarycompany",
    "isprimarycompany",
    "primaryassociation",
    "isprimaryassociation",
];

/// Where an object type comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum TypeSource {
    /// The object type in this column.
    Column(usize),
    /// This object type for all rows.
    ForAllRows(&'static str),
}

impl TypeSource {
    fn column(self) -> Option<usize> {
        match self {
            Self::Column(column) => Some(column),
            Self::ForAllRows(_) => None,
        }
    }

    fn for_all_rows(self) -> Option<&'static str> {
        match self {
            Self::Column(_) => None,
            Self::ForAllRows(name) => Some(name),
        }
    }
}

/// Where object types and label come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypeSources {
    pub(super) from: TypeSource,
    pub(super) to: TypeSource,
    /// The column of labels. `None` if the label is set for all rows, or there is none.
    pub(super) label: Option<usize>,
}

/// The source of a row's definition.
#[derive(Clone, Copy, Debug)]
pub(super) enum DefinitionSource {
    /// A definition in this column.
    Column(usize),
    /// This definition for all rows.
    ForAllRows(Definition),
    /// Object types and a label.
    Types(TypeSources),
}

impl DefinitionSource {
    /// The columns that are used.
    pub(super) fn columns(self) -> impl Iterator<Item = usize> + use<> {
        let columns = match self {
            Self::Column(column) => [Some(column), None, None],
            Self::ForAllRows(_) => [None; 3],
            Self::Types(TypeSources { from, to, label }) => [from.column(), to.column(), label],
        };
        columns.into_iter().flatten()
    }

    /// The object types that all rows link from and to, as far as they are known.
    pub(super) fn object_types(self) -> [Option<&'static str>; 2] {
        match self {
            Self::Column(_) => [None; 2],
            Self::ForAllRows(definition) => match definition.info() {
                Some(info) => [Some(info.from), Some(info.to)],
                None => [None; 2],
            },
            Self::Types(types) => [types.from, types.to].map(TypeSource::for_all_rows),
        }
    }
}

/// The setting that selects object types and labels, if there is one.
pub(super) fn types_setting(options: &InputOptions) -> Option<InputSetting> {
    let InputOptions {
        from_type,
        to_type,
        label,
        label_column,
        ..
    } = options;
    let is_named = matches!(label_column, LabelColumn::Named(_));
    let given = [
        (from_type.is_some(), InputSetting::FromType),
        (to_type.is_some(), InputSetting::ToType),
        (label.is_some(), InputSetting::Label),
        (is_named, InputSetting::LabelColumn),
    ];
    given.iter().find(|(is_given, _)| *is_given).map(|it| it.1)
}

/// The names of the columns that a file needs for this.
pub(super) fn needed_names(options: &InputOptions) -> Vec<&str> {
    if types_setting(options).is_some() {
        let types = [(FROM_TYPE, options.from_type), (TO_TYPE, options.to_type)];
        let needed = types.into_iter().filter(|(_, given)| given.is_none());
        return needed.map(|(name, _)| name).collect();
    }
    let needed = options.definition.is_none().then(|| definition(options));
    needed.into_iter().collect()
}

/// The first column of object types in a header, if it has one.
pub(super) fn type_column(header: &[String]) -> Option<&'static str> {
    let mut names = [FROM_TYPE, TO_TYPE].into_iter();
    names.find(|name| has_column(header, name))
}

/// The sources of the object types, as far as there are any. None if the rows have definitions.
pub(super) fn type_sources(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> [Option<TypeSource>; 2] {
    let column = |name| find_column(header, name, line).ok().flatten();
    let source = |name, given: Option<_>| {
        let column = column(name).filter(|_| options.table.has_labels());
        let column = column.map(TypeSource::Column);
        column.or_else(|| given.map(TypeSource::ForAllRows))
    };
    [
        source(FROM_TYPE, options.from_type),
        source(TO_TYPE, options.to_type),
    ]
}

/// The only column that seems to have labels, if it does not have the default name. Without one, the
/// first that says more about a link.
pub(super) fn other_label_column(header: &[String]) -> Option<&str> {
    let mut columns = header.iter().filter(|name| is_label_name(name));
    let column = match columns.next() {
        Some(column) if columns.next().is_none() && fold(column) != LABEL => column,
        Some(_) => return None,
        None => header.iter().find(|name| is_meaning_name(name))?,
    };
    Some(column.trim_matches([' ', '\t']))
}

/// Whether neither the header nor an option says what the rows mean, and their object types alone
/// can say it.
pub(super) fn is_unstated(header: &[String], options: &InputOptions) -> bool {
    let labels = options.label_column != LabelColumn::Off && header.iter().any(is_label_name);
    let meaning = checks_labels(options) && header.iter().any(is_meaning_name);
    options.table.has_labels()
        && options.definition.is_none()
        && options.definition_column.is_none()
        && types_setting(options).is_none()
        && type_column(header).is_none()
        && !has_column(header, DEFINITION)
        && !labels
        && !meaning
}

/// Whether columns that would be ignored are looked for. Of rows that were sent before, it was decided
/// then.
fn checks_labels(options: &InputOptions) -> bool {
    options.label_column == LabelColumn::IfPresent && !options.recorded
}

/// Whether people use this name for the column of labels.
fn is_label_name(name: impl AsRef<str>) -> bool {
    LABEL_NAMES.contains(&fold(name.as_ref()).as_str())
}

/// Whether people use this name for what a link means besides its label, or for whether it is primary.
fn is_meaning_name(name: impl AsRef<str>) -> bool {
    let folded = fold(name.as_ref());
    MEANING_NAMES.contains(&folded.trim_matches(['?', '\t']))
}

fn definition(options: &InputOptions) -> &str {
    options.definition_column.as_deref().unwrap_or(DEFINITION)
}

/// The name of the column of labels, unless it is turned off.
fn label_column(options: &InputOptions) -> Option<&str> {
    match &options.label_column {
        LabelColumn::IfPresent | LabelColumn::AlreadyChecked => Some(LABEL),
        LabelColumn::Named(name) => Some(name),
        LabelColumn::Off => None,
    }
}

/// Finds the source in the header on this line. An error if labels would be lost.
pub(super) fn find(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Result<DefinitionSource, HeaderMismatch> {
    let source = find_source(header, line, options)?;
    if checks_labels(options) {
        refuse_lost_labels(header, source, options)?;
        refuse_lost_meaning(header, source, options)?;
    }
    Ok(source)
}

/// Refuses a column that is named like labels but is not used.
fn refuse_lost_labels(
    header: &[String],
    source: DefinitionSource,
    options: &InputOptions,
) -> Result<(), HeaderMismatch> {
    let label = match source {
        DefinitionSource::Types(types) => types.label,
        DefinitionSource::Column(_) | DefinitionSource::ForAllRows(_) => None,
    };
    let lost = (0..header.len()).find(|&i| is_label_name(&header[i]) && Some(i) != label);
    let Some(lost) = lost else {
        return Ok(());
    };
    let column = show_exact(&header[lost], NAME_CHARS);
    let has_labels = options.table.has_labels();
    let remedy = match source {
        DefinitionSource::Types(_) if options.label.is_some() => LabelRemedy::InsteadOfLabel,
        DefinitionSource::Types(_) => LabelRemedy::Named,
        DefinitionSource::Column(_) if has_labels => LabelRemedy::InsteadOfColumn,
        DefinitionSource::ForAllRows(_) if has_labels => LabelRemedy::InsteadOfDefinition,
        DefinitionSource::Column(_) | DefinitionSource::ForAllRows(_) => {
            LabelRemedy::WithLaterApi(tables::latest().api())
        }
    };
    Err(HeaderMismatch::Refused(ColumnFault::LostLabels {
        column,
        remedy,
    }))
}

/// Refuses a column that says more about the links, where they would be unlabeled.
fn refuse_lost_meaning(
    header: &[String],
    source: DefinitionSource,
    options: &InputOptions,
) -> Result<(), HeaderMismatch> {
    let is_unlabeled = match source {
        DefinitionSource::Types(types) => types.label.is_none() && options.label.is_none(),
        DefinitionSource::Column(_) | DefinitionSource::ForAllRows(_) => false,
    };
    let column = header.iter().find(|name| is_meaning_name(name));
    match column.filter(|_| is_unlabeled) {
        Some(column) => {
            let column = show_exact(column.trim_matches([' ', '\t']), NAME_CHARS);
            let fault = ColumnFault::LostMeaning { column };
            Err(HeaderMismatch::Refused(fault))
        }
        None => Ok(()),
    }
}

/// The source that the columns and options define.
fn find_source(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Result<DefinitionSource, HeaderMismatch> {
    let name = definition(options);
    let column = find_column(header, name, line)?;
    let type_column = type_column(header).filter(|_| options.table.has_labels());
    let by_types = types_setting(options)
        .map(DefinitionStatement::Setting)
        .or_else(|| type_column.map(|name| DefinitionStatement::Column(name.to_owned())));
    if let Some(types) = by_types {
        let shown =
            |column: usize| DefinitionStatement::Column(show_exact(&header[column], NAME_CHARS));
        let given = || {
            options
                .definition
                .map(|_| DefinitionStatement::Setting(InputSetting::Definition))
        };
        return match column.map(shown).or_else(given) {
            Some(definition) => Err(HeaderMismatch::Refused(ColumnFault::DefinitionAndTypes {
                definition,
                types,
            })),
            None => self::types(header, line, options),
        };
    }
    match (column, options.definition) {
        (Some(column), None) => Ok(DefinitionSource::Column(column)),
        (None, Some(definition)) => Ok(DefinitionSource::ForAllRows(definition)),
        (Some(column), Some(_)) => {
            let name = show_exact(&header[column], NAME_CHARS);
            Err(HeaderMismatch::Refused(
                ColumnFault::DefinitionColumnAndSetting { name },
            ))
        }
        (None, None) if options.table.has_labels() && has_labels(header, options) => {
            types(header, line, options)
        }
        (None, None) => {
            let missing = missing(name, InputSetting::DefinitionColumn);
            Err(HeaderMismatch::Missing(vec![missing]))
        }
    }
}

fn missing(name: &str, option: InputSetting) -> MissingColumn {
    let name = name.to_owned();
    MissingColumn { name, option }
}

/// Whether the header has a column of labels.
fn has_labels(header: &[String], options: &InputOptions) -> bool {
    label_column(options).is_some_and(|name| has_column(header, name))
}

/// The columns of object types and label. A column is needed if the value is not set for all rows.
fn types(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Result<DefinitionSource, HeaderMismatch> {
    let find = |name: &str, is_given: bool, option| match find_column(header, name, line)? {
        Some(_) if is_given => {
            let name = name.to_owned();
            Err(HeaderMismatch::Refused(ColumnFault::ColumnAndSetting {
                name,
                option,
            }))
        }
        column => Ok(column),
    };
    let from = find(
        FROM_TYPE,
        options.from_type.is_some(),
        InputSetting::FromType,
    )?;
    let to = find(TO_TYPE, options.to_type.is_some(), InputSetting::ToType)?;
    let label = match label_column(options) {
        Some(name) => find(name, options.label.is_some(), InputSetting::Label)?,
        None => None,
    };
    let source = |column: Option<usize>, given: Option<_>, name, option| {
        let column = column.map(TypeSource::Column);
        let source = column.or_else(|| given.map(TypeSource::ForAllRows));
        source.ok_or_else(|| missing(name, option))
    };
    let from = source(from, options.from_type, FROM_TYPE, InputSetting::FromType);
    let to = source(to, options.to_type, TO_TYPE, InputSetting::ToType);
    let label = match &options.label_column {
        LabelColumn::Named(name) => label
            .map(Some)
            .ok_or_else(|| missing(name, InputSetting::LabelColumn)),
        LabelColumn::IfPresent | LabelColumn::AlreadyChecked | LabelColumn::Off => Ok(label),
    };
    match (from, to, label) {
        (Ok(from), Ok(to), Ok(label)) => {
            Ok(DefinitionSource::Types(TypeSources { from, to, label }))
        }
        (from, to, label) => {
            let missing = [from.err(), to.err(), label.err()];
            Err(HeaderMismatch::Missing(
                missing.into_iter().flatten().collect(),
            ))
        }
    }
}
