//! `doctor`: whether an import could begin. Asks HubSpot a handful of questions,
//! writes nothing, and prints a line for each thing that it found.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    answers::{Answers, ahead},
    checkup::{Checkup, Links},
    finding::{Finding, Findings},
    room, words,
};
use crate::{
    api::{Api, ApiResponse, LinkQuery, Operation},
    app::{
        error::AppError,
        print::print,
        session::{
            command_context::single_thread_runtime,
            connect::{ApiConnection, shared_slots},
        },
    },
    association::{Association, CanonicalLink, Definition, RecordId},
    caller::{Caller, Pace, Pacer, RetryPolicy},
    cli::DoctorArgs,
    config,
    exit::ExitCode,
    hubspot::{Dialect, HubSpot},
    messages::{self, CALLS},
    output::Screen,
    rate_state::RateState,
    stop::Stop,
};

/// A slot is waited for no longer: other runs may use them all.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What the arguments ask to be looked at.
fn checkup(args: &DoctorArgs) -> Result<Checkup, AppError> {
    /// The most common of all.
    const USUAL: &str = "contact_to_company";
    let links = if let (Some(from), Some(to)) = (&args.from_type, &args.to_type) {
        Links::Between(
            config::object_type("from-type", from)?.to_owned(),
            config::object_type("to-type", to)?.to_owned(),
        )
    } else {
        let text = args.definition.as_deref().unwrap_or(USUAL);
        let definition = args.api.definitions().parse(text);
        Links::Of(definition.map_err(config::ConfigError::from)?)
    };
    Ok(Checkup {
        client: ApiConnection::to_hubspot(args.api, &args.connection)?.client,
        links,
        account: args.account,
        folder: args.folder.clone(),
    })
}

/// `doctor`, as its arguments ask for it. A token that cannot be one is a finding
/// like any other.
pub(crate) fn asked(args: &DoctorArgs, screen: &Screen) -> Result<ExitCode, AppError> {
    match checkup(args) {
        Ok(checkup) => doctor(checkup, screen),
        Err(AppError::Config(config::ConfigError::Token(error))) => {
            let bad = Finding::bad("token", ExitCode::Credentials, messages::token(&error));
            conclude(&Findings(vec![bad]))
        }
        Err(error) => Err(error),
    }
}

/// `doctor`
///
/// # Errors
/// If there can be no client, or standard output is broken.
pub fn doctor(checkup: Checkup, screen: &Screen) -> Result<ExitCode, AppError> {
    screen.say("asking HubSpot at most four questions; nothing is written there");
    let slots = shared_slots(&checkup.client, false);
    conclude(&examine(checkup, slots)?)
}

fn conclude(findings: &Findings) -> Result<ExitCode, AppError> {
    print(findings.to_string().as_bytes())?;
    Ok(findings.exit_code())
}

/// What is found, by calls that take turns from these slots.
///
/// # Errors
/// If there can be no client.
pub fn examine(checkup: Checkup, slots: RateState) -> Result<Findings, AppError> {
    let Checkup {
        client,
        links,
        account,
        folder,
    } = checkup;
    let dialect = client.dialect;
    let place = client.base_url.as_str().trim_end_matches('/').to_owned();
    let pacer = Pacer::new(Pace::Auto, LONGEST_WAIT, slots).reporting_to(CALLS);
    // Nothing is tried again: who asks is there, and can ask again.
    let retry = RetryPolicy { max_attempts: 1 };
    let caller = Caller::new(HubSpot::new(client)?, pacer, retry, Stop::default());
    let answers = single_thread_runtime()?.block_on(ask(&caller, &links, dialect));
    let mut findings = answers.findings(&place, &links, account);
    findings.push(room::look(&folder));
    findings.push(words::api(dialect));
    Ok(Findings(findings))
}

/// Asks in turn; where the first answer shows that nothing can come of it, no
/// more is asked.
async fn ask<A: Api>(caller: &Caller<A>, links: &Links, dialect: Dialect) -> Answers {
    let mut answers = Answers::default();
    answers.account = one(caller, Operation::Account, &mut answers.ahead).await;
    if !answers.go_on() {
        return answers;
    }
    answers.scopes = one(caller, Operation::Scopes, &mut answers.ahead).await;
    answers.day = one(caller, Operation::Day, &mut answers.ahead).await;
    let reading = links.definition(dialect).and_then(first_record);
    answers.links = match (dialect.replaces(), links.types(), &reading) {
        (true, Some((from, to)), _) => {
            one(caller, Operation::Labels(from, to), &mut answers.ahead).await
        }
        (false, _, Some(reading)) => {
            one(caller, Operation::Read(reading), &mut answers.ahead).await
        }
        (true, None, _) | (false, _, None) => None,
    };
    answers
}

/// Any record would do: whether links may be read is the question.
fn first_record(definition: Definition) -> Option<LinkQuery> {
    let from = RecordId::new(1)?;
    let to = from;
    let link = Association {
        from,
        to,
        definition,
    };
    Some(LinkQuery {
        links: vec![CanonicalLink::new(&link)],
        pages: vec![(from, None)],
    })
}

/// One answer, and how far this clock is ahead of the server's by it.
async fn one<A: Api>(
    caller: &Caller<A>,
    call: Operation<'_>,
    clock: &mut Option<jiff::SignedDuration>,
) -> Option<ApiResponse> {
    let before = Timestamp::now();
    let answer = caller.ask_once(call).await?;
    let server_time = answer.server_time;
    *clock = server_time
        .map(|at| ahead(at, before, Timestamp::now()))
        .or(*clock);
    Some(answer)
}
