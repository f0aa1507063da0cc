//! Judges what a leg left behind: is every claim true, is nothing lost, and
//! was no row sent again without need? It believes the server's ledger and
//! the input file alone.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use hubassoc::{association::CanonicalLink, sandbox::LoggedAssociation};

use super::{
    import_options::ImportOptions,
    input_file::{ExpectedEnding, InputFile},
    links::{displaces, link_text, record_pair},
    results_checker::{ResultsChecker, SettledRows},
    strict_csv,
};

/// What is wrong, in words; nothing if all is well.
pub(super) type Violations = Vec<String>;

/// What is known of the moment when no program runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observation<'a> {
    /// The results file; empty where there is none.
    pub(super) results: &'a [u8],
    /// All that the server saw since the beginning.
    pub(super) arrivals: &'a [LoggedAssociation],
    /// A moment at which the program was surely dead.
    pub(super) at: Instant,
}

/// Where things stand between two legs.
#[derive(Clone, Debug, Default)]
pub(super) struct ImportState {
    /// The whole lines, byte by byte.
    lines: Vec<u8>,
    /// The rows that have one, and how they ended.
    pub(super) settled: SettledRows,
    /// Links that were carried out without a line. Each is a row that is sent
    /// again, or was.
    pub(super) unclaimed: usize,
    pub(super) arrivals: usize,
    torn: usize,
}

/// Knows the file, what stood before it, and how long the server takes for an
/// answer at least.
#[derive(Debug)]
pub(super) struct Oracle {
    lines: ResultsChecker,
    /// Rows by their link.
    rows_of: HashMap<CanonicalLink, Vec<u64>>,
    /// Rows that are sent, by their two records.
    rows_between: HashMap<[String; 2], Vec<u64>>,
    /// Links that have to be left alone: they stood, and no row displaces them.
    untouched: HashSet<CanonicalLink>,
    stood: BTreeSet<String>,
    latency: Duration,
}

impl Oracle {
    pub(super) fn new(
        file: &InputFile,
        latency: Duration,
        (options, stood): (ImportOptions, &BTreeSet<String>),
    ) -> Self {
        let mut rows_of = HashMap::<_, Vec<u64>>::new();
        let mut rows_between = HashMap::<_, Vec<u64>>::new();
        let mut untouched = HashSet::new();
        let links: Vec<_> = file.rows.iter().filter_map(|row| row.link).collect();
        for (row, number) in file.rows.iter().zip(1..) {
            let Some(link) = row.link else { continue };
            rows_of
                .entry(CanonicalLink::new(&link))
                .or_default()
                .push(number);
            if row.ending == ExpectedEnding::Succeeded {
                rows_between
                    .entry(record_pair(&link))
                    .or_default()
                    .push(number);
            }
            if options.skips
                && stood.contains(&link_text(&link))
                && !links.iter().any(|other| displaces(other, &link))
            {
                untouched.insert(CanonicalLink::new(&link));
            }
        }
        Self {
            lines: ResultsChecker::of(file, options),
            rows_of,
            rows_between,
            untouched,
            stood: stood.clone(),
            latency,
        }
    }

    /// Where things stand, if what is claimed is true.
    pub(super) fn state(&self, observation: Observation<'_>) -> Result<ImportState, Violations> {
        let parsed = strict_csv::parse(observation.results).map_err(|problem| vec![problem])?;
        let mut violations = Vec::new();
        let settled = self.lines.settled(&parsed, &mut violations);
        let unclaimed = self.unclaimed(&settled, observation, &mut violations);
        self.check_already(&settled, &mut violations);
        if violations.is_empty() {
            // Where no row is settled, the header may be written anew.
            let whole = if settled.is_empty() { 0 } else { parsed.whole };
            Ok(ImportState {
                lines: observation.results[..whole].to_vec(),
                settled,
                unclaimed,
                arrivals: observation.arrivals.len(),
                torn: parsed.torn,
            })
        } else {
            Err(violations)
        }
    }

    /// How the rows of a results file ended that was judged before.
    pub(super) fn settled(&self, results: &[u8]) -> SettledRows {
        let parsed = strict_csv::parse(results).unwrap_or_default();
        self.lines.settled(&parsed, &mut Vec::new())
    }

    /// Whether `after` may follow `before`, when so many requests at most
    /// could be cut off.
    pub(super) fn leg(
        &self,
        before: &ImportState,
        after: &ImportState,
        arrivals: &[LoggedAssociation],
        cut_off: usize,
    ) -> Violations {
        let mut violations = Vec::new();
        if !after.lines.starts_with(&before.lines) {
            violations.push("lines that were whole are gone or changed".to_owned());
        }
        let lost = after.unclaimed.saturating_sub(before.unclaimed);
        if lost > cut_off {
            violations.push(format!(
                "{lost} rows have a 204 and no line, where at most {cut_off} may"
            ));
        }
        if cut_off == 0 && after.torn > 0 {
            violations.push("a run that ended by itself left a torn line".to_owned());
        }
        for arrival in &arrivals[before.arrivals..] {
            let link = arrival.association;
            let rows = link.and_then(|link| self.rows_of.get(&CanonicalLink::new(&link)));
            if let Some(rows) = rows
                && rows.iter().all(|row| before.settled.contains_key(row))
            {
                violations.push(format!("row {rows:?} is settled and was sent again"));
            }
        }
        violations
    }

    /// Whether every row has its outcome, and of those that ask for the same two
    /// records one has made what others found.
    pub(super) fn end(&self, after: &ImportState) -> Violations {
        let mut violations = Vec::new();
        let rows = 1..=self.lines.rows().len() as u64;
        let lost: Vec<_> = rows
            .filter(|row| !after.settled.contains_key(row))
            .collect();
        if !lost.is_empty() {
            violations.push(format!("rows {lost:?} have no line at the end"));
        }
        for rows in self.rows_between.values() {
            let is_found = |row: &&u64| after.settled.get(row) == Some(&ExpectedEnding::Already);
            let found = rows
                .iter()
                .filter(is_found)
                .filter(|row| !self.stood(**row));
            let found: Vec<_> = found.collect();
            let made = rows
                .iter()
                .any(|row| after.settled.get(row) == Some(&ExpectedEnding::Succeeded));
            if !found.is_empty() && !made {
                violations.push(format!("rows {found:?} found what no row has made"));
            }
        }
        violations
    }

    fn wrongly_sent(&self, link: &CanonicalLink) -> impl Iterator<Item = String> + use<> {
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
        link.is_some_and(|link| self.stood.contains(&link_text(&link)))
    }

    /// Rows that were found to stand did so before the run, or another row asks
    /// for the same two records: what the row itself has made is not found.
    fn check_already(&self, settled: &SettledRows, violations: &mut Violations) {
        for (number, _) in settled
            .iter()
            .filter(|(_, end)| **end == ExpectedEnding::Already)
        {
            let link = self.lines.row(*number).and_then(|row| row.link);
            let others = link.and_then(|link| self.rows_between.get(&record_pair(&link)));
            let has_others = others.is_some_and(|rows| rows.iter().any(|row| row != number));
            if !self.stood(*number) && !has_others {
                violations.push(format!("row {number} says that its own work stood before"));
            }
        }
    }

    /// Holds each claim against the answers; returns what was carried out and
    /// has no line.
    fn unclaimed(
        &self,
        settled: &SettledRows,
        observation: Observation<'_>,
        violations: &mut Violations,
    ) -> usize {
        let (mut done, mut refused) = (HashMap::new(), HashMap::new());
        let mut unclaimed = 0;
        let mut rows_in = HashMap::<u64, usize>::new();
        for arrival in observation.arrivals {
            *rows_in.entry(arrival.request).or_default() += 1;
        }
        for arrival in observation.arrivals {
            let Some(link) = arrival.association.map(|link| CanonicalLink::new(&link)) else {
                violations.push(format!("a request that no row asks for: {arrival:?}"));
                continue;
            };
            violations.extend(self.wrongly_sent(&link));
            let is_done =
                arrival.applied && arrival.status.is_some_and(|status| status.is_success());
            unclaimed += usize::from(is_done);
            // Before that the answer cannot have been read.
            if arrival.at + self.latency <= observation.at {
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
                ExpectedEnding::Succeeded => (&mut done, 204),
                ExpectedEnding::Failed => (&mut refused, 400),
                ExpectedEnding::Invalid | ExpectedEnding::Already => continue,
            };
            let link = self.lines.row(*number).and_then(|row| row.link);
            let answers = link.and_then(|link| answers.get_mut(&CanonicalLink::new(&link)));
            match answers {
                Some(left @ 1..) => *left -= 1,
                Some(_) | None => {
                    violations.push(format!(
                        "row {number} claims a {status} that was never sent"
                    ));
                }
            }
            unclaimed -= usize::from(status == 204 && unclaimed > 0);
        }
        unclaimed
    }
}
