//! Judges what a leg left behind: is every claim true, is nothing lost, and
//! was no row sent again without need? It believes the server's ledger and
//! the script alone.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use hubassoc::{association::CanonicalLink, sandbox::LoggedAssociation};

use super::{
    lines::{Lines, Settled},
    links::{displaces, pair, told},
    manner::Manner,
    script::{Ending, Script},
    strict,
};

/// What is wrong, in words; nothing if all is well.
pub(super) type Complaints = Vec<String>;

/// What is known of the moment when no program runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    /// The results file; empty where there is none.
    pub(super) results: &'a [u8],
    /// All that the server saw since the beginning.
    pub(super) arrivals: &'a [LoggedAssociation],
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
    /// Links that were carried out without a line. Each is a row that is sent
    /// again, or was.
    pub(super) unclaimed: usize,
    pub(super) arrivals: usize,
    torn: usize,
}

/// Knows the script, what stood before it, and how long the server takes for an
/// answer at least.
#[derive(Debug)]
pub(super) struct Judge {
    lines: Lines,
    /// Rows by their link.
    rows_of: HashMap<CanonicalLink, Vec<u64>>,
    /// Rows that are sent, by their two records.
    rows_between: HashMap<[String; 2], Vec<u64>>,
    /// Links that have to be left alone: they stood, and no row displaces them.
    untouched: HashSet<CanonicalLink>,
    stood: BTreeSet<String>,
    latency: Duration,
}

impl Judge {
    pub(super) fn new(
        script: &Script,
        latency: Duration,
        (manner, stood): (Manner, &BTreeSet<String>),
    ) -> Self {
        let mut rows_of = HashMap::<_, Vec<u64>>::new();
        let mut rows_between = HashMap::<_, Vec<u64>>::new();
        let mut untouched = HashSet::new();
        let links: Vec<_> = script.rows.iter().filter_map(|row| row.link).collect();
        for (row, number) in script.rows.iter().zip(1..) {
            let Some(link) = row.link else { continue };
            rows_of
                .entry(CanonicalLink::new(&link))
                .or_default()
                .push(number);
            if row.ending == Ending::Succeeded {
                rows_between.entry(pair(&link)).or_default().push(number);
            }
            if manner.skips
                && stood.contains(&told(&link))
                && !links.iter().any(|other| displaces(other, &link))
            {
                untouched.insert(CanonicalLink::new(&link));
            }
        }
        Self {
            lines: Lines::of(script, manner),
            rows_of,
            rows_between,
            untouched,
            stood: stood.clone(),
            latency,
        }
    }

    /// Where things stand, if what is claimed is true.
    pub(super) fn standing(&self, evidence: Evidence<'_>) -> Result<Standing, Complaints> {
        let parsed = strict::parse(evidence.results).map_err(|problem| vec![problem])?;
        let mut complaints = Vec::new();
        let settled = self.lines.settled(&parsed, &mut complaints);
        let unclaimed = self.unclaimed(&settled, evidence, &mut complaints);
        self.already(&settled, &mut complaints);
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

    /// How the rows of a results file ended that was judged before.
    pub(super) fn settled(&self, results: &[u8]) -> Settled {
        let parsed = strict::parse(results).unwrap_or_default();
        self.lines.settled(&parsed, &mut Vec::new())
    }

    /// Whether `after` may follow `before`, when so many requests at most
    /// could be cut off.
    pub(super) fn leg(
        &self,
        before: &Standing,
        after: &Standing,
        arrivals: &[LoggedAssociation],
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
            let link = arrival.association;
            let rows = link.and_then(|link| self.rows_of.get(&CanonicalLink::new(&link)));
            if let Some(rows) = rows
                && rows.iter().all(|row| before.settled.contains_key(row))
            {
                complaints.push(format!("row {rows:?} is settled and was sent again"));
            }
        }
        complaints
    }

    /// Whether every row has its outcome, and of those that ask for the same two
    /// records one has made what others found.
    pub(super) fn end(&self, after: &Standing) -> Complaints {
        let mut complaints = Vec::new();
        let rows = 1..=self.lines.rows().len() as u64;
        let lost: Vec<_> = rows
            .filter(|row| !after.settled.contains_key(row))
            .collect();
        if !lost.is_empty() {
            complaints.push(format!("rows {lost:?} have no line at the end"));
        }
        for rows in self.rows_between.values() {
            let is_found = |row: &&u64| after.settled.get(row) == Some(&Ending::Already);
            let found = rows
                .iter()
                .filter(is_found)
                .filter(|row| !self.stood(**row));
            let found: Vec<_> = found.collect();
            let made = rows
                .iter()
                .any(|row| after.settled.get(row) == Some(&Ending::Succeeded));
            if !found.is_empty() && !made {
                complaints.push(format!("rows {found:?} found what no row has made"));
            }
        }
        complaints
    }

    fn not_to_be_sent(&self, link: &CanonicalLink) -> impl Iterator<Item = String> + use<> {
        let said = link.to_association();
        let is_unknown = !self.rows_of.contains_key(link);
        let unknown = is_unknown.then(|| format!("a link that no row asks for: {said}"));
        let stood = self.untouched.contains(link);
        let stood = stood.then(|| format!("a link that stood was sent: {said}"));
        unknown.into_iter().chain(stood)
    }

    /// Whether the link of a row stood before the run.
    fn stood(&self, row: u64) -> bool {
        let link = self.lines.row(row).and_then(|row| row.link);
        link.is_some_and(|link| self.stood.contains(&told(&link)))
    }

    /// Rows that were found to stand did so before the run, or another row asks
    /// for the same two records: what the row itself has made is not found.
    fn already(&self, settled: &Settled, complaints: &mut Complaints) {
        for (number, _) in settled.iter().filter(|(_, end)| **end == Ending::Already) {
            let link = self.lines.row(*number).and_then(|row| row.link);
            let others = link.and_then(|link| self.rows_between.get(&pair(&link)));
            let has_others = others.is_some_and(|rows| rows.iter().any(|row| row != number));
            if !self.stood(*number) && !has_others {
                complaints.push(format!("row {number} says that its own work stood before"));
            }
        }
    }

    /// Holds each claim against the answers; returns what was carried out and
    /// has no line.
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
            let Some(link) = arrival.association.map(|link| CanonicalLink::new(&link)) else {
                complaints.push(format!("a request that no row asks for: {arrival:?}"));
                continue;
            };
            complaints.extend(self.not_to_be_sent(&link));
            let is_done =
                arrival.applied && arrival.status.is_some_and(|status| status.is_success());
            unclaimed += usize::from(is_done);
            // Before that the answer cannot have been read.
            if arrival.at + self.latency <= evidence.at {
                // That of many rows is no verdict on any of them.
                let is_refused = arrival.status == Some(StatusCode::BAD_REQUEST)
                    && rows_in[&arrival.request] == 1;
                if is_done {
                    *done.entry(link).or_insert(0) += 1;
                } else if is_refused {
                    *refused.entry(link).or_insert(0) += 1;
                }
            }
        }
        for (number, ending) in settled {
            let (answers, status) = match ending {
                Ending::Succeeded => (&mut done, 204),
                Ending::Failed => (&mut refused, 400),
                Ending::Invalid | Ending::Already => continue,
            };
            let link = self.lines.row(*number).and_then(|row| row.link);
            let answers = link.and_then(|link| answers.get_mut(&CanonicalLink::new(&link)));
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
