//! The rows of a plan as text: the cells of the input, and what an import would do.
//!
//! Knows nothing of files, or of how a row is judged.

use csv::StringRecord;

use super::{line_buffer::LineBuffer, results::BOM};
use crate::{plan_action::PlanAction, plan_column::PlanColumn, row::Row};

/// What is said of a row.
#[derive(Clone, Copy, Debug)]
pub struct PlanCells<'a> {
    /// What is done.
    pub action: PlanAction,
    /// The reason as a code; empty if there is none.
    pub code: &'static str,
    /// The reason as a sentence.
    pub message: &'a str,
    /// What exists before.
    pub before: &'a str,
}

/// Makes the lines of a plan.
#[derive(Debug)]
pub struct PlanRows {
    lines: LineBuffer,
}

impl PlanRows {
    /// Lines with this delimiter.
    #[must_use]
    pub fn new(delimiter: u8) -> Self {
        Self {
            lines: LineBuffer::new(&[], delimiter),
        }
    }

    /// The first line, with a byte order mark if the input has one.
    #[must_use]
    pub fn header(&mut self, header: &StringRecord, bom: bool) -> Vec<u8> {
        self.lines.clear();
        self.lines.cells(&header.iter().collect());
        for column in PlanColumn::ALL {
            self.lines.word(column.name());
        }
        self.lines.end();
        let prefix = if bom { &BOM[..] } else { &[] };
        [prefix, self.lines.text()].concat()
    }

    /// The line of a row.
    #[must_use]
    pub fn line(&mut self, row: &Row, cells: PlanCells<'_>) -> Vec<u8> {
        self.lines.clear();
        self.lines.cells(&row.cells);
        for column in PlanColumn::ALL {
            match column {
                PlanColumn::Row => self.lines.number(row.number),
                PlanColumn::Action => self.lines.word(cells.action.word()),
                PlanColumn::Code => self.lines.word(cells.code),
                PlanColumn::Message => self.lines.cell(cells.message),
                PlanColumn::Before => self.lines.cell(cells.before),
            }
        }
        self.lines.end();
        self.lines.text().to_vec()
    }
}
