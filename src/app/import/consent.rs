//! Consent to a large import. A person at a terminal is asked once, before anything is written,
//! unless the account is a test account.

use super::import_run::ImportRun;
use crate::{
    account::AccountDetails,
    app::{
        account_text::account_text, ask, error::AppError, preview::min_rows::count_up_to,
        session::command_context::StartTime, session::run::Session,
    },
    cli::ImportArgs,
    input::{InputPath, InputReader},
    journal::{self, Consent, RecordedRun},
    messages,
    output::Screen,
    row::Failure,
};

/// An import of this many rows is large: undoing it costs more than answering a question.
pub(super) const LARGE: u64 = 500;

/// HubSpot's names for kinds of test accounts.
const TEST_ACCOUNT_KINDS: [&str; 2] = ["SANDBOX", "DEVELOPER_TEST"];

/// A function that shows the account, as soon as it is known.
pub(super) fn account_announcer(
    screen: Screen,
) -> impl Fn(Result<&AccountDetails, Option<&Failure>>) {
    move |account| {
        screen.say(&match account {
            Ok(details) => format!("account: {}", account_text(details)),
            Err(None) => "account: not known".to_owned(),
            Err(Some(why)) => format!("account: not known ({})", messages::failure(why)),
        });
    }
}

/// Whether consent is needed, as far as that is known without asking HubSpot.
pub(super) fn is_needed(args: &ImportArgs, run: &ImportRun) -> bool {
    let is_stdin = matches!(run.options.path, InputPath::Stdin);
    !is_stdin && may_ask(args) && is_large(run)
}

/// Whether a person can be asked who has not agreed already by an option.
pub(super) fn may_ask(args: &ImportArgs) -> bool {
    let is_agreed = args.yes || args.account.is_some() || args.sandbox;
    !is_agreed && ask::is_possible()
}

/// Whether this many rows remain to be sent. They are counted, not estimated from the file
/// size. A pipe can be read only once, so it may hold any number.
fn is_large(run: &ImportRun) -> bool {
    if run.shape.bytes_total.is_none() {
        return true;
    }
    let large_count = run.earlier.done.saturating_add(LARGE);
    // Read errors are reported when the file is read for the import.
    let rows = count_up_to(&run.options, large_count, InputReader::rows_read);
    rows.map_or(true, |rows| rows >= large_count)
}

impl ImportRun {
    /// Asks for consent, unless it is a test account or the run already has consent. Returns
    /// the consent to record; `None` if nobody was asked.
    ///
    /// Fails if the answer is no, or a signal comes first.
    pub(super) fn ask(
        &self,
        past: Option<&RecordedRun>,
        session: &mut Session<'_>,
    ) -> Result<Option<Consent>, AppError> {
        if past.is_none() {
            // Checked first, so that nobody is asked for nothing.
            journal::refuse_existing(&self.results_path)?;
        }
        let context = &session.context;
        let account = context.block_on(session.delivery.caller().learn_account());
        let Some(details) = account else {
            // The run was stopped, and reports why.
            return Ok(None);
        };
        let consent = consent_to(details.as_ref());
        if is_test_account(details.as_ref()) || past.and_then(RecordedRun::consent) == Some(consent)
        {
            return Ok(None);
        }
        ask_person(details.as_ref(), session)?;
        // The time a person takes to answer does not count.
        session.started = StartTime::now();
        Ok(Some(consent))
    }
}

/// What a person agrees to who wants rows to go to this account.
pub(super) fn consent_to(details: Option<&AccountDetails>) -> Consent {
    Consent(details.map(|details| details.id.get()))
}

/// Asks whether rows may go to this account. Fails if the answer is no, or a signal comes first.
pub(super) fn ask_person(
    details: Option<&AccountDetails>,
    session: &Session<'_>,
) -> Result<(), AppError> {
    let prompt = prompt(details);
    let agreed = ask::is_agreed(&prompt, session.stop(), session.screen());
    if session.context.block_on(agreed)? {
        Ok(())
    } else {
        Err(AppError::NotSent)
    }
}

pub(super) fn is_test_account(details: Option<&AccountDetails>) -> bool {
    let kind = details.and_then(|details| details.kind.as_deref());
    kind.is_some_and(|kind| TEST_ACCOUNT_KINDS.contains(&kind))
}

fn prompt(details: Option<&AccountDetails>) -> String {
    let to = details.map_or_else(
        || "an account that HubSpot does not name".to_owned(),
        |details| format!("account {}", account_text(details)),
    );
    format!(
        "This sends {LARGE} rows or more to {to}. Continue? Type yes to send them (to skip this \
         question: --yes or --account ID): "
    )
}
