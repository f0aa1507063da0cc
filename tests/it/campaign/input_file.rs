//! An input file with the expected ending of each row. It knows nothing of runs and kills.

use std::fmt::Write as _;

use fastrand::Rng;
use hubassoc::{
    association::{Association, RecordId},
    tables::v2026_09,
};
use rust_xlsxwriter::Workbook;

/// The columns of a file of ids, in this order.
pub(super) const HEADER: &str = "note,from_object_id,to_object_id,definition_id";

const ID_COLUMNS: [&str; 4] = ["note", "from_object_id", "to_object_id", "definition_id"];

/// The from id of row n is n times this number and some more, so that rows have different ids.
const IDS_PER_ROW: u64 = 1_000;

/// The sandbox has no record whose id ends in these digits.
const MISSING: u64 = 404;

/// An input file.
#[derive(Clone, Debug)]
pub(super) struct InputFile {
    pub(super) rows: Vec<InputRow>,
    /// Its columns, which are also the first ones of the results.
    pub(super) columns: [&'static str; 4],
    /// The list of the records that exist, if it is limited.
    pub(super) records: Option<String>,
    /// Whether it is an Excel workbook, and not delimited text.
    pub(super) is_workbook: bool,
}

/// One data row.
#[derive(Clone, Debug)]
pub(super) struct InputRow {
    /// Its cells in the order of the columns.
    pub(super) cells: [String; 4],
    /// Its link; `None` if the row is invalid.
    pub(super) link: Option<Association>,
    pub(super) ending: ExpectedEnding,
    /// The code of a row that is not sent, or refused.
    code: &'static str,
    /// Blank lines before it, which count as lines but not as rows.
    blank_lines: usize,
}

/// How a row must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpectedEnding {
    Succeeded,
    /// Not sent, because the link existed; only if the run reads existing links.
    Already,
    /// The record does not exist.
    Failed,
    /// Never sent, because its keys name no certain record.
    NotFound,
    /// Never sent.
    Invalid,
}

impl ExpectedEnding {
    /// Whether the columns `assoc_status`, `assoc_http_status` and `assoc_code` match. The dated
    /// API has several statuses for success.
    pub(super) fn matches_columns(self, words: [&str; 3], row: &InputRow, is_dated: bool) -> bool {
        match self {
            Self::Succeeded if is_dated => {
                let [status, http_status, code] = words;
                let http_status = ["200", "201", "207"].contains(&http_status);
                (status, code) == ("succeeded", "") && http_status
            }
            Self::Succeeded => words == ["succeeded", "204", ""],
            Self::Already => words == ["already", "", ""],
            Self::Failed => words == ["failed", "400", row.code],
            Self::NotFound => words == ["failed", "", row.code],
            Self::Invalid => words == ["invalid", "", row.code],
        }
    }
}

impl InputFile {
    /// Delimited text with these rows.
    pub(super) fn of(rows: Vec<InputRow>) -> Self {
        Self {
            rows,
            columns: ID_COLUMNS,
            records: None,
            is_workbook: false,
        }
    }

    /// The content of the file, with these line ends if it is text.
    pub(super) fn bytes(&self, line_end: &str) -> Vec<u8> {
        if self.is_workbook {
            self.workbook()
        } else {
            self.text(line_end).into_bytes()
        }
    }

    /// A workbook in which ids are numbers in one row and texts in the next.
    fn workbook(&self) -> Vec<u8> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (column, name) in (0..).zip(self.columns) {
            sheet.write_string(0, column, name).unwrap();
        }
        for (row, line) in self.rows.iter().zip(self.lines()) {
            let index = u32::try_from(line - 1).unwrap();
            for (column, cell) in (0..).zip(&row.cells) {
                match cell.parse::<u32>() {
                    Ok(id) if index % 2 == 0 => sheet.write_number(index, column, id),
                    Ok(_) | Err(_) => sheet.write_string(index, column, cell),
                }
                .unwrap();
            }
        }
        workbook.save_to_buffer().unwrap()
    }

    /// The results of this file as if they were those of delimited text, which has no byte order
    /// mark.
    pub(super) fn without_mark<'a>(&self, results: &'a [u8]) -> &'a [u8] {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        let mark = if self.is_workbook { MARK } else { b"" };
        let torn = &mark[..mark.len().min(results.len())];
        results.strip_prefix(torn).unwrap_or(results)
    }

    /// Random rows: most succeed, some are refused, some are invalid, and some repeat an earlier
    /// row.
    pub(super) fn random(rows: usize, rng: &mut Rng) -> Self {
        let mut file = Self::of(Vec::new());
        for number in 1..=rows as u64 {
            let mut row = match rng.u32(..100) {
                0..86 => InputRow::sent(number, rng.u64(1..MISSING), rng),
                86..92 => InputRow::sent(number, MISSING, rng),
                92..96 => InputRow::invalid(rng),
                _ => file.earlier(rng).unwrap_or_else(|| InputRow::invalid(rng)),
            };
            row.cells[0] = note(number, rng);
            file.rows.push(row);
        }
        file
    }

    /// A repetition of a random earlier row.
    pub(super) fn earlier(&self, rng: &mut Rng) -> Option<InputRow> {
        (!self.rows.is_empty()).then(|| self.rows[rng.usize(..self.rows.len())].clone())
    }

    /// The exit code of a run through the whole file.
    pub(super) fn exit_code(&self) -> i32 {
        let bad = self
            .rows
            .iter()
            .any(|row| row.ending != ExpectedEnding::Succeeded);
        i32::from(bad)
    }

    /// The text of the file with these line ends.
    fn text(&self, line_end: &str) -> String {
        let mut text = self.columns.join(",") + line_end;
        for row in &self.rows {
            text.push_str(&line_end.repeat(row.blank_lines));
            text.push_str(&row.record());
            text.push_str(line_end);
        }
        text
    }

    /// The line on which each row begins.
    pub(super) fn lines(&self) -> Vec<u64> {
        let mut line = 2;
        let start = |row: &InputRow| {
            line += row.blank_lines as u64;
            let start = line;
            // A cell with line breaks is in one row of a sheet.
            line += if self.is_workbook {
                1
            } else {
                row.record().lines().count() as u64
            };
            start
        };
        self.rows.iter().map(start).collect()
    }
}

impl InputRow {
    /// A row with these cells. It is invalid if `from` is not a number.
    pub(super) fn of(from: &str, to: u64, definition: u32) -> Self {
        let id = from.parse::<u64>().ok();
        let (ending, code) = match id {
            None => (ExpectedEnding::Invalid, "invalid_id"),
            Some(id) if id % IDS_PER_ROW == MISSING => (ExpectedEnding::Failed, "record_not_found"),
            Some(_) => (ExpectedEnding::Succeeded, ""),
        };
        let (note, from) = (String::new(), from.to_owned());
        Self {
            cells: [note, from, to.to_string(), definition.to_string()],
            link: id.map(|id| link(id, to, definition)),
            ending,
            code,
            blank_lines: 0,
        }
    }

    /// A row with these keys, and the ids of their records, or why it is not sent.
    pub(super) fn with_keys(
        [from, to]: [String; 2],
        definition: u32,
        ids: Result<[u64; 2], (ExpectedEnding, &'static str)>,
    ) -> Self {
        let (ending, code) = ids.err().unwrap_or((ExpectedEnding::Succeeded, ""));
        Self {
            cells: [String::new(), from, to, definition.to_string()],
            link: ids.ok().map(|[from, to]| link(from, to, definition)),
            ending,
            code,
            blank_lines: 0,
        }
    }

    fn sent(number: u64, from: u64, rng: &mut Rng) -> Self {
        let from = number * IDS_PER_ROW + from;
        let definition = *rng.choice(&[1_u32, 2, 3, 4, 5, 15, 16]).unwrap();
        let row = Self::of(&from.to_string(), rng.u64(1..MISSING), definition);
        let blank_lines = usize::from(rng.u8(..50) == 0);
        Self { blank_lines, ..row }
    }

    pub(super) fn invalid(rng: &mut Rng) -> Self {
        Self::of(rng.choice(&["12a", "x", "1/2", "(12)"]).unwrap(), 7, 1)
    }

    /// The row as CSV, without its line end.
    fn record(&self) -> String {
        let mut record = String::new();
        for (index, cell) in self.cells.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let quoted = cell.contains(['"', ',', '\n']);
            let cell = if quoted {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            };
            write!(record, "{comma}{cell}").unwrap();
        }
        record
    }

    /// The cells as the results contain them: cells that a spreadsheet would execute are escaped.
    pub(super) fn written(&self) -> [String; 4] {
        self.cells.clone().map(|cell| {
            if cell.starts_with(['=', '\'']) {
                format!("'{cell}")
            } else {
                cell
            }
        })
    }
}

/// The association of such a row, for either API.
fn link(from: u64, to: u64, definition: u32) -> Association {
    Association {
        from: RecordId::new(from).unwrap(),
        to: RecordId::new(to).unwrap(),
        definition: v2026_09::table().definition(definition).unwrap(),
    }
}

/// A cell of another column. Some are hard to write, and hard to read when torn: quotes, line
/// breaks, commas, non-ASCII text, and lines longer than a page of memory.
pub(super) fn note(number: u64, rng: &mut Rng) -> String {
    match rng.u32(..100) {
        0..60 => format!("n{number}"),
        60..70 => format!("a \"{number}\", quoted"),
        70..80 => format!("two\nlines of {number},succeeded,204"),
        80..90 => format!("é€😀{number}"),
        90..94 => format!("={number}+1"),
        94..98 => format!("'{number}"),
        98 => "long ".repeat(1_000),
        _ => String::new(),
    }
}
