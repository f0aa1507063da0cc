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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::association::{Association, Definition};

    /// What is said of three companies of one contact, with the rows of so many
    /// others behind the first.
    fn words(others: u64) -> String {
        let mut primaries = Primaries::default();
        let contacts = [1].into_iter().chain(2..2 + others).chain([1, 1]);
        for (n, contact) in (1..).zip(contacts) {
            primaries.see(&Row {
                number: n,
                line: n + 1,
                cells: crate::cells::Cells::default(),
                link: Ok(Association {
                    from: RecordId::new(contact).unwrap(),
                    to: RecordId::new(n).unwrap(),
                    definition: Definition::new(1).unwrap(),
                }),
            });
        }
        primaries.words().unwrap_or_default()
    }

    #[test]
    fn rows_are_compared_across_as_many_records_as_are_remembered() {
        let others = REMEMBERED as u64;
        let said = words(others);
        let rows = format!("(rows 1 and {})", others + 2);
        assert!(said.ends_with(&rows), "{said}");
    }

    #[test]
    fn how_far_rows_are_compared_is_said_where_some_were_forgotten() {
        let others = 2 * REMEMBERED as u64;
        let said = words(others);
        let rows = format!("(rows {} and {})", others + 2, others + 3);
        let how_far = "(rows further apart than 100,000 records are not compared)";
        assert!(said.ends_with(&format!("{rows} {how_far}")), "{said}");
    }
}
