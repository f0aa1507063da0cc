//! What an import shows before its first row.

use super::import_run::ImportRun;
use crate::{
    app::{
        preview::{
            input_preview::InputPreview,
            preview_lines::{self, SendEstimate},
        },
        sandbox_text,
        session::run::Session,
    },
    cli::ImportArgs,
    output::{Screen, TotalRows, path},
};

impl ImportRun {
    pub(super) fn show_preview(
        &self,
        args: &ImportArgs,
        session: &Session<'_>,
        preview: &InputPreview,
    ) {
        let (screen, destination) = (session.screen(), &session.destination);
        for line in preview_lines::reading_lines(&self.options, &self.shape) {
            screen.say(&line);
        }
        let target = if destination.sandbox.is_some() {
            sandbox_text::rehearsal_target(args.records.as_deref())
        } else {
            format!("HubSpot (API {}) at {}", args.input.api, destination.target)
        };
        screen.say(&format!("sending to {target}"));
        let api = preview_lines::api_line(args.input.api);
        for line in api.into_iter().chain(preview_lines::read_first_line(
            args,
            preview,
            self.earlier.done > 0,
        )) {
            screen.say(&line);
        }
        for line in preview_lines::definition_lines(preview) {
            screen.say(&line);
        }
        let left = preview.total.minus(self.earlier.done);
        let (api, reads_first) = (args.input.api, args.reads_before_write());
        let estimate = SendEstimate::new(&args.sending.pace, api, reads_first, &preview.conflicts);
        let amount = preview_lines::amount_line(&left, &self.shape, estimate);
        let batch_hint = preview_lines::batch_hint(&left, estimate);
        self.announce_count(&left, estimate, screen);
        screen.say(&match (self.earlier.done, left.rows()) {
            (0, _) => amount,
            (_, Some(0)) if self.options.limit.is_some() => {
                "nothing is left to send within --limit".to_owned()
            }
            (_, Some(0)) if self.earlier.may_follow => {
                "only rows that must be re-sent in order remain".to_owned()
            }
            (_, Some(0)) => "nothing is left to send".to_owned(),
            _ => format!("still to do: {amount}"),
        });
        if let Some(hint) = batch_hint {
            screen.say(&hint);
        }
        screen.say(&format!("writing results to {}", path(&self.results_path)));
    }

    /// Shows the number of rows as soon as they are counted, if it is not known yet.
    fn announce_count(&self, left: &TotalRows, estimate: SendEstimate, screen: &Screen) {
        let TotalRows::Counted { count, .. } = left else {
            return;
        };
        if !count.is_counting() {
            return;
        }
        let (shape, screen, left) = (self.shape.clone(), screen.clone(), left.clone());
        count.when_known(move |rows| {
            if rows.is_some() {
                let amount = preview_lines::amount_line(&left, &shape, estimate);
                screen.say(&format!("counted: {amount}"));
                if let Some(hint) = preview_lines::batch_hint(&left, estimate) {
                    screen.say(&hint);
                }
            }
        });
    }
}
