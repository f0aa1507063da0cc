//! Everything that leaves the program: results, failures, progress, words and
//! the summary. Knows nothing of the network.

mod closing;
mod counts;
mod failures;
mod files;
mod lines;
mod names;
mod notice;
mod outcomes;
mod progress;
mod recorder;
mod results;
mod row_log;
mod screen;
mod summary;
mod tally;
mod total;
mod words;

pub use closing::{Step, closing};
pub use counts::Counts;
pub use failures::{FailuresFile, copy_rows, write_failures};
pub use files::Files;
pub use names::{failures_path, numbered_path, report_path};
pub use notice::{Notice, Severity};
pub use outcomes::Outcomes;
pub use progress::{Progress, ProgressStyle, Shown};
pub use recorder::Recorder;
pub use results::{Results, ResultsError, Sink};
pub use row_log::{ROWS, RowLog, Unlogged, Words};
pub use screen::{QUESTION, SCREEN, Screen};
pub use summary::{All, AnySummary, Calls, End, Named, Read, Rows, Span, Summary, Target, Unbegun};
pub use tally::{Again, Before, Tally};
pub use total::Total;
pub use words::{duration, number, path, plural, shell_word};
