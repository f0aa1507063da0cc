//! Which records get more than one primary company from one file: the last row
//! wins, which may not be what is meant. In bounded memory.

use std::collections::HashMap;

use crate::{
    association::{PrimaryOf, RecordId},
    output::{number, plural},
    row::Row,
};

/// So many records are remembered, and those before them: 20 MiB at most.
const REMEMBERED: usize = 100_000;

/// So many are named.
const NAMED: usize = 5;

/// What was seen so far, row by row.
#[derive(Debug, Default)]
pub(super) struct Primaries {
    recent: HashMap<PrimaryOf, Seen>,
    before: HashMap<PrimaryOf, Seen>,
    forgot: bool,
    several: u64,
    named: Vec<String>,
}

/// The last row that set a record's primary company.
#[derive(Clone, Copy, Debug)]
struct Seen {
    row: u64,
    company: RecordId,
    /// Whether an earlier row had set another.
    several: bool,
}

impl Primaries {
    /// Takes the next row.
    pub(super) fn see(&mut self, row: &Row) {
        let Ok(link) = &row.link else { return };
        let Some((record, company)) = link.primary() else {
            return;
        };
        let seen = Seen {
            row: row.number,
            company,
            several: false,
        };
        let known = self
            .recent
            .get(&record)
            .or_else(|| self.before.get(&record));
        let several = known.is_some_and(|known| known.several || known.company != seen.company);
        if let Some(known) = known.filter(|known| several && !known.several) {
            self.several += 1;
            if self.named.len() < NAMED {
                let rows = format!("{record} (rows {} and {})", known.row, seen.row);
                self.named.push(rows);
            }
        }
        self.recent.insert(record, Seen { several, ..seen });
        if self.recent.len() == REMEMBERED {
            self.forgot |= !self.before.is_empty();
            self.before = std::mem::take(&mut self.recent);
        }
    }

    /// What there is to say of it.
    pub(super) fn words(&self) -> Option<String> {
        if self.several == 0 {
            return None;
        }
        let records = plural(self.several, "record gets", "records get");
        let more = self.several - self.named.len() as u64;
        let more = if more > 0 {
            format!(" and {} more", number(more))
        } else {
            String::new()
        };
        let how_far = if self.forgot {
            format!(
                " (rows further apart than {} records are not compared)",
                number(REMEMBERED as u64)
            )
        } else {
            String::new()
        };
        Some(format!(
            "note: {records} more than one *primary* company, and the last row wins: {}{more}{how_far}",
            self.named.join(", ")
        ))
    }
}
