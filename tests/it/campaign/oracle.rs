//! The test oracle: checks that every claim of a process is true, that nothing is lost, and that no
//! row was sent again without need. It trusts only the server's log and the input file.

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

/// Descriptions of what is wrong; empty if nothing is.
pub(super) type Violations = Vec<String>;

/// What is observed while no process runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observation<'a> {
    /// The results file; empty if there is none.
    pub(super) results: &'a [u8],
    /// Everything that the server received since the start.
    pub(super) arrivals: &'a [LoggedAssociation],
    /// A time at which the process had certainly ended.
    pub(super) at: Instant,
}

/// The state of an import between two processes.
#[derive(Clone, Debug, Default)]
pub(super) struct ImportState {
    /// The bytes of the whole lines.
    lines: Vec<u8>,
    /// The rows with a line, and how they ended.
    pub(super) settled: SettledRows,
    /// Links that were written without a line. Each stands for a row that is or was sent again.
    pub(super) unclaimed: usize,
    pub(super) arrivals: usize,
    torn: usize,
}

/// Knows the input file, the links that existed before, and the server's minimum latency.
#[derive(Debug)]
pub(super) struct Oracle {
    lines: ResultsChecker,
    /// Row numbers by link.
    rows_of: HashMap<CanonicalLink, Vec<u64>>,
    /// Numbers of sent rows by their two records.
    rows_between: HashMap<[String; 2], Vec<u64>>,
    /// Links that must not be sent: they existed, and no row displaces them.
    untouched: HashSet<CanonicalLink>,
    existed_before: BTreeSet<String>,
    latency: Duration,
}

impl Oracle {
    pub(super) fn new(
        file: &InputFile,
        latency: Duration,
        (options, existed_before): (ImportOptions, &BTreeSet<String>),
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
                && existed_before.contains(&link_text(&link))
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
            existed_before: existed_before.clone(),
            latency,
        }
    }

    /// The state of the import, if all claims are true.
    pub(super) fn state(&self, observation: Observation<'_>) -> Result<ImportState, Violations> {
        let parsed = strict_csv::parse(observation.results).map_err(|problem| vec![problem])?;
        let mut violations = Vec::new();
        let settled = self.lines.settled(&parsed, &mut violations);
        let unclaimed = self.unclaimed(&settled, observation, &mut violations);
        self.check_already(&settled, &mut violations);
        if violations.is_empty() {
            // If no row is settled, the header may be written again.
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

    /// How the rows of a results file ended that was checked before.
    pub(super) fn settled(&self, results: &[u8]) -> SettledRows {
        let parsed = strict_csv::parse(results).unwrap_or_default();
        self.lines.settled(&parsed, &mut Vec::new())
    }

    /// Checks that `after` may follow `before`, if at most `cut_off` requests could be interrupted.
    pub(super) fn check_step(
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

    /// Checks that every row has its outcome, and that a link that rows found was created by
    /// another row of these two records.
    pub(super) fn check_end(&self, after: &ImportState) -> Violations {
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
                .filter(|row| !self.existed_before(**row));
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
        let existed_before = self.untouched.contains(link);
        let existed_before = existed_before.then(|| format!("a link that stood was sent: {said}"));
        unknown.into_iter().chain(existed_before)
    }

    /// Whether the link of a row existed before the run.
    fn existed_before(&self, row: u64) -> bool {
        let link = self.lines.row(row).and_then(|row| row.link);
        link.is_some_and(|link| self.existed_before.contains(&link_text(&link)))
    }

    /// Checks rows that found their link: it existed before the run, or another row has the same
    /// two records. A row must not find its own work.
    fn check_already(&self, settled: &SettledRows, violations: &mut Violations) {
        for (number, _) in settled
            .iter()
            .filter(|(_, check_end)| **check_end == ExpectedEnding::Already)
        {
            let link = self.lines.row(*number).and_then(|row| row.link);
            let others = link.and_then(|link| self.rows_between.get(&record_pair(&link)));
            let has_others = others.is_some_and(|rows| rows.iter().any(|row| row != number));
            if !self.existed_before(*number) && !has_others {
                violations.push(format!("row {number} says that its own work stood before"));
            }
        }
    }

    /// Checks each claim against the answers. Returns the number of written links without a line.
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
            // The answer cannot have been read before that.
            if arrival.at + self.latency <= observation.at {
                // The status of a batch says nothing about a single row.
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
                ExpectedEnding::Already | ExpectedEnding::NotFound | ExpectedEnding::Invalid => {
                    continue;
                }
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
