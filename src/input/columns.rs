//! Which column is which, by the names in the header.
//!
//! Pure: names in, places out. Knows nothing of bytes or delimiters.

use crate::{
    cell::{clean, fold, restore},
    row::RESULT_COLUMNS,
};

use super::{
    error::Refusal,
    meaning::{self, Meaning},
    options::InputOptions,
};

const FROM: &str = "from_object_id";
const TO: &str = "to_object_id";

/// How much of a column's name is shown.
pub(super) const NAME_CHARS: usize = 40;

/// Where the columns stand.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// The names of the columns that are kept; the places count in these.
    pub(super) header: Vec<String>,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) meaning: Meaning,
    /// How many cells the file's header has.
    pub(super) width: usize,
    /// A row may lack cells only from here on: the columns there have no name.
    pub(super) named: usize,
    /// For our own results: which cells are kept, the others being ours.
    pub(super) kept: Option<Vec<usize>>,
    /// For a file that is read as recorded: the cells of its row and line, among
    /// all cells.
    pub(super) recorded: Option<(usize, usize)>,
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
    /// The option that gives it another name, or says what it would say.
    pub(super) option: &'static str,
}

/// The names that a header needs, in the user's words.
pub(super) fn needed_names(options: &InputOptions) -> String {
    let mut names = vec![
        options.from_column.as_deref().unwrap_or(FROM),
        options.to_column.as_deref().unwrap_or(TO),
    ];
    names.extend(meaning::needed_names(options));
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
    let (from, to, meaning) = places(&header, line, options)?;
    let recorded = recorded_places(cells);
    if options.recorded && recorded.is_none() {
        return Err(Misfit::Refused(Refusal::NotRecorded));
    }
    let named = cells.iter().rposition(|name| !is_blank(name));
    Ok(Columns {
        header,
        from,
        to,
        meaning,
        width: cells.len(),
        named: named.map_or(0, |last| last + 1),
        recorded: recorded.filter(|_| options.recorded),
        kept,
    })
}

/// Where the from ids and the to ids stand, and what says how they are linked.
fn places(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Result<(usize, usize, Meaning), Misfit> {
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
    let meaning = meaning::find(header, line, options);
    match (from, to) {
        (Ok(from), Ok(to)) => {
            let meaning = meaning?.map_err(Misfit::Missing)?;
            let places: Vec<_> = [from, to].into_iter().chain(meaning.places()).collect();
            let shared = (1..places.len()).find(|&i| places[..i].contains(&places[i]));
            shared.map_or(Ok((from, to, meaning)), |i| {
                Err(for_two(&header[places[i]]))
            })
        }
        (from, to) => {
            let of_meaning = match meaning {
                Err(Misfit::Refused(refusal @ Refusal::ColumnTwice { .. })) => {
                    return Err(Misfit::Refused(refusal));
                }
                Ok(Err(missing)) => missing,
                Ok(Ok(_)) | Err(_) => Vec::new(),
            };
            let missing = [from.err(), to.err()].into_iter().flatten();
            Err(Misfit::Missing(missing.chain(of_meaning).collect()))
        }
    }
}

fn for_two(name: &str) -> Misfit {
    let name = clean(name, NAME_CHARS);
    Misfit::Refused(Refusal::ColumnForTwo { name })
}

/// Where a name stands; refused if at two places.
pub(super) fn place(header: &[String], name: &str, line: u64) -> Result<Option<usize>, Misfit> {
    let wanted = fold(name);
    let mut places = (0..header.len()).filter(|&i| fold(&header[i]) == wanted);
    let place = places.next();
    if places.next().is_some() {
        let name = clean(name, NAME_CHARS);
        return Err(Misfit::Refused(Refusal::ColumnTwice { line, name }));
    }
    Ok(place)
}

/// Whether a header has a column of this name.
pub(super) fn has(header: &[String], name: &str) -> bool {
    let wanted = fold(name);
    header.iter().any(|cell| fold(cell) == wanted)
}

/// Where a results file has the row and the line of its input.
fn recorded_places(cells: &[String]) -> Option<(usize, usize)> {
    kept_of_results(cells)?;
    let at = |name| cells.iter().position(|cell| cell == name);
    at(RESULT_COLUMNS[0]).zip(at(RESULT_COLUMNS[1]))
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
