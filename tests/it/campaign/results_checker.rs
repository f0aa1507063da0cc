//! Checks the lines of a results file against the rows of the input: each belongs to its row and
//! has consistent status columns.

use std::collections::BTreeMap;

use super::{
    import_options::ImportOptions,
    input_file::{ExpectedEnding, InputFile, InputRow},
    oracle::Violations,
    strict_csv::ParsedCsv,
};

/// Rows with a line, and how they ended.
pub(super) type SettledRows = BTreeMap<u64, ExpectedEnding>;

/// Knows the rows and the lines on which they begin.
#[derive(Debug)]
pub(super) struct ResultsChecker {
    file: InputFile,
    starts: Vec<u64>,
    options: ImportOptions,
}

impl ResultsChecker {
    pub(super) fn of(file: &InputFile, options: ImportOptions) -> Self {
        Self {
            starts: file.lines(),
            file: file.clone(),
            options,
        }
    }

    /// The row with this number, from 1.
    pub(super) fn row(&self, number: u64) -> Option<&InputRow> {
        let index = usize::try_from(number).unwrap().wrapping_sub(1);
        self.file.rows.get(index)
    }

    pub(super) fn rows(&self) -> &[InputRow] {
        &self.file.rows
    }

    /// The ending of each row in the file.
    pub(super) fn settled(&self, parsed: &ParsedCsv, violations: &mut Violations) -> SettledRows {
        let mut settled = SettledRows::new();
        let Some((header, lines)) = parsed.records.split_first() else {
            return settled;
        };
        let columns = self.file.columns;
        if !starts_with(header, columns) {
            violations.push(format!("the header is {header:?}"));
            return settled;
        }
        for line in lines {
            match self.line(header, line) {
                Err(problem) => violations.push(format!("{problem}: {line:?}")),
                Ok((row, ending)) => {
                    if settled.insert(row, ending).is_some() {
                        violations.push(format!("row {row} has two lines"));
                    }
                }
            }
        }
        let torn = &parsed.torn_cells;
        if torn.len() > header.len() || torn.len() >= columns.len() && !self.begins_a_row(torn) {
            violations.push(format!("the torn line is of no row: {torn:?}"));
        }
        settled
    }

    /// The row and the ending in one line.
    fn line(&self, header: &[String], line: &[String]) -> Result<(u64, ExpectedEnding), String> {
        if line.len() != header.len() {
            return Err(format!("{} cells under {}", line.len(), header.len()));
        }
        let cell = |name: &str| {
            let index = header.iter().position(|column| column == name);
            index.map_or("", |index| line[index].as_str())
        };
        let number: u64 = cell("assoc_row").parse().map_err(|_| "no row number")?;
        let row = self.row(number).ok_or("a foreign row")?;
        let start = self.starts[usize::try_from(number).unwrap() - 1];
        let (written, attempts) = (row.written(), cell("assoc_attempts").parse::<u32>());
        let ours = ["assoc_status", "assoc_http_status", "assoc_code"].map(cell);
        let may_stand = self.options.skips && row.ending == ExpectedEnding::Succeeded;
        let ending = if may_stand && ours[0] == "already" {
            ExpectedEnding::Already
        } else {
            row.ending
        };
        let is_sent = matches!(ending, ExpectedEnding::Succeeded | ExpectedEnding::Failed);
        let rules = [
            (
                starts_with(line, written.each_ref().map(|cell| &**cell)),
                "other cells",
            ),
            (
                cell("assoc_line") == start.to_string(),
                "another line number",
            ),
            (
                ending.matches_columns(ours, row, self.options.is_dated),
                "another ending than the file's",
            ),
            (attempts.is_ok_and(|n| (n > 0) == is_sent), "wrong attempts"),
            (
                cell("assoc_finished_at").parse::<jiff::Timestamp>().is_ok(),
                "no time",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, problem)) => Err(problem.to_owned()),
            None => Ok((number, ending)),
        }
    }

    fn begins_a_row(&self, cells: &[String]) -> bool {
        let mut rows = self.file.rows.iter();
        rows.any(|row| starts_with(cells, row.written().each_ref().map(|cell| &**cell)))
    }
}

fn starts_with(cells: &[String], start: [&str; 4]) -> bool {
    cells.len() >= start.len() && cells.iter().zip(start).all(|(cell, start)| cell == start)
}
