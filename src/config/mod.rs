//! What the command line means: the environment is read here and nowhere
//! else, and what cannot work is refused before anything begins.

mod again;
mod credentials;
mod environment;
mod error;
mod meaning;
mod paths;
mod proxy;
mod server;
mod state;

pub use again::{MEANING, check_same_run};
pub use credentials::{credentials, has_credentials};
pub use environment::{
    is_empty_variable, log_filter, log_format_variable, no_color, summary_variable,
};
pub use error::ConfigError;
pub use meaning::{check_batch, input, object_type};
pub use paths::{
    check_summary, empty_summary, overwrite_summary, results_path, summary_may_replace,
};
pub use proxy::check_proxies;
pub use server::{base_url, extra_roots};
pub use state::ledger_folder;
