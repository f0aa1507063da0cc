//! The lines of a results file, held against the rows of the script: each is a
//! row's own, and says how it ended in the words that belong together.

use std::collections::BTreeMap;

use super::{
    judge::Complaints,
    manner::Manner,
    script::{COLUMNS, Ending, Row, Script},
    strict::Parsed,
};

/// Rows with a line, and how they ended.
pub(super) type Settled = BTreeMap<u64, Ending>;

/// Knows the rows, and on which line of the file each begins.
#[derive(Debug)]
pub(super) struct Lines {
    script: Script,
    starts: Vec<u64>,
    manner: Manner,
}

impl Lines {
    pub(super) fn of(script: &Script, manner: Manner) -> Self {
        Self {
            starts: script.lines(),
            script: script.clone(),
            manner,
        }
    }

    /// The row of this number, from 1.
    pub(super) fn row(&self, number: u64) -> Option<&Row> {
        let index = usize::try_from(number).unwrap().wrapping_sub(1);
        self.script.rows.get(index)
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.script.rows
    }

    /// What the file says of each row.
    pub(super) fn settled(&self, parsed: &Parsed, complaints: &mut Complaints) -> Settled {
        let mut settled = Settled::new();
        let Some((header, lines)) = parsed.records.split_first() else {
            return settled;
        };
        if !starts_with(header, COLUMNS) {
            complaints.push(format!("the header is {header:?}"));
            return settled;
        }
        for line in lines {
            match self.line(header, line) {
                Err(problem) => complaints.push(format!("{problem}: {line:?}")),
                Ok((row, ending)) => {
                    if settled.insert(row, ending).is_some() {
                        complaints.push(format!("row {row} has two lines"));
                    }
                }
            }
        }
        let torn = &parsed.torn_cells;
        if torn.len() > header.len() || torn.len() >= COLUMNS.len() && !self.is_of_a_row(torn) {
            complaints.push(format!("the torn line is of no row: {torn:?}"));
        }
        settled
    }

    /// One line: its row, and how that ended.
    fn line(&self, header: &[String], line: &[String]) -> Result<(u64, Ending), String> {
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
        let may_stand = self.manner.skips && row.ending == Ending::Succeeded;
        let ending = if may_stand && ours[0] == "already" {
            Ending::Already
        } else {
            row.ending
        };
        let is_sent = matches!(ending, Ending::Succeeded | Ending::Failed);
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
                ending.is_told_by(ours, self.manner.is_dated),
                "another ending than the script's",
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

    fn is_of_a_row(&self, cells: &[String]) -> bool {
        let mut rows = self.script.rows.iter();
        rows.any(|row| starts_with(cells, row.written().each_ref().map(|cell| &**cell)))
    }
}

fn starts_with(cells: &[String], start: [&str; 4]) -> bool {
    cells.len() >= start.len() && cells.iter().zip(start).all(|(cell, start)| cell == start)
}
