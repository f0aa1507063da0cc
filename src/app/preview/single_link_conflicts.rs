//! Records that get more than one primary company or parent from one file, or more than one
//! link where administrators allow only one. The last row wins, which may not be intended.
//! Memory is bounded.

use std::collections::{BTreeMap, HashMap};

use crate::{
    association::{RecordId, SingleLinkRecord},
    output::{number, plural},
    row::Row,
};

/// This many recent records are remembered, and as many before them: 20 MiB at most.
const MAX_REMEMBERED: usize = 100_000;

/// The most records that are named.
const MAX_NAMED: usize = 5;

/// The conflicts so far, row by row.
#[derive(Debug, Default)]
pub(crate) struct SingleLinkConflicts {
    recent: HashMap<SingleLinkRecord, RecordUse>,
    older: HashMap<SingleLinkRecord, RecordUse>,
    has_forgotten: bool,
    /// Records with a conflict, by what they get count of.
    conflict_counts: BTreeMap<String, u64>,
    named: Vec<(SingleLinkRecord, RecordUse)>,
    max_rows_per_record: u64,
}

/// The last row that set a record's primary company, parent or only link.
#[derive(Clone, Copy, Debug)]
struct RecordUse {
    row: u64,
    /// Rows that set it, including this one.
    rows: u64,
    company: RecordId,
    /// Whether an earlier row set a different one.
    has_conflict: bool,
}

impl SingleLinkConflicts {
    /// Adds the next row.
    pub(crate) fn add_row(&mut self, row: &Row) {
        let Some(link) = row.association() else {
            return;
        };
        for (record, company) in link.single_link_records() {
            self.add_record(row.number, record, company);
        }
    }

    fn add_record(&mut self, row: u64, record: SingleLinkRecord, company: RecordId) {
        let known = self.recent.get(&record).or_else(|| self.older.get(&record));
        let seen = RecordUse {
            row,
            rows: known.map_or(1, |known| known.rows + 1),
            company,
            has_conflict: known.is_some_and(|known| known.has_conflict || known.company != company),
        };
        if seen.has_conflict {
            let is_new = known.is_some_and(|known| !known.has_conflict);
            *self.conflict_counts.entry(record.describe()).or_default() += u64::from(is_new);
            self.add_named(record, seen);
        }
        self.max_rows_per_record = self.max_rows_per_record.max(seen.rows);
        self.recent.insert(record, seen);
        if self.recent.len() == MAX_REMEMBERED {
            self.has_forgotten |= !self.older.is_empty();
            self.older = std::mem::take(&mut self.recent);
        }
    }

    fn add_named(&mut self, record: SingleLinkRecord, seen: RecordUse) {
        let known = self.named.iter_mut().find(|(named, _)| *named == record);
        let is_same_kind =
            |(named, _): &&(SingleLinkRecord, RecordUse)| named.describe() == record.describe();
        if let Some((_, last)) = known {
            *last = seen;
        } else if self.named.iter().filter(is_same_kind).count() < MAX_NAMED {
            self.named.push((record, seen));
        }
    }

    /// The most rows of one record. They need at least this many calls, because no two of them
    /// are in flight together.
    pub(crate) fn max_rows_per_record(&self) -> u64 {
        self.max_rows_per_record
    }

    /// The notes to show, one line for each kind of single link.
    pub(crate) fn notes(&self) -> Option<String> {
        self.notes_where(|_| true)
    }

    /// Like `notes`, only for limits of administrators.
    pub(crate) fn limit_notes(&self) -> Option<String> {
        self.notes_where(SingleLinkRecord::is_admin_limit)
    }

    fn notes_where(&self, is_shown: impl Fn(&SingleLinkRecord) -> bool) -> Option<String> {
        let is_shown_kind = |what: &str| {
            let mut named = self.named.iter();
            named.any(|(record, _)| record.describe() == what && is_shown(record))
        };
        let lines = self
            .conflict_counts
            .iter()
            .filter(|(what, _)| is_shown_kind(what));
        let lines: Vec<_> = lines.map(|(what, count)| self.line(what, *count)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn line(&self, what: &str, count: u64) -> String {
        let records = plural(count, "record gets", "records get");
        let named = self.named.iter();
        let named: Vec<_> = named
            .filter(|(record, _)| record.describe() == what)
            .map(|(record, last)| {
                // HubSpot may also refuse the link that exceeds a limit.
                let is_last = if record.is_admin_limit() {
                    "is the last"
                } else {
                    "wins"
                };
                format!("{record} ({} rows, row {} {is_last})", last.rows, last.row)
            })
            .collect();
        let limited = self
            .named
            .iter()
            .any(|(record, _)| record.describe() == what && record.is_admin_limit());
        let which = if limited {
            "the last one that HubSpot accepts is kept"
        } else {
            "the last row wins"
        };
        let more = count - named.len() as u64;
        let more = if more > 0 {
            format!(" and {} more", number(more))
        } else {
            String::new()
        };
        let how_far = if self.has_forgotten {
            format!(
                " (only rows within {} records of each other are compared)",
                number(MAX_REMEMBERED as u64)
            )
        } else {
            String::new()
        };
        let named = named.join(", ");
        format!("note: {records} more than one {what}, and {which}: {named}{more}{how_far}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{association::Association, row::RowLink, row_cells::RowCells, tables::v1};

    /// The notes on one contact with three companies, when this many other contacts come after
    /// its first row.
    fn words(others: u64) -> String {
        let mut primaries = SingleLinkConflicts::default();
        let contacts = [1].into_iter().chain(2..2 + others).chain([1, 1]);
        for (n, contact) in (1..).zip(contacts) {
            primaries.add_row(&Row {
                number: n,
                line: n + 1,
                cells: RowCells::default(),
                link: Ok(RowLink::Known(Association {
                    from: RecordId::new(contact).unwrap(),
                    to: RecordId::new(n).unwrap(),
                    definition: v1::table().definition(1).unwrap(),
                })),
                origin: None,
            });
        }
        primaries.notes().unwrap_or_default()
    }

    #[test]
    fn rows_are_compared_within_the_remembered_records() {
        let others = MAX_REMEMBERED as u64;
        let said = words(others);
        let rows = format!("(3 rows, row {} wins)", others + 3);
        assert!(said.ends_with(&rows), "{said}");
    }

    #[test]
    fn the_notes_say_if_records_were_has_forgottenten() {
        let others = 2 * MAX_REMEMBERED as u64;
        let said = words(others);
        let rows = format!("(2 rows, row {} wins)", others + 3);
        let how_far = "(only rows within 100,000 records of each other are compared)";
        assert!(said.ends_with(&format!("{rows} {how_far}")), "{said}");
    }
}
