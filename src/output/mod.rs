//! Everything that leaves the program: results, failures, progress, messages and the summary.
//! Knows nothing of the network.

mod closing;
mod exposition;
mod failures;
mod failures_format;
mod file_names;
mod formatting;
mod line_buffer;
mod metrics_file;
mod notice;
mod outcome_counts;
mod plan_rows;
mod progress;
mod recorder;
mod results;
mod row_log;
mod run_figures;
mod run_files;
mod screen;
mod speed_meter;
mod status_counts;
mod summary;
mod tally;
mod total_rows;

pub use closing::{
    MOST_CAUSES_NAMED, RowDetails, SuggestedCommand, cause_notices, closing_notices, counts_line,
    effort_line, line_word, row_counts,
};
pub use exposition::{
    MetricFamily, MetricKind, MetricLabels, MetricSample, exposition_text, sample_value,
};
pub use failures::{FailuresFile, FailuresSource, copy_report_rows};
pub use failures_format::{FailuresFormat, panics_are_caught};
pub use file_names::{failures_path, numbered_path, report_path, results_of};
pub use formatting::{duration, number, path, plural, shell_word, status_count};
pub use metrics_file::MetricsFile;
pub use notice::{Notice, Severity};
pub use outcome_counts::OutcomeCounts;
pub use plan_rows::{PlanCells, PlanRows};
pub use progress::{ProgressDisplay, ProgressSource, ProgressStyle};
pub use recorder::Recorder;
pub use results::{ResultsError, ResultsSink, ResultsWriter};
pub use row_log::{CauseWordings, ROWS, RowLog, RowMessages, UnloggedRows};
pub use run_figures::{CallFigures, EndFigures, GoodEnds, RunFigures};
pub use run_files::RunFiles;
pub use screen::{QUESTION, SCREEN, Screen};
pub use status_counts::StatusCounts;
pub use summary::{
    AnySummary, CallTotals, CommandSummary, EarlyEndSummary, ReadProgress, RowScope, RowTotals,
    RunEnd, Summary, SummaryOfInputs, SummarySource, SummaryTarget, TimeSpan,
};
pub use tally::{EarlierSessions, ResentCounts, Tally};
pub use total_rows::TotalRows;
