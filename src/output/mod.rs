//! Everything that leaves the program: results, failures, progress, words and
//! the summary. Knows nothing of the network.

mod closing;
mod counts;
mod failures;
mod lines;
mod progress;
mod recorder;
mod results;
mod screen;
mod summary;
mod tally;
mod words;

pub use closing::closing;
pub use counts::Counts;
pub use failures::{FailuresFile, failures_path, write_failures};
pub use progress::{Progress, ProgressStyle, Total};
pub use recorder::Recorder;
pub use results::{Results, ResultsError};
pub use screen::Screen;
pub use summary::Summary;
pub use tally::{Again, Before, Problem, Tally};
pub use words::{duration, number, path, plural, shell_word};
