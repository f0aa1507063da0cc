//! Limits set by administrators. The account is asked for them once, and only if there are rows
//! to send. Rows that compete under a limit of one are then sent in the order of the file.

use std::sync::{Arc, OnceLock};

use crate::{
    app::{
        preview::{input_preview::InputPreview, single_link_conflicts::SingleLinkConflicts},
        session::run::Session,
    },
    association::{AccountLabels, AdminLimits},
    hubspot::ApiVersion,
    input::{InputOptions, InputShape},
    messages,
    row::Row,
};

/// The limits of the account, once it was asked.
#[derive(Debug)]
pub(crate) struct AdminLimitsLookup {
    api_version: ApiVersion,
    limits: OnceLock<Arc<AdminLimits>>,
}

impl AdminLimitsLookup {
    pub(crate) fn new(api_version: ApiVersion) -> Self {
        Self {
            api_version,
            limits: OnceLock::new(),
        }
    }

    /// Whether nothing remains to be asked.
    pub(crate) fn is_done(&self) -> bool {
        self.limits.get().is_some() || !self.api_version.definitions().has_labels()
    }

    /// The limits; empty while they are unknown.
    pub(crate) fn limits(&self) -> Arc<AdminLimits> {
        self.limits.get().map(Arc::clone).unwrap_or_default()
    }

    /// Asks for the limits, unless that was done or the API does not have them. A failure does
    /// not stop the import.
    pub(crate) async fn fetch(&self, session: &Session<'_>, labels: Option<&Arc<AccountLabels>>) {
        if self.is_done() {
            return;
        }
        let table = self.api_version.definitions();
        let limits = match session.delivery.caller().limits().await {
            Some(Ok(reported)) => AdminLimits::new(table, reported, labels.map(Arc::clone)),
            Some(Err(why)) => {
                session.screen().say(&format!(
                    "note: association limits set by administrators could not be read ({}); rows \
                     that compete under such a limit are sent in any order",
                    messages::failure(&why)
                ));
                AdminLimits::default()
            }
            None => AdminLimits::default(),
        };
        // Only one place asks at a time.
        let _ = self.limits.set(Arc::new(limits));
    }

    /// Applies the limits to rows that are about to be sent.
    pub(crate) fn apply_to(&self, rows: &mut [Row]) {
        let Some(limits) = self.limits.get() else {
            return;
        };
        for row in rows {
            if let Ok(link) = &mut row.link {
                limits.apply(link.definition_mut());
            }
        }
    }

    /// A note on records with several rows under a limit of one, as far as the preview of the
    /// file shows.
    pub(crate) fn notes(&self, options: &InputOptions, shape: &InputShape) -> Option<String> {
        let limits = self.limits.get().filter(|limits| !limits.is_empty())?;
        let conflicts: SingleLinkConflicts =
            InputPreview::with_limits(limits, options, shape).conflicts;
        conflicts.limit_notes()
    }
}
