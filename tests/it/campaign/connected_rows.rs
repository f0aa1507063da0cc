//! A file whose rows conflict with each other and with existing links: several companies for one
//! record, one pair from both ends, and links with other types. It knows nothing of runs and kills.

use std::fmt::Write as _;

use fastrand::Rng;

use super::input_file::{InputFile, InputRow, note};

/// The lowest ids. No generated id ends in the digits of a missing record.
const CONTACTS: u64 = 1_001;
const COMPANIES: u64 = 2_002;
const DEALS: u64 = 3_003;

/// A record that does not exist in the sandbox.
const MISSING: u64 = 404;

/// Few companies, so that rows conflict with each other and with existing links.
const COMPANY_COUNT: u64 = 7;

/// The sandbox's labels between contacts and companies.
const LABELS: [&str; 2] = ["Decision maker", "Billing contact"];

/// Generates random links.
struct LinkGenerator<'a> {
    rng: &'a mut Rng,
    /// The number of contacts, and of deals.
    people: u64,
    /// Whether unlabeled links can be written.
    is_dated: bool,
}

impl LinkGenerator<'_> {
    fn contact(&mut self) -> u64 {
        CONTACTS + 1_000 * self.rng.u64(..self.people)
    }

    fn company(&mut self) -> u64 {
        COMPANIES + 1_000 * self.rng.u64(..COMPANY_COUNT)
    }

    fn deal(&mut self) -> u64 {
        DEALS + 1_000 * self.rng.u64(..self.people)
    }

    /// From, to and definition of one link.
    fn link(&mut self) -> (u64, u64, u32) {
        let unlabeled = if self.is_dated { [279, 280] } else { [1, 2] };
        match self.rng.u32(..100) {
            0..45 => (self.contact(), self.company(), 1),
            45..57 => (self.company(), self.contact(), 2),
            57..65 => (self.deal(), self.company(), 5),
            65..72 => (self.company(), self.deal(), 6),
            72..79 => (self.deal(), self.contact(), 3),
            79..86 => (self.contact(), self.deal(), 4),
            86..93 => (self.contact(), self.company(), unlabeled[0]),
            _ => (self.company(), self.contact(), unlabeled[1]),
        }
    }

    fn row(&mut self) -> InputRow {
        let (from, to, definition) = self.link();
        InputRow::of(&from.to_string(), to, definition)
    }
}

/// A random file with this number of rows.
pub(super) fn random_file(rows: usize, is_dated: bool, rng: &mut Rng) -> InputFile {
    let people = rows as u64 / 3 + 1;
    let mut file = InputFile::of(Vec::new());
    for number in 1..=rows as u64 {
        let mut generator = LinkGenerator {
            rng: &mut *rng,
            people,
            is_dated,
        };
        let mut row = match generator.rng.u32(..100) {
            0..85 => generator.row(),
            85..89 => InputRow::of(&MISSING.to_string(), generator.company(), 1),
            89..92 => InputRow::invalid(rng),
            _ => file.earlier(rng).unwrap_or_else(|| InputRow::invalid(rng)),
        };
        row.cells[0] = note(number, rng);
        file.rows.push(row);
    }
    file
}

/// The links that exist before the run, as a file for the dated API: some links of the file, and
/// some that its rows will displace.
pub(super) fn before(file: &InputFile, rng: &mut Rng) -> String {
    let people = file.rows.len() as u64 / 3 + 1;
    let mut text = "from_object_id,to_object_id,definition_id\n".to_owned();
    for row in &file.rows {
        let cells = match rng.u32(..4) {
            0 if row.ending == super::input_file::ExpectedEnding::Succeeded => {
                row.cells[1..].join(",")
            }
            1 => {
                let is_dated = true;
                let rng = &mut *rng;
                let (from, to, definition) = LinkGenerator {
                    rng,
                    people,
                    is_dated,
                }
                .link();
                format!("{from},{to},{definition}")
            }
            _ => continue,
        };
        writeln!(text, "{cells}").unwrap();
    }
    text
}

/// Labelled pairs that exist before the run.
pub(super) fn labelled(file: &InputFile, rng: &mut Rng) -> String {
    let (people, is_dated) = (file.rows.len() as u64 / 3 + 1, true);
    let mut text = "from_object_id,to_object_id,from_object_type,to_object_type,label\n".to_owned();
    for _ in 0..file.rows.len() / 5 {
        let label = *rng.choice(&LABELS).unwrap();
        let rng = &mut *rng;
        let mut generator = LinkGenerator {
            rng,
            people,
            is_dated,
        };
        let (contact, company) = (generator.contact(), generator.company());
        writeln!(text, "{contact},{company},contacts,companies,{label}").unwrap();
    }
    text
}
