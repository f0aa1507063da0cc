//! Which column is which, by the names in the header.
//!
//! Pure: names in, places out. Knows nothing of bytes or delimiters.

use crate::{
    cell::{clean, fold, restore},
    row::RESULT_COLUMNS,
};

use super::{error::Refusal, options::InputOptions};

const FROM: &str = "from_object_id";
const TO: &str = "to_object_id";
const DEFINITION: &str = "definition_id";

/// How much of a column's name is shown.
pub(super) const NAME_CHARS: usize = 40;

/// Where the columns stand.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// The names of the columns that are kept; the places count in these.
    pub(super) header: Vec<String>,
    pub(super) from: usize,
    pub(super) to: usize,
    /// `None` where one definition was given for all rows.
    pub(super) definition: Option<usize>,
    /// How many cells the file's header has.
    pub(super) width: usize,
    /// A row may lack cells only from here on: the columns there have no name.
    pub(super) named: usize,
    /// For our own results: which cells are kept, the others being ours.
    pub(super) kept: Option<Vec<usize>>,
}

/// Why the columns of a header are not the ones that are needed.
#[derive(Debug)]
pub(super) enum Misfit {
    /// These are not there; another delimiter may find them.
    Missing(Vec<Missing>),
    /// This would not be another with another delimiter.
    Refused(Refusal),
}

/// A column that is needed and not there.
#[derive(Clone, Debug)]
pub(super) struct Missing {
    pub(super) name: String,
    /// The option that gives it another name.
    pub(super) option: &'static str,
}

/// The names that a header needs, in the user's words.
pub(super) fn needed_names(options: &InputOptions) -> String {
    let mut names = vec![
        options.from_column.as_deref().unwrap_or(FROM),
        options.to_column.as_deref().unwrap_or(TO),
    ];
    if options.definition.is_none() {
        names.push(options.definition_column.as_deref().unwrap_or(DEFINITION));
    }
    clean(&names.join(", "), 4 * NAME_CHARS)
}

/// Finds the needed columns among the cells of a header on this line.
pub(super) fn find(cells: &[String], line: u64, options: &InputOptions) -> Result<Columns, Misfit> {
    let kept = kept_of_results(cells);
    let header: Vec<String> = match &kept {
        Some(kept) => kept
            .iter()
            .map(|&i| restore(&cells[i]).to_owned())
            .collect(),
        None => cells.to_vec(),
    };
    let (from, to, definition) = places(&header, line, options)?;
    let named = cells.iter().rposition(|name| !is_blank(name));
    Ok(Columns {
        header,
        from,
        to,
        definition,
        width: cells.len(),
        named: named.map_or(0, |last| last + 1),
        kept,
    })
}

/// Where the from ids, the to ids and the definitions stand.
fn places(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Result<(usize, usize, Option<usize>), Misfit> {
    let seek = |name: &Option<String>, default, option| {
        let name = name.as_deref().unwrap_or(default);
        let missing = || Missing {
            name: name.to_owned(),
            option,
        };
        place(header, name, line).map(|place| place.ok_or_else(missing))
    };
    let from = seek(&options.from_column, FROM, "--from-column")?;
    let to = seek(&options.to_column, TO, "--to-column")?;
    let definition = seek(
        &options.definition_column,
        DEFINITION,
        "--definition-column",
    )?;
    match (from, to, definition, options.definition) {
        (Ok(from), Ok(to), Ok(definition), None) => {
            let places = [from, to, definition];
            let shared = (1..3).find(|&i| places[..i].contains(&places[i]));
            shared.map_or(Ok((from, to, Some(definition))), |i| {
                Err(for_two(&header[places[i]]))
            })
        }
        (Ok(from), Ok(to), Err(_), Some(_)) if from == to => Err(for_two(&header[from])),
        (Ok(from), Ok(to), Err(_), Some(_)) => Ok((from, to, None)),
        (Ok(_), Ok(_), Ok(definition), Some(_)) => {
            let name = clean(&header[definition], NAME_CHARS);
            Err(Misfit::Refused(Refusal::DefinitionTwice { name }))
        }
        (from, to, definition, given) => {
            let definition = definition.err().filter(|_| given.is_none());
            let missing = [from.err(), to.err(), definition];
            Err(Misfit::Missing(missing.into_iter().flatten().collect()))
        }
    }
}

fn for_two(name: &str) -> Misfit {
    let name = clean(name, NAME_CHARS);
    Misfit::Refused(Refusal::ColumnForTwo { name })
}

/// Where a name stands; refused if at two places.
fn place(header: &[String], name: &str, line: u64) -> Result<Option<usize>, Misfit> {
    let wanted = fold(name);
    let mut places = (0..header.len()).filter(|&i| fold(&header[i]) == wanted);
    let place = places.next();
    if places.next().is_some() {
        let name = clean(name, NAME_CHARS);
        return Err(Misfit::Refused(Refusal::ColumnTwice { line, name }));
    }
    Ok(place)
}

/// The cells that are not ours, if the header is that of a results file.
fn kept_of_results(cells: &[String]) -> Option<Vec<usize>> {
    let ours = |name: &str| RESULT_COLUMNS.contains(&name);
    RESULT_COLUMNS
        .iter()
        .all(|name| cells.iter().any(|cell| cell == name))
        .then(|| (0..cells.len()).filter(|&i| !ours(&cells[i])).collect())
}

/// Whether a cell holds nothing but blanks.
pub(super) fn is_blank(cell: impl AsRef<[u8]>) -> bool {
    cell.as_ref()
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t'))
}
