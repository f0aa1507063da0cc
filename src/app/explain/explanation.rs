//! What a file of results says: how many rows ended how, and the causes of those that somebody has to
//! look at.

use std::path::{Path, PathBuf};

use super::{
    following_commands::FollowingCommands,
    known_run::{KnownRun, ResultsOrigin},
};
use crate::{
    app::error::AppError,
    cause::{CauseTexts, FailureGroup, FailureGroups, RowLocation},
    cell::clean,
    cli::ConfigValues,
    code::Code,
    journal::{ReadLines, SavedLine, SavedResults, SavedResultsError},
    messages::{self, CodeAdvice, ResendBenefit},
    output::{SuggestedCommand, results_of},
    row::{PerStatus, Status},
};

/// The most causes that are explained. The file has all rows.
const MOST_EXPLAINED: usize = 50;

/// Codes are shown up to this length: another program may have written them.
const CODE_CHARS: usize = 60;

/// Messages are shown up to this length.
const MESSAGE_CHARS: usize = 600;

/// Whether texts of cells may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellTexts {
    Shown,
    LeftOut,
}

/// What a file of results says.
#[derive(Debug)]
pub(super) struct Explanation {
    pub(super) file: PathBuf,
    pub(super) origin: ResultsOrigin,
    pub(super) run: KnownRun,
    pub(super) lines: ReadLines,
    pub(super) rows: PerStatus<u64>,
    /// The causes, the largest first.
    pub(super) causes: Vec<ExplainedCause>,
    /// How many causes there are, with those that are not explained.
    pub(super) all_causes: usize,
    /// Rows of all causes, also of those that are not explained.
    pub(super) explained_rows: u64,
    /// What goes on with a run that did not come to its end.
    pub(super) to_complete: Option<SuggestedCommand>,
}

/// A cause, and what to do about it.
#[derive(Debug)]
pub(super) struct ExplainedCause {
    /// Its rows, and what their messages have in common.
    pub(super) group: FailureGroup,
    /// `None` if this version does not know the code.
    pub(super) advice: Option<CodeAdvice>,
    pub(super) next: Option<SuggestedCommand>,
}

/// What the lines say.
#[derive(Default)]
struct ReadRows {
    counts: PerStatus<u64>,
    groups: FailureGroups,
}

impl Explanation {
    /// Reads a file.
    pub(super) fn read(
        file: &Path,
        cells: CellTexts,
        config: &ConfigValues,
    ) -> Result<Self, AppError> {
        let refused = |error| refusal(file, error);
        // Found out first: a run that ends meanwhile has written all its lines.
        let run = KnownRun::find(file);
        let results = SavedResults::open(file).map_err(refused)?;
        let (read, lines) = results
            .collect(|rows: &mut ReadRows, line| rows.add(line, cells))
            .map_err(refused)?;
        let origin = ResultsOrigin::find(&read.counts, &run);
        let commands = FollowingCommands::new(origin, &run, config);
        let groups = read.groups.by_size();
        let all_causes = groups.len();
        let groups = groups.into_iter().take(MOST_EXPLAINED);
        let causes = groups.map(|group| {
            let code = Code::parse(group.code.as_bytes());
            let advice = code.map(messages::advice);
            let resend = advice.map_or(ResendBenefit::AfterCorrection, |advice| advice.resend);
            ExplainedCause {
                group: group.clone(),
                advice,
                next: commands
                    .as_ref()
                    .and_then(|commands| commands.for_rows(code, resend)),
            }
        });
        Ok(Self {
            file: file.to_owned(),
            origin,
            lines,
            rows: read.counts,
            causes: causes.collect(),
            all_causes,
            explained_rows: read.groups.rows(),
            to_complete: commands.as_ref().and_then(FollowingCommands::to_complete),
            run,
        })
    }
}

impl ReadRows {
    /// Adds the last line of a row.
    fn add(&mut self, line: SavedLine<'_>, cells: CellTexts) {
        self.counts[line.status] += 1;
        if !(line.status.is_bad() || line.status == Status::Kept) {
            return;
        }
        let code = line.code();
        let known = Code::parse(code.as_bytes());
        let code = known.map_or_else(|| clean(&code, CODE_CHARS), |code| code.as_str().to_owned());
        let message = clean(&line.message(), MESSAGE_CHARS);
        let in_common = messages::in_common(known, &message);
        let texts = CauseTexts {
            message: match cells {
                CellTexts::Shown => &message,
                CellTexts::LeftOut => &in_common,
            },
            in_common: &in_common,
        };
        let location = RowLocation {
            row: line.row,
            line: line.line,
        };
        self.groups.add(location, &code, texts);
    }
}

/// Why a file is not explained, and which one to give.
fn refusal(file: &Path, fault: SavedResultsError) -> AppError {
    let beside = ["results.csv", "sandbox.results.csv"]
        .into_iter()
        .map(|ending| file.with_extension(ending));
    // The run log of results has their name and one ending more.
    let of_log = file.with_extension("");
    let mut candidates = results_of(file).into_iter().chain(beside).chain([of_log]);
    let is_other = |path: &PathBuf| path != file && SavedResults::open(path).is_ok();
    AppError::NotResults {
        path: file.to_owned(),
        fault,
        instead: candidates.find(is_other),
    }
}
