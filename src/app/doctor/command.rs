//! `doctor`: checks whether an import could begin. Asks HubSpot a few questions, writes nothing
//! there, and prints a line for each finding.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    answers::{DoctorAnswers, clock_offset},
    checkup::{CheckedLinks, Checkup},
    disk_space,
    finding::{DoctorDocument, Finding, Findings},
    finding_texts,
};
use crate::{
    api::{Api, ApiResponse, LinkQuery, Operation},
    app::{
        error::AppError,
        print::{print, print_json},
        session::{
            command_context::single_thread_runtime,
            connect::{ApiConnection, shared_rate_state},
        },
    },
    association::{Association, CanonicalLink, Definition, RecordId},
    caller::{Caller, Pace, Pacer, RetryPolicy},
    cli::{DoctorArgs, OutputFormat},
    config,
    exit::ExitCode,
    hubspot::{ApiVersion, HubSpot},
    messages::{self, CALL_EVENTS},
    output::Screen,
    rate_state::RateState,
    stop::StopSwitch,
};

/// The longest wait for the rate limit, since other runs may use all of it.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// What is said before HubSpot is asked.
const QUESTIONS: &str = "asking HubSpot at most four questions; nothing is written there";

/// The checkup that the arguments describe.
fn checkup(args: &DoctorArgs) -> Result<Checkup, AppError> {
    /// The most common definition.
    const USUAL: &str = "contact_to_company";
    let rows = &args.rows;
    let links = if let (Some(from), Some(to)) = (&rows.from_type, &rows.to_type) {
        CheckedLinks::ObjectTypes(
            config::object_type("from-type", from)?.to_owned(),
            config::object_type("to-type", to)?.to_owned(),
        )
    } else {
        let text = rows.definition.as_deref().unwrap_or(USUAL);
        let definition = args.api.definitions().parse(text);
        CheckedLinks::Definition(definition.map_err(config::ConfigError::from)?)
    };
    Ok(Checkup {
        client: ApiConnection::to_hubspot(args.api, &args.connection)?.client,
        links,
        by_key: [rows.from_key, rows.to_key].map(|key| key.is_some()),
        account: args.account,
        folder: args.folder.clone(),
    })
}

/// `doctor` with its arguments. An impossible token is a finding like any other.
pub(crate) fn run(args: &DoctorArgs, screen: &Screen) -> Result<ExitCode, AppError> {
    match checkup(args) {
        Ok(checkup) => {
            screen.say(QUESTIONS);
            let rate_state = shared_rate_state(&checkup.client, false);
            conclude(&examine(checkup, rate_state)?, args.output.format)
        }
        Err(AppError::Config(config::ConfigError::Token(error))) => {
            let bad = Finding::bad("token", ExitCode::Credentials, messages::token(&error));
            conclude(&Findings(vec![bad]), args.output.format)
        }
        Err(error) => Err(error),
    }
}

/// Runs a checkup and prints the findings.
///
/// # Errors
/// If there is no usable client, or standard output is broken.
pub fn doctor(checkup: Checkup, screen: &Screen) -> Result<ExitCode, AppError> {
    screen.say(QUESTIONS);
    let rate_state = shared_rate_state(&checkup.client, false);
    conclude(&examine(checkup, rate_state)?, OutputFormat::Text)
}

fn conclude(findings: &Findings, format: OutputFormat) -> Result<ExitCode, AppError> {
    match format {
        OutputFormat::Text => print(findings.to_string().as_bytes())?,
        OutputFormat::Json => print_json(&DoctorDocument::new(findings))?,
    }
    Ok(findings.exit_code())
}

/// The findings, by calls within this rate-limit state.
///
/// # Errors
/// If there is no usable client.
pub fn examine(checkup: Checkup, rate_state: RateState) -> Result<Findings, AppError> {
    let Checkup {
        client,
        links,
        by_key,
        account,
        folder,
    } = checkup;
    let api_version = client.api_version;
    let target = client.base_url.as_str().trim_end_matches('/').to_owned();
    let pacer = Pacer::new(Pace::Auto, MAX_WAIT, rate_state).reporting_to(CALL_EVENTS);
    // No retries: the user is present and can run it again.
    let retry = RetryPolicy { max_attempts: 1 };
    let caller = Caller::new(HubSpot::new(client)?, pacer, retry, StopSwitch::default());
    let answers = single_thread_runtime()?.block_on(ask_all(&caller, &links, api_version));
    let mut findings = answers.findings(&target, &links, by_key, account);
    findings.push(disk_space::check_folder(&folder));
    findings.push(finding_texts::api(api_version));
    Ok(Findings(findings))
}

/// Asks the questions in turn. If the first answer shows that the others would fail too, they
/// are not asked.
async fn ask_all<A: Api>(
    caller: &Caller<A>,
    links: &CheckedLinks,
    api_version: ApiVersion,
) -> DoctorAnswers {
    let mut answers = DoctorAnswers::default();
    answers.account = ask_once(caller, Operation::Account, &mut answers.clock_offset).await;
    if !answers.can_continue() {
        return answers;
    }
    answers.scopes = ask_once(caller, Operation::Scopes, &mut answers.clock_offset).await;
    answers.day = ask_once(caller, Operation::Day, &mut answers.clock_offset).await;
    let query = links.definition(api_version).and_then(first_record);
    answers.links = match (api_version.replaces_types(), links.types(), &query) {
        (true, Some((from, to)), _) => {
            ask_once(
                caller,
                Operation::Labels(from, to),
                &mut answers.clock_offset,
            )
            .await
        }
        (false, _, Some(query)) => {
            ask_once(caller, Operation::Read(query), &mut answers.clock_offset).await
        }
        (true, None, _) | (false, _, None) => None,
    };
    answers
}

/// Any record would do, because the question is whether links may be read.
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

/// One answer. It also updates the offset of this host's clock.
async fn ask_once<A: Api>(
    caller: &Caller<A>,
    call: Operation<'_>,
    clock: &mut Option<jiff::SignedDuration>,
) -> Option<ApiResponse> {
    let before = Timestamp::now();
    let answer = caller.ask_once(call).await?;
    let server_time = answer.server_time;
    *clock = server_time
        .map(|at| clock_offset(at, before, Timestamp::now()))
        .or(*clock);
    Some(answer)
}
