//! How an account is shown.

use crate::account::AccountDetails;

/// The account in the first lines: `12345678, production (app.hubspot.com)`.
pub(super) fn account_text(details: &AccountDetails) -> String {
    let mut words = details.id.to_string();
    if let Some(kind) = &details.kind {
        words = format!("{words}, {}", account_kind_text(kind));
    }
    match &details.ui_domain {
        Some(domain) => format!("{words} ({domain})"),
        None => words,
    }
}

/// `production`, `developer test`
pub(super) fn account_kind_text(kind: &str) -> String {
    match kind {
        "STANDARD" => "production".to_owned(),
        other => other.to_lowercase().replace('_', " "),
    }
}
