//! What was planned for the rows of an apply: read from the plan log as rows arrive, and compared
//! with what exists when they are about to be written.

use std::{
    cell::RefCell,
    collections::HashMap,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use futures_util::{StreamExt as _, stream::Stream};

use crate::{
    association::{Association, CanonicalLink, Definition, DefinitionTable, RecordReference},
    code::Code,
    delivery::Existing,
    failure::{Failure, LinkFault},
    messages,
    pipeline::{ResolveRows, ResolvedRows, ResolvedSender, send_all},
    plan::{PlanLine, PlanLogError, PlanLogReader, PlannedLink, judge},
    plan_action::{LinksBefore, PlanAction},
    row::{LinkOrigin, Outcome, Row, RowLink, RowReport},
    stop::{StopReason, StopSwitch},
};

/// A plan log whose hash was checked.
#[derive(Debug)]
pub(crate) struct CheckedLog {
    path: PathBuf,
    /// Lines that come after those of later rows. There are only a few.
    late: HashMap<u64, PlanLine>,
}

impl CheckedLog {
    /// Reads the whole log. `None` if its hash is another one.
    pub(crate) fn read(path: &Path, sha256: &str) -> Result<Option<Self>, PlanLogError> {
        let mut reader = open(path)?;
        let (mut late, mut highest) = (HashMap::new(), 0);
        while let Some(line) = reader.next_line()? {
            if line.row < highest {
                late.insert(line.row, line);
            } else {
                highest = line.row;
            }
        }
        let path = path.to_owned();
        Ok((reader.hash() == sha256).then_some(Self { path, late }))
    }
}

fn open(path: &Path) -> Result<PlanLogReader<BufReader<File>>, PlanLogError> {
    PlanLogReader::open(BufReader::new(File::open(path)?))
}

/// What was planned for the rows that are under way.
#[derive(Debug)]
pub(super) struct PlannedRows {
    table: &'static DefinitionTable,
    rows: RefCell<HashMap<u64, (PlanAction, LinksBefore)>>,
}

/// What follows for a row, compared with its plan.
pub(super) enum PlanComparison {
    /// It is as planned.
    AsPlanned,
    /// The link was made since.
    MadeSince(Failure),
    /// Something else has changed since.
    Changed(Failure),
}

impl PlannedRows {
    pub(super) fn new(table: &'static DefinitionTable) -> Self {
        let rows = RefCell::default();
        Self { table, rows }
    }

    /// Compares what exists for a row with what was planned. Nothing else is written than what was
    /// planned. If the row `was_attempted`, the link itself may be the run's own work, and nothing
    /// else.
    pub(super) fn compare(
        &self,
        row: u64,
        (link, was_attempted): (&CanonicalLink, bool),
        existing: &Existing,
    ) -> PlanComparison {
        let Some((action, before)) = self.rows.borrow().get(&row).cloned() else {
            return PlanComparison::AsPlanned;
        };
        let now = match judge(link, existing) {
            Ok(planned) => (planned.action, planned.before),
            // The type that is not known is a change, too, and has a better message.
            Err(failure) => return PlanComparison::Changed(failure),
        };
        let is_made = now.0 == PlanAction::None;
        let is_as_planned = if is_made {
            was_attempted || action == PlanAction::None
        } else {
            action.writes() && self.comparable(&now.1) == self.comparable(&before)
        };
        if is_as_planned {
            return PlanComparison::AsPlanned;
        }
        let planned = (action, before);
        let changed = LinkFault::ChangedSincePlan { planned, now };
        let changed = Failure::new(Code::ChangedSincePlan, changed);
        if is_made {
            PlanComparison::MadeSince(changed)
        } else {
            PlanComparison::Changed(changed)
        }
    }

    /// The row has ended.
    pub(super) fn forget(&self, row: u64) {
        self.rows.borrow_mut().remove(&row);
    }

    /// What has to be as planned. Types of which a record has only one (a primary company, a
    /// parent) may be taken from the pair by other rows of the file, in any order. What this row
    /// itself replaces is compared.
    fn comparable(&self, before: &LinksBefore) -> LinksBefore {
        let mut comparable = before.clone();
        comparable.types.retain(|one| {
            let listed = self.table.listed(*one);
            !listed.is_some_and(Definition::is_exclusive)
        });
        comparable
    }
}

/// Gives rows the records that were planned, and ends those that cannot be imported.
pub(super) struct PlannedLinks<'a> {
    pub(super) log: &'a CheckedLog,
    pub(super) planned: &'a PlannedRows,
    pub(super) stop: &'a StopSwitch,
}

impl ResolveRows for PlannedLinks<'_> {
    async fn resolve(self, rows: impl Stream<Item = Vec<Row>>, resolved: ResolvedSender) {
        let mut reader = match open(&self.log.path) {
            Ok(reader) => reader,
            Err(error) => return self.stop_on(&error),
        };
        let mut next_line = None;
        let rows = rows.flat_map(|rows| {
            let (mut ready, mut ended) = (Vec::with_capacity(rows.len()), Vec::new());
            for row in rows {
                match self.line(row.number, &mut reader, &mut next_line) {
                    Ok(line) => match self.plan_row(row, line) {
                        Ok(row) => ready.push(row),
                        Err(report) => ended.push(*report),
                    },
                    Err(error) => self.stop_on(&error),
                }
            }
            futures_util::stream::iter([ResolvedRows::Rows(ready), ResolvedRows::Ended(ended)])
        });
        send_all(rows, &resolved).await;
    }
}

impl PlannedLinks<'_> {
    fn stop_on(&self, error: &PlanLogError) {
        let why = messages::plan_log(&self.log.path, error);
        self.stop.request(StopReason::Output(why.into()));
    }

    /// The line of a row, in the order of the file.
    fn line(
        &self,
        row: u64,
        reader: &mut PlanLogReader<BufReader<File>>,
        next_line: &mut Option<PlanLine>,
    ) -> Result<Option<PlanLine>, PlanLogError> {
        if let Some(late) = self.log.late.get(&row) {
            return Ok(Some(late.clone()));
        }
        loop {
            if next_line.is_none() {
                *next_line = reader.next_line()?;
            }
            match next_line {
                Some(line) if line.row < row => *next_line = None,
                Some(line) if line.row == row => return Ok(next_line.take()),
                Some(_) | None => return Ok(None),
            }
        }
    }

    /// The row with the link that was planned for it, or how it ends.
    fn plan_row(&self, mut row: Row, line: Option<PlanLine>) -> Result<Row, Box<RowReport>> {
        let Some(definition) = row.link.as_ref().ok().map(RowLink::definition) else {
            return Ok(row);
        };
        let changed = || LinkFault::PlannedAsImpossible("the plan has no such row".to_owned());
        let Some(line) = line else {
            return Err(failed(row, Failure::new(Code::ChangedSincePlan, changed())));
        };
        let Some(planned) = line.link else {
            let code = line.code.unwrap_or(Code::Rejected);
            let why = LinkFault::PlannedAsImpossible(line.message);
            return Err(failed(row, Failure::new(code, why)));
        };
        if planned.association_type != definition.association_type() {
            return Err(failed(row, Failure::new(Code::ChangedSincePlan, changed())));
        }
        let mut expected = self.planned.rows.borrow_mut();
        expected.insert(row.number, (line.action, line.before));
        set_link(&mut row, planned);
        Ok(row)
    }
}

/// Gives a row the records that were planned.
fn set_link(row: &mut Row, planned: PlannedLink) {
    let Ok(link) = &row.link else {
        return;
    };
    let sent = Association {
        from: planned.from,
        to: planned.to,
        definition: link.definition(),
    };
    match link {
        RowLink::Known(known) if *known == sent => {}
        RowLink::Known(_) => row.set_current_ids(sent),
        RowLink::Keyed(keyed) => {
            let key = |reference: &RecordReference| match reference {
                RecordReference::Id(_) => None,
                RecordReference::Key(key) => Some(key.clone()),
            };
            let keys = [key(&keyed.from), key(&keyed.to)];
            row.origin = Some(Box::new(LinkOrigin {
                keys,
                ..sent.into()
            }));
            row.link = Ok(sent.into());
        }
    }
}

fn failed(row: Row, failure: Failure) -> Box<RowReport> {
    Box::new(RowReport::without_write(
        row,
        Outcome::Failed(failure.into()),
    ))
}
