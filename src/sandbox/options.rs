//! The sandbox's options.
//!
//! Only values. Other modules act on them.

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use jiff::SignedDuration;

use super::{
    association_limit::AssociationLimit,
    defined_label::{self, DefinedLabel},
    error::SandboxError,
    fault_plan::{FaultRule, Latency},
    forms::{ErrorForm, IdForm, PartialStatus, ResponseForm, ResponseForms},
    limit::{CallLimit, LaterLimit},
    oauth::{OauthApp, TokenLife},
    record_options::RecordOptions,
    zone::AccountZone,
};
use crate::rate::Rate;

/// The default account; our choice, from HubSpot's examples.
const ACCOUNT: u64 = 62515;

/// The default scopes of a token: those that an importer of associations needs.
const SCOPES: [&str; 10] = [
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.tickets.read",
    "crm.objects.tickets.write",
    "tickets",
];

/// How the local HubSpot behaves.
#[derive(Clone, Debug, clap::Args)]
pub struct SandboxOptions {
    /// Address to listen on (this machine only); port 0 takes any free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    pub listen: SocketAddr,
    /// Calls allowed in any rolling window (100/10s, 19/s), or off; batch calls are counted separately
    #[arg(long, value_name = "RATE", default_value = "100/10s")]
    pub limit: CallLimit,
    /// Change the limit this long after the first call, repeatable (100/10s@60s)
    #[arg(long = "limit-later", value_name = "RATE@DURATION")]
    pub later_limits: Vec<LaterLimit>,
    /// Simulate another integration that uses part of both limits, with evenly spaced calls
    /// (95/10s)
    #[arg(long, value_name = "RATE")]
    pub others: Option<Rate>,
    /// Calls allowed per day [default: no daily quota]
    #[arg(long, value_name = "N")]
    pub daily: Option<u64>,
    /// Reset the daily quota this long after the start (3s, 2h), then every 24 h [default: at
    /// midnight in --time-zone, or in UTC]
    #[arg(long, value_name = "DURATION", requires = "daily")]
    pub daily_reset: Option<DailyReset>,
    /// The only access token that is accepted, besides those granted by OAuth [default: any]
    #[arg(long, value_name = "TEXT")]
    pub token: Option<String>,
    /// How long access tokens granted by OAuth are valid, at least 1s
    #[arg(long, value_name = "DURATION", default_value = "30min")]
    pub oauth_life: TokenLife,
    /// The only app that OAuth grants tokens to [default: any]
    #[arg(long, value_name = "CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN")]
    pub oauth_app: Option<OauthApp>,
    /// Number of the simulated account (Hub ID)
    #[arg(long, value_name = "N", default_value_t = ACCOUNT)]
    pub account: u64,
    /// Time zone of the account, by its IANA name (Asia/Kathmandu) [default: US/Eastern is reported]
    #[arg(long, value_name = "NAME")]
    pub time_zone: Option<AccountZone>,
    /// Simulate a fault, repeatable. KIND is a status (429, 503, …), reset (the connection breaks),
    /// reset-after (it breaks after the change was made), silence (no answer), silent (success, but
    /// nothing is written), html or redirect. RATE is a share (1%), one request (#50), a range
    /// (#1-30), or all from one on (#50-)
    #[arg(long = "fault", value_name = "KIND=RATE")]
    pub faults: Vec<FaultRule>,
    /// Time until each answer: a duration (80ms) or a range (80ms..200ms)
    #[arg(long, value_name = "DURATION")]
    pub latency: Option<Latency>,
    /// Seed of faults and latencies; the same seed repeats them
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// File of records that do not exist: one id or `type,id` per line, `#` for comments (ids that
    /// end in 404 never exist)
    #[arg(long, value_name = "FILE")]
    pub missing: Option<PathBuf>,
    /// File of records whose links are reported as created but are not written, in the same format
    #[arg(long, value_name = "FILE")]
    pub unwritten: Option<PathBuf>,
    /// File of merged records, one per line: object type, old id, new id, separated by commas. Calls
    /// with an old id are answered with the new one
    #[arg(long, value_name = "FILE")]
    pub merged: Option<PathBuf>,
    /// CSV file of associations that exist at the start, with the columns of import:
    /// `from_object_id`, `to_object_id`, and `definition_id` or `from_object_type`,
    /// `to_object_type`, `label`
    #[arg(long, value_name = "FILE")]
    pub links: Option<PathBuf>,
    /// Records that can be looked up, and how lookups behave
    #[command(flatten)]
    pub record_options: RecordOptions,
    /// Object type whose records cannot be read (403, as without the scope), repeatable
    #[arg(long, value_name = "TYPE")]
    pub unreadable: Vec<String>,
    /// Label that the account has, repeatable; replaces the default labels. The type of a custom
    /// object is 2- and its number
    #[arg(long = "label", value_name = "FROM,TO,NAME", default_values = defined_label::DEFAULT)]
    pub labels: Vec<DefinedLabel>,
    /// Association limit set by an administrator, repeatable: a record of type FROM has at most N
    /// associations to records of type TO (with a label: N of this label). With a limit of 1, a new
    /// association replaces the old one; with a higher limit, it is refused
    #[arg(long = "association-limit", value_name = "FROM,TO,N[,LABEL]")]
    pub association_limits: Vec<AssociationLimit>,
    /// Scopes that tokens are reported to have (not enforced)
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_values = SCOPES)]
    pub scopes: Vec<String>,
    /// How API 2026-09 answers, where recorded answers differ from the specification
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    pub answers: ResponseForm,
    /// How ids are written in answers of API 2026-09 [default: as in --answers]
    #[arg(long, value_name = "FORM", value_enum)]
    pub id_form: Option<IdForm>,
    /// Status of a batch of API 2026-09 in which some rows failed [default: as in --answers; for reads
    /// of records 207]
    #[arg(long, value_name = "STATUS", value_enum)]
    pub partial_status: Option<PartialStatus>,
    /// How a refusal says what is wrong [default: strings for v1; for 2026-09 context, or strings
    /// with --answers recorded]
    #[arg(long, value_name = "FORM", value_enum)]
    pub refusals: Option<ErrorForm>,
    /// Retry-After header of answers 429 and 503 [default: none, like HubSpot]
    #[arg(long, value_name = "SECONDS")]
    pub retry_after: Option<u32>,
    /// Maximum number of associations in the request log; for tests.
    #[arg(skip)]
    pub max_logged: usize,
}

/// The time after the start when the daily quota resets; then it resets every 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyReset(pub Duration);

impl FromStr for DailyReset {
    type Err = SandboxError;

    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let span = text.parse::<SignedDuration>().ok();
        span.and_then(|span| Duration::try_from(span).ok())
            .map(Self)
            .ok_or_else(|| SandboxError::DailyReset(text.to_owned()))
    }
}

impl SandboxOptions {
    /// The forms of answers. Options for a single form override those that follow from `answers`.
    pub(super) fn forms(&self) -> ResponseForms {
        let answers = self.answers;
        let (ids, partial, entries) = match answers {
            ResponseForm::Specified => (IdForm::Strings, PartialStatus::Ok, ErrorForm::Context),
            ResponseForm::Recorded => (
                IdForm::Numbers,
                PartialStatus::MultiStatus,
                ErrorForm::Strings,
            ),
        };
        ResponseForms {
            answers,
            refusals: self.refusals.unwrap_or(ErrorForm::Strings),
            entries: self.refusals.unwrap_or(entries),
            ids: self.id_form.unwrap_or(ids),
            partial: self.partial_status.unwrap_or(partial),
            missed: self.partial_status.unwrap_or(PartialStatus::MultiStatus),
            old_ids: self.record_options.old_ids,
        }
    }
}

impl Default for SandboxOptions {
    /// A free port, HubSpot's smallest window, no daily quota, no faults.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            limit: CallLimit::default(),
            later_limits: Vec::new(),
            others: None,
            daily: None,
            daily_reset: None,
            token: None,
            oauth_life: TokenLife::default(),
            oauth_app: None,
            account: ACCOUNT,
            time_zone: None,
            faults: Vec::new(),
            latency: None,
            seed: 0,
            missing: None,
            unwritten: None,
            merged: None,
            links: None,
            record_options: RecordOptions::default(),
            unreadable: Vec::new(),
            labels: defined_label::defaults(),
            association_limits: Vec::new(),
            scopes: SCOPES.map(str::to_owned).into(),
            answers: ResponseForm::default(),
            id_form: None,
            partial_status: None,
            refusals: None,
            retry_after: None,
            max_logged: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct OptionsParser {
        #[command(flatten)]
        options: SandboxOptions,
    }

    fn typed(line: &str) -> Result<SandboxOptions, clap::Error> {
        let words = std::iter::once("sandbox").chain(line.split_whitespace());
        OptionsParser::try_parse_from(words).map(|line| line.options)
    }

    #[test]
    fn the_command_s_defaults_are_the_library_s_but_for_the_port() {
        let (typed, library) = (typed("").unwrap(), SandboxOptions::default());
        assert_eq!(typed.listen.to_string(), "127.0.0.1:8787");
        let listen = library.listen;
        let typed = SandboxOptions { listen, ..typed };
        assert_eq!(format!("{typed:?}"), format!("{library:?}"));
    }

    #[test]
    fn faults_add_up_and_the_limit_can_be_off() {
        let options = typed("--fault 503=1% --fault reset=#5 --limit off").unwrap();
        assert_eq!(options.faults.len(), 2);
        assert_eq!(options.limit, CallLimit::Off);
    }

    #[test]
    fn a_wrong_option_is_explained() {
        let error = typed("--fault 503").unwrap_err().to_string();
        assert!(error.contains("write KIND=RATE"), "{error}");
        let error = typed("--limit 100").unwrap_err().to_string();
        assert!(error.contains("or off for no limit"), "{error}");
    }
}
