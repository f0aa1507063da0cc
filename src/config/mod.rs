//! What the command line means. Only this module reads the environment. Options that cannot work
//! are refused before anything starts.

mod command_line;
mod credentials;
mod environment;
mod error;
mod file;
mod file_error;
mod file_options;
mod metrics_path;
mod paths;
mod proxy;
mod resume_check;
mod row_options;
mod server;
mod several_inputs;
mod state;

pub use command_line::{CommandLineError, read_command_line, untyped_text};
pub use credentials::{credentials, has_credentials};
pub use environment::{has_variable, is_empty_variable, log_filter, no_color};
pub use error::ConfigError;
pub use file_error::ConfigFileError;
pub use metrics_path::check_metrics;
pub use paths::{
    check_summary, empty_summary, overwrite_summary, results_beside, results_path,
    summary_may_replace, temporary_folder,
};
pub use proxy::check_proxies;
pub use resume_check::{LINK_OPTIONS, check_same_run};
pub use row_options::{check_batch, input, object_type};
pub use server::{base_url, extra_roots};
pub use several_inputs::{SeveralInputsError, results_paths};
pub use state::rate_state_folder;
