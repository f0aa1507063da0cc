//! Shows at once why one of several inputs was refused. The others go on.

use super::error::AppError;
use crate::output::{Notice, Screen};

/// Shows the error, as the program shows what ends it.
pub(super) fn show(error: &AppError, screen: &Screen) {
    let text = if screen.is_json() {
        error.to_string()
    } else {
        format!("hubassoc: {}", error.lines().join("\n"))
    };
    screen.conclude(&[Notice::error(text)], false);
}
