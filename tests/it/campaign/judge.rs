//! Judges what a leg left behind: is every claim true, is nothing lost, and
//! was no row sent again without need? It believes the server's ledger and
//! the script alone.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use hubassoc::{association::Association, sandbox::Arrival};

use super::{
    script::{COLUMNS, Ending, Script},
    strict::{self, Parsed},
};

/// What is wrong, in words; nothing if all is well.
pub(super) type Complaints = Vec<String>;

/// What is known of the moment when no program runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    /// The results file; empty where there is none.
    pub(super) results: &'a [u8],
    /// All that the server saw since the beginning.
    pub(super) arrivals: &'a [Arrival],
    /// A moment at which the program was surely dead.
    pub(super) at: Instant,
}

/// Where things stand between two legs.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// The whole lines, byte by byte.
    lines: Vec<u8>,
    /// The rows that have one, and how they ended.
    pub(super) settled: Settled,
    /// 204s without a line. Each is a row that is sent again, or was.
    pub(super) unclaimed: usize,
    pub(super) arrivals: usize,
    torn: usize,
}

/// Rows with a line, and how they ended.
type Settled = BTreeMap<u64, Ending>;

/// Knows the script, and how long the server takes for an answer at least.
#[derive(Debug)]
pub(super) struct Judge {
    script: Script,
    lines: Vec<u64>,
    rows_of: HashMap<Association, Vec<u64>>,
    latency: Duration,
}

impl Judge {
    pub(super) fn new(script: &Script, latency: Duration) -> Self {
        let mut rows_of = HashMap::<_, Vec<u64>>::new();
        for (row, number) in script.rows.iter().zip(1..) {
            if let Some(link) = row.link {
                rows_of.entry(link).or_default().push(number);
            }
        }
        Self {
            script: script.clone(),
            lines: script.lines(),
            rows_of,
            latency,
        }
    }

    /// Where things stand, if what is claimed is true.
    pub(super) fn standing(&self, evidence: Evidence<'_>) -> Result<Standing, Complaints> {
        let parsed = strict::parse(evidence.results).map_err(|problem| vec![problem])?;
        let mut complaints = Vec::new();
        let settled = self.settled(&parsed, &mut complaints);
        let unclaimed = self.unclaimed(&settled, evidence, &mut complaints);
        if complaints.is_empty() {
            // Where no row is settled, the header may be written anew.
            let whole = if settled.is_empty() { 0 } else { parsed.whole };
            Ok(Standing {
                lines: evidence.results[..whole].to_vec(),
                settled,
                unclaimed,
                arrivals: evidence.arrivals.len(),
                torn: parsed.torn,
            })
        } else {
            Err(complaints)
        }
    }

    /// Whether `after` may follow `before`, when so many requests at most
    /// could be cut off.
    pub(super) fn leg(
        &self,
        before: &Standing,
        after: &Standing,
        arrivals: &[Arrival],
        cut_off: usize,
    ) -> Complaints {
        let mut complaints = Vec::new();
        if !after.lines.starts_with(&before.lines) {
            complaints.push("lines that were whole are gone or changed".to_owned());
        }
        let lost = after.unclaimed.saturating_sub(before.unclaimed);
        if lost > cut_off {
            complaints.push(format!(
                "{lost} rows have a 204 and no line, where at most {cut_off} may"
            ));
        }
        if cut_off == 0 && after.torn > 0 {
            complaints.push("a run that ended by itself left a torn line".to_owned());
        }
        for arrival in &arrivals[before.arrivals..] {
            let rows = arrival.association.and_then(|link| self.rows_of.get(&link));
            if let Some(rows) = rows
                && rows.iter().all(|row| before.settled.contains_key(row))
            {
                complaints.push(format!("row {rows:?} is settled and was sent again"));
            }
        }
        complaints
    }

    /// Whether every row has its outcome.
    pub(super) fn end(&self, after: &Standing) -> Complaints {
        let rows = 1..=self.script.rows.len() as u64;
        let lost: Vec<_> = rows
            .filter(|row| !after.settled.contains_key(row))
            .collect();
        if lost.is_empty() {
            Vec::new()
        } else {
            vec![format!("rows {lost:?} have no line at the end")]
        }
    }

    fn settled(&self, parsed: &Parsed, complaints: &mut Complaints) -> Settled {
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
        let index = usize::try_from(number).unwrap().wrapping_sub(1);
        let row = self.script.rows.get(index).ok_or("a foreign row")?;
        let (written, attempts) = (row.written(), cell("assoc_attempts").parse::<u32>());
        let ours = ["assoc_status", "assoc_http_status", "assoc_code"].map(cell);
        let rules = [
            (
                starts_with(line, written.each_ref().map(|cell| &**cell)),
                "other cells",
            ),
            (
                cell("assoc_line") == self.lines[index].to_string(),
                "another line number",
            ),
            (
                ours == row.ending.words(),
                "another ending than the script's",
            ),
            (
                attempts.is_ok_and(|n| (n > 0) == row.link.is_some()),
                "wrong attempts",
            ),
            (
                cell("assoc_finished_at").parse::<jiff::Timestamp>().is_ok(),
                "no time",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, problem)) => Err(problem.to_owned()),
            None => Ok((number, row.ending)),
        }
    }

    fn is_of_a_row(&self, cells: &[String]) -> bool {
        let mut rows = self.script.rows.iter();
        rows.any(|row| starts_with(cells, row.written().each_ref().map(|cell| &**cell)))
    }

    /// Holds each claim against the answers; returns the 204s without a line.
    fn unclaimed(
        &self,
        settled: &Settled,
        evidence: Evidence<'_>,
        complaints: &mut Complaints,
    ) -> usize {
        let (mut done, mut refused) = (HashMap::new(), HashMap::new());
        let mut unclaimed = 0;
        let mut rows_in = HashMap::<u64, usize>::new();
        for arrival in evidence.arrivals {
            *rows_in.entry(arrival.request).or_default() += 1;
        }
        for arrival in evidence.arrivals {
            let Some(link) = arrival.association else {
                complaints.push(format!("a request that no row asks for: {arrival:?}"));
                continue;
            };
            if !self.rows_of.contains_key(&link) {
                complaints.push(format!("a link that no row asks for: {link}"));
            }
            unclaimed += usize::from(arrival.status == Some(204));
            // Before that the answer cannot have been read.
            if arrival.at + self.latency <= evidence.at {
                match arrival.status {
                    Some(204) => *done.entry(link).or_insert(0) += 1,
                    // That of many rows is no verdict on any of them.
                    Some(400) if rows_in[&arrival.request] == 1 => {
                        *refused.entry(link).or_insert(0) += 1;
                    }
                    Some(_) | None => {}
                }
            }
        }
        for (number, ending) in settled {
            let row = &self.script.rows[usize::try_from(*number).unwrap() - 1];
            let (answers, status) = match ending {
                Ending::Succeeded => (&mut done, 204),
                Ending::Failed => (&mut refused, 400),
                Ending::Invalid => continue,
            };
            let answers = row.link.and_then(|link| answers.get_mut(&link));
            match answers {
                Some(left @ 1..) => *left -= 1,
                Some(_) | None => {
                    complaints.push(format!(
                        "row {number} claims a {status} that was never sent"
                    ));
                }
            }
            unclaimed -= usize::from(status == 204 && unclaimed > 0);
        }
        unclaimed
    }
}

fn starts_with(cells: &[String], start: [&str; 4]) -> bool {
    cells.len() >= start.len() && cells.iter().zip(start).all(|(cell, start)| cell == start)
}
