//! A file whose rows meet each other and what stood before: several companies
//! for one record, the same pair from both ends, and links with other types.
//! It knows nothing of runs and kills.

use std::fmt::Write as _;

use fastrand::Rng;

use super::input_file::{InputFile, InputRow, note};

/// Ids are these numbers and more: none ends in what the sandbox lacks.
const CONTACTS: u64 = 1_001;
const COMPANIES: u64 = 2_002;
const DEALS: u64 = 3_003;

/// A record that the sandbox lacks.
const MISSING: u64 = 404;

/// Few enough companies that rows meet, and links of before.
const COMPANY_COUNT: u64 = 7;

/// Contacts and companies that the sandbox has labels for.
const LABELS: [&str; 2] = ["Decision maker", "Billing contact"];

/// What links are drawn from.
struct LinkGenerator<'a> {
    rng: &'a mut Rng,
    /// How many contacts, and as many deals.
    people: u64,
    /// Whether unlabeled links can be asked for.
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

/// Such a file of so many rows.
pub(super) fn random_file(rows: usize, is_dated: bool, rng: &mut Rng) -> InputFile {
    let people = rows as u64 / 3 + 1;
    let mut file = InputFile { rows: Vec::new() };
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

/// What stood before: some of the links of the file, and some that its rows will
/// displace. As a file for the dated API.
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

/// Pairs that have labels, too.
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
