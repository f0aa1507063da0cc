//! What an undo removes and what it keeps, planned from the run's records and snapshots. Sends
//! nothing.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use roaring::RoaringTreemap;

use super::unfinished_import::rows_with_unknown_records;
use crate::{
    app::{
        error::AppError,
        past::{past_run::PastRun, rows_from_input::RowsFromInput},
    },
    association::{
        AccountLabels, Association, AssociationType, CanonicalLink, Definition, LabelReference,
        RecordId, SingleLinkRecord,
    },
    code::Code,
    failure::{Failure, LinkFault},
    journal::DisplacedLink,
};

/// Which links are removed, and what is restored with them.
#[derive(Debug, Default)]
pub(super) struct UndoPlan {
    /// Rows whose link the run made, or may have made, where the records had no link before.
    pub(super) whole_pair_removals: RoaringTreemap,
    /// Rows whose link it made where the records already had links of other types.
    pub(super) single_type_removals: RoaringTreemap,
    /// Rows that are kept because their link existed before the run.
    pub(super) existed_before: RoaringTreemap,
    /// Rows that are kept because the run did not check whether their link existed before.
    pub(super) unchecked: RoaringTreemap,
    /// Rows without a snapshot whose links are removed nevertheless.
    pub(super) included_unchecked: RoaringTreemap,
    /// The primary company or parent that a record had before the run.
    pub(super) former_links: HashMap<SingleLinkRecord, FormerLink>,
    /// Rows that the run may have written with ids that are not known: they are only in the input,
    /// or only the import finds them.
    pub(super) without_ids: u64,
    /// The labels of the account, if it was asked.
    pub(super) labels: Option<Arc<AccountLabels>>,
    /// The first link that is removed.
    pub(super) first: Option<Association>,
}

/// The primary company or parent that a record had.
#[derive(Clone, Debug)]
pub(super) struct FormerLink {
    /// The first row that displaced it.
    row: u64,
    pub(super) company: RecordId,
    /// All types between the two records.
    pub(super) association_types: Vec<AssociationType>,
}

impl FormerLink {
    #[cfg(test)]
    pub(super) fn for_tests(company: RecordId, association_types: Vec<AssociationType>) -> Self {
        Self {
            row: 1,
            company,
            association_types,
        }
    }

    fn from_displaced(row: u64, displaced: &DisplacedLink) -> Option<Self> {
        let association_types = displaced.types.iter();
        Some(Self {
            row,
            company: RecordId::new(displaced.company)?,
            association_types: association_types
                .filter_map(|association_type| association_type.parse().ok())
                .collect(),
        })
    }
}

impl UndoPlan {
    /// Makes the plan. Links of rows without a snapshot are `included_unchecked` or kept.
    pub(super) fn new(run: &PastRun, included_unchecked: bool) -> Result<Self, AppError> {
        let snapshots = run.locked.summarize_snapshots(&run.recorded)?;
        let SentRows {
            unrecorded_writes,
            written,
            maybe_written,
            unread,
            without_ids,
        } = SentRows::new(run);
        let had_own_link = &snapshots.had_own_link - &unread;
        let removable_rows = (&(&written | &maybe_written) - &had_own_link) - &unread;
        let mut plan = Self {
            single_type_removals: &removable_rows & &snapshots.had_other_types,
            whole_pair_removals: &removable_rows - &snapshots.had_other_types,
            existed_before: &run.recorded.rows().already
                | &((&written | &unrecorded_writes) & &had_own_link),
            without_ids,
            labels: run.options.labels.clone(),
            ..Self::default()
        };
        let unchecked = (written | maybe_written) & unread;
        if included_unchecked {
            plan.whole_pair_removals |= &unchecked;
            plan.included_unchecked = unchecked;
        } else {
            plan.unchecked = unchecked;
        }
        plan.include_repeats(run)?;
        plan.find_former_links(run, snapshots.displaced)?;
        Ok(plan)
    }

    /// Also removes the links of rows that repeat a row that was sent before them. When such a row
    /// was checked, its link existed, but only because the run itself had made it.
    ///
    /// Either both rows have the same link, or the second row has the unlabeled type. HubSpot adds
    /// that type when the first link between two records is made, whatever its type.
    fn include_repeats(&mut self, run: &PastRun) -> Result<(), AppError> {
        if self.existed_before.is_empty() {
            return Ok(());
        }
        let mut created = CreatedLinks::default();
        // With other APIs, nobody knows that the two records had no other link before.
        let knows_pairs = run.api_version.replaces_types();
        let mut position = 0_u64;
        each_link(run, |row, link| {
            position += 1;
            if self.is_removed(row) {
                created.add_link(row, position, &link);
            }
            if knows_pairs
                && self.whole_pair_removals.contains(row)
                && !self.included_unchecked.contains(row)
            {
                created.add_pair(row, &link);
            }
        })?;
        let mut repeats = Vec::new();
        let mut position = 0_u64;
        each_link(run, |row, link| {
            position += 1;
            if !self.existed_before.contains(row) {
                return;
            }
            let is_unlabeled =
                self.unlabeled(link.definition) == Some(link.definition.association_type());
            let earlier_of_pair = || {
                created
                    .earlier_pair_row(row, &link)
                    .filter(|_| is_unlabeled)
            };
            let earlier = created.earlier_row(row, position, &link);
            let earlier = earlier.or_else(earlier_of_pair);
            repeats.extend(earlier.map(|earlier| (row, earlier)));
        })?;
        for (row, earlier) in repeats {
            self.existed_before.remove(row);
            if self.single_type_removals.contains(earlier) {
                self.single_type_removals.insert(row);
            } else {
                self.whole_pair_removals.insert(row);
            }
        }
        Ok(())
    }

    /// The unlabeled type, which comes with every other type of a pair. For custom objects only
    /// the account knows it.
    pub(super) fn unlabeled(&self, definition: Definition) -> Option<AssociationType> {
        let info = definition.info()?;
        let listed = info.unlabeled();
        let from_account = || {
            let labels = self.labels.as_ref()?;
            labels
                .find(&LabelReference::new(info.from, info.to, ""))
                .ok()
        };
        listed
            .or_else(from_account)
            .map(Definition::association_type)
    }

    /// Finds the primary company or parent that each record had before the run.
    fn find_former_links(
        &mut self,
        run: &PastRun,
        displaced: Vec<(u64, DisplacedLink)>,
    ) -> Result<(), AppError> {
        let numbered = displaced.into_iter().enumerate();
        let displaced = numbered
            .map(|(order, (row, displaced))| (row, (order, displaced)))
            .collect();
        self.former_links = self.first_displaced(run, &displaced)?;
        if self.former_links.is_empty() {
            return Ok(());
        }
        // A former link that the run itself had made is not restored.
        let mut made_by_run = Vec::new();
        each_link(run, |row, link| {
            let Some((record, company)) = link.exclusive_with_other() else {
                return;
            };
            // A row that lost its line in a power loss and was sent once more came later.
            let came_later = |former: &FormerLink| {
                let by_this_row = displaced.get(&row);
                by_this_row.is_some_and(|(order, _)| *order > displaced[&former.row].0)
            };
            let is_made_by_row = |former: &FormerLink| {
                former.company == company && row < former.row && !came_later(former)
            };
            let former = self.former_links.get(&record);
            if self.is_removed(row) && former.is_some_and(is_made_by_row) {
                made_by_run.push(record);
            }
        })?;
        for record in made_by_run {
            self.former_links.remove(&record);
        }
        // If the run set what the record already had before, that link is kept.
        each_link(run, |row, link| {
            let is_former_link = link
                .exclusive_with_other()
                .is_some_and(|(record, company)| {
                    let former = self.former_links.get(&record);
                    former.is_some_and(|former| former.company == company)
                });
            if is_former_link && self.is_removed(row) {
                self.whole_pair_removals.remove(row);
                self.single_type_removals.remove(row);
                self.existed_before.insert(row);
            }
        })
    }

    /// The first link that each record lost. What it lost later, the run had made.
    fn first_displaced(
        &mut self,
        run: &PastRun,
        displaced: &DisplacedByRow,
    ) -> Result<HashMap<SingleLinkRecord, FormerLink>, AppError> {
        let mut firsts: HashMap<SingleLinkRecord, (usize, FormerLink)> = HashMap::new();
        each_link(run, |row, link| {
            if self.is_removed(row) && self.first.is_none() {
                self.first = Some(link);
            }
            let (Some(record), Some((order, displaced))) =
                (link.exclusive_record(), displaced.get(&row))
            else {
                return;
            };
            if let Some(former) = FormerLink::from_displaced(row, displaced)
                && firsts.get(&record).is_none_or(|(first, _)| order < first)
            {
                firsts.insert(record, (*order, former));
            }
        })?;
        let firsts = firsts.into_iter();
        Ok(firsts
            .map(|(record, (_, former))| (record, former))
            .collect())
    }

    fn is_removed(&self, row: u64) -> bool {
        self.whole_pair_removals.contains(row) || self.single_type_removals.contains(row)
    }

    /// Rows whose link is removed.
    pub(super) fn removed_rows(&self) -> RoaringTreemap {
        &self.whole_pair_removals | &self.single_type_removals
    }

    /// How many links are removed.
    pub(super) fn removed_count(&self) -> u64 {
        self.whole_pair_removals.len() + self.single_type_removals.len()
    }

    /// How many rows the undo is about.
    pub(super) fn row_count(&self) -> u64 {
        self.removed_count() + self.existed_before.len() + self.unchecked.len()
    }

    /// What the record at the start of this link had before this link displaced it. The run may
    /// have known the record by one of these `former_ids`, if it was merged.
    pub(super) fn former_link(
        &self,
        link: &CanonicalLink,
        former_ids: &[RecordId],
    ) -> Option<&FormerLink> {
        let link = link.to_association();
        let ids = former_ids.iter().copied().chain([link.from]);
        let links = ids.map(|from| Association { from, ..link });
        links
            .filter_map(|link| link.exclusive_record())
            .find_map(|record| self.former_links.get(&record))
    }

    /// Why a row is kept, if it is.
    pub(super) fn keep_reason(&self, row: u64) -> Option<Failure> {
        if self.existed_before.contains(row) {
            Some(Failure::new(Code::ExistedBefore, LinkFault::ExistedBefore))
        } else if self.unchecked.contains(row) {
            Some(Failure::new(Code::NotChecked, LinkFault::NotChecked))
        } else {
            None
        }
    }
}

/// Rows that the run sent, or may have sent.
struct SentRows {
    /// Rows without a line that can be read from the input.
    unrecorded_writes: RoaringTreemap,
    /// Rows whose link it made.
    written: RoaringTreemap,
    /// Rows whose link may exist although no line says so.
    maybe_written: RoaringTreemap,
    /// Rows of these without a snapshot of the records that were sent.
    unread: RoaringTreemap,
    /// How many it may have sent with ids that nothing tells.
    without_ids: u64,
}

impl SentRows {
    fn new(run: &PastRun) -> Self {
        let from_input = run.rows_from_input.as_ref();
        let unrecorded_writes = from_input
            .map(RowsFromInput::readable_writes)
            .unwrap_or_default();
        let unreadable = from_input
            .map(RowsFromInput::unreadable_writes)
            .unwrap_or_default();
        let (rows, with_snapshot) = (run.recorded.rows(), run.recorded.snapshot_rows());
        let written = &rows.recorded - &rows.failed - &rows.invalid - &rows.already;
        // A call whose answer was lost may have made the link.
        let transient = if run.recorded.info().reads_before_write {
            &rows.transient & with_snapshot
        } else {
            rows.transient.clone()
        };
        let maybe_written = (transient | &unrecorded_writes) | run.recorded.interrupted_resends();
        let lines = &run.id_lines;
        let without_ids = (&maybe_written & &lines.without_ids & with_snapshot)
            | unreadable
            | rows_with_unknown_records(run);
        Self {
            // The first snapshot of a row counts. It is about other records than the last line.
            unread: (&written | &maybe_written) - (with_snapshot - &lines.with_different_ids),
            written: written - &lines.without_ids,
            maybe_written: maybe_written - &lines.without_ids,
            unrecorded_writes,
            without_ids: without_ids.len(),
        }
    }
}

/// What each row displaced, with its position in the log.
type DisplacedByRow = HashMap<u64, (usize, DisplacedLink)>;

/// The links that the run made, by fingerprint, with the first row of each.
#[derive(Default)]
struct CreatedLinks {
    /// Per link: the first row, and its first position in the results.
    links: HashMap<u64, (u64, u64)>,
    /// Per pair that had no link before: its first row. Any link also creates the unlabeled
    /// type.
    pairs: HashMap<u64, u64>,
}

impl CreatedLinks {
    fn add_link(&mut self, row: u64, position: u64, link: &Association) {
        let (first, first_position) = self
            .links
            .entry(CanonicalLink::new(link).fingerprint())
            .or_insert((row, position));
        (*first, *first_position) = (row.min(*first), position.min(*first_position));
    }

    fn add_pair(&mut self, row: u64, link: &Association) {
        let first = self.pairs.entry(pair_fingerprint(link)).or_insert(row);
        *first = row.min(*first);
    }

    /// The row that made this link before this row was checked: an earlier row, or a later one
    /// if this row was resent.
    fn earlier_row(&self, row: u64, position: u64, link: &Association) -> Option<u64> {
        let (first, first_position) = *self.links.get(&CanonicalLink::new(link).fingerprint())?;
        (first < row || first_position < position).then_some(first)
    }

    fn earlier_pair_row(&self, row: u64, link: &Association) -> Option<u64> {
        let first = *self.pairs.get(&pair_fingerprint(link))?;
        (first < row).then_some(first)
    }
}

/// Calls `see` with each link that the run may have made, in the order of the results.
fn each_link(run: &PastRun, see: impl FnMut(u64, Association)) -> Result<(), AppError> {
    let rows = &run.recorded.rows().recorded | run.recorded.possibly_sent();
    run.each_link(&rows, see)
}

/// The two records of a link as one number, in either direction. It also works if the
/// definition of the other direction is unknown.
fn pair_fingerprint(link: &Association) -> u64 {
    let info = link.definition.info();
    let mut ends = [
        (info.map(|info| info.from), link.from),
        (info.map(|info| info.to), link.to),
    ];
    ends.sort_unstable();
    let mut hasher = DefaultHasher::new();
    ends.hash(&mut hasher);
    hasher.finish()
}
