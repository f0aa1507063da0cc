//! HubSpot's answers, and what they say about token, account, scopes, links and clock. Pure.

use jiff::{SignedDuration, Timestamp};

use super::{
    checkup::CheckedLinks,
    failed_check::{failed_check, why},
    finding::Finding,
    finding_texts,
};
use crate::{
    account::{AccountDetails, AccountId},
    api::{ApiResponse, DayUsage, ReportedQuota, ResponsePayload, Verdict},
    exit::ExitCode,
    hubspot::scopes_to_import,
};

/// The answers; `None` if the question was not asked.
#[derive(Debug, Default)]
pub(super) struct DoctorAnswers {
    pub(super) account: Option<ApiResponse>,
    pub(super) scopes: Option<ApiResponse>,
    pub(super) day: Option<ApiResponse>,
    pub(super) links: Option<ApiResponse>,
    /// How far this host's clock is ahead of HubSpot's.
    pub(super) clock_offset: Option<SignedDuration>,
}

impl DoctorAnswers {
    /// Whether it makes sense to ask more.
    pub(super) fn can_continue(&self) -> bool {
        let verdict = self.account.as_ref().map(|answer| &answer.verdict);
        verdict.is_some_and(|verdict| failed_check(verdict).is_none())
    }

    /// The findings from all answers.
    pub(super) fn findings(
        &self,
        target: &str,
        links: &CheckedLinks,
        by_key: [bool; 2],
        expected: Option<AccountId>,
    ) -> Vec<Finding> {
        let address = |words: &str| format!("{target}{words}");
        let Some(account) = &self.account else {
            let words =
                address(" was not asked, because other runs used all calls; try again later");
            return vec![Finding::bad("address", ExitCode::Unavailable, words)];
        };
        let mut findings = Vec::new();
        if let Some(failed) = failed_check(&account.verdict) {
            if failed.about == "address" {
                let words = address(&format!(": {}", failed.words));
                findings.push(Finding::bad(failed.about, failed.code, words));
            } else {
                findings.push(Finding::ok("address", target));
                findings.push(Finding::bad(failed.about, failed.code, failed.words));
            }
        } else {
            findings.push(Finding::ok("address", target));
            findings.push(self.token());
            findings.push(self.account(account, expected));
            findings.push(self.scopes(links.types(), by_key));
            findings.push(self.links(links.types()));
            findings.push(finding_texts::limit(
                self.quota(),
                self.day(),
                self.details(),
            ));
        }
        findings.extend(self.clock_offset.map(finding_texts::clock));
        findings
    }

    fn payload(answer: Option<&ApiResponse>) -> Option<&ResponsePayload> {
        answer?.payload.as_ref()
    }

    fn details(&self) -> Option<&AccountDetails> {
        Self::payload(self.account.as_ref())?.account()
    }

    fn day(&self) -> DayUsage {
        let payload = Self::payload(self.day.as_ref());
        payload.and_then(ResponsePayload::day).unwrap_or_default()
    }

    /// The quota in the headers. The answer about links comes first, because an import gets
    /// answers like it.
    fn quota(&self) -> ReportedQuota {
        let answers = [&self.links, &self.day, &self.account];
        let quotas = answers.into_iter().flatten();
        let mut quotas = quotas.filter_map(|answer| answer.quota);
        let first = quotas.next().unwrap_or_default();
        quotas.fold(first, |known, more| ReportedQuota {
            window: known.window.or(more.window),
            window_remaining: known.window_remaining,
            daily: known.daily.or(more.daily),
            daily_remaining: known.daily_remaining.or(more.daily_remaining),
        })
    }

    fn token(&self) -> Finding {
        let answers = [&self.account, &self.scopes, &self.day, &self.links];
        let mut answers = answers.into_iter().flatten();
        if answers.any(|answer| matches!(answer.verdict, Verdict::Done { .. })) {
            Finding::ok("token", "accepted")
        } else {
            Finding::unknown("token", "HubSpot neither accepted nor refused it")
        }
    }

    fn account(&self, answer: &ApiResponse, expected: Option<AccountId>) -> Finding {
        const ABOUT: &str = "account";
        let refused = |words| Finding::bad(ABOUT, ExitCode::Refused, words);
        match (self.details(), expected) {
            (Some(details), Some(expected)) if details.id != expected => refused(format!(
                "{}, but --account is {expected}; use a token of account {expected}, or change \
                 --account",
                finding_texts::account(details)
            )),
            (Some(details), _) => Finding::ok(ABOUT, finding_texts::account(details)),
            (None, Some(expected)) => refused(format!(
                "unknown ({}), but --account is {expected}; use a token that can read the account's \
                 details, or leave out --account",
                why(&answer.verdict)
            )),
            (None, None) => {
                let why = why(&answer.verdict);
                Finding::unknown(ABOUT, format!("could not be checked ({why})"))
            }
        }
    }

    fn scopes(&self, types: Option<(&str, &str)>, by_key: [bool; 2]) -> Finding {
        const ABOUT: &str = "scopes";
        let Some(types) = types else {
            let words =
                "unknown for this definition, because it is not in HubSpot's published list";
            return Finding::unknown(ABOUT, words);
        };
        let Some(ResponsePayload::Scopes(scopes)) = Self::payload(self.scopes.as_ref()) else {
            let why = self.scopes.as_ref().map(|answer| why(&answer.verdict));
            let why = why.unwrap_or_default();
            return Finding::unknown(ABOUT, format!("could not be checked ({why})"));
        };
        let ends = [types.0, types.1].into_iter().zip(by_key);
        let looked_up: Vec<_> = ends.filter(|end| end.1).map(|end| end.0).collect();
        match scopes_to_import(scopes, types, &looked_up) {
            Ok(found) => Finding::ok(ABOUT, found.join(", ")),
            Err(missing) => Finding::bad(
                ABOUT,
                ExitCode::Credentials,
                finding_texts::missing_scopes(&missing),
            ),
        }
    }

    fn links(&self, types: Option<(&str, &str)>) -> Finding {
        const ABOUT: &str = "links";
        let between = types.map_or(String::new(), |(from, to)| {
            format!(" from {from} to {to}").replace('_', " ")
        });
        let Some(answer) = &self.links else {
            let words = format!("this API cannot read those{between}");
            return Finding::unknown(ABOUT, words);
        };
        match failed_check(&answer.verdict) {
            Some(failed) => Finding::bad(ABOUT, failed.code, failed.words),
            None if matches!(answer.verdict, Verdict::Done { .. }) => {
                Finding::ok(ABOUT, format!("those{between} can be read"))
            }
            None => {
                let why = why(&answer.verdict);
                Finding::unknown(ABOUT, format!("those{between} could not be read ({why})"))
            }
        }
    }
}

/// How far this clock is ahead of the server's, which reports whole seconds. The question was
/// asked and answered between these two times. The smallest offset that explains them.
pub(super) fn clock_offset(
    server: Timestamp,
    before: Timestamp,
    after: Timestamp,
) -> SignedDuration {
    let min_offset = before.duration_since(server) - SignedDuration::from_secs(1);
    let max_offset = after.duration_since(server);
    if min_offset.is_positive() {
        min_offset
    } else if max_offset.is_negative() {
        max_offset
    } else {
        SignedDuration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_offset_allows_for_travel_time_and_whole_seconds() {
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        for (server, before, after, expected) in [
            (0, 0, 0, 0),
            (0, 1, 4, 0),
            (2, 0, 4, 0),
            (0, 11, 13, 10),
            (20, 0, 5, -15),
        ] {
            let ahead = clock_offset(at(server), at(before), at(after));
            assert_eq!(ahead.as_secs(), expected, "{server} {before} {after}");
        }
    }
}
