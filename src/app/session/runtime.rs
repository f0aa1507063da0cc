//! What a command waits on.
use crate::app::error::AppError;

/// One thread, see ARCHITECTURE.md.
pub(in crate::app) fn runtime() -> Result<tokio::runtime::Runtime, AppError> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().map_err(AppError::Setup)
}
