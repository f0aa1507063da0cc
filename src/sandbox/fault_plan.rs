//! Which faults happen, how often, and on which requests.
//!
//! Pure: the plan of a request depends only on the seed and the request's number, so that a run can
//! be repeated. Does not know how a fault is executed.

use std::{str::FromStr, time::Duration};

use axum::http::StatusCode;

use super::error::SandboxError;
use crate::rate::digits_only;

/// One kind of fault, and when it happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaultRule {
    /// What goes wrong.
    pub kind: FaultKind,
    /// On which requests.
    pub when: FaultWhen,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An error of this status (400 to 599); the request is not applied.
    Status(StatusCode),
    /// The connection is reset; the request is not applied.
    Reset,
    /// The request is applied, then the connection is reset before the answer.
    ResetAfter,
    /// No answer until the client disconnects or two minutes have passed; not applied.
    Silence,
    /// A create is answered with success but writes nothing; other requests are unaffected.
    Silent,
    /// 200 with the HTML of a login page; not applied.
    Html,
    /// 302 to that login page; not applied.
    Redirect,
}

/// On which requests a fault happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultWhen {
    /// On this share of the requests, from 0 to 1; the seed chooses them.
    Share(f64),
    /// On these requests, numbered from 1 in order of arrival.
    Requests {
        /// The first.
        first: u64,
        /// The last; `None` for all that follow.
        last: Option<u64>,
    },
}

impl FromStr for FaultRule {
    type Err = SandboxError;

    /// `KIND=RATE`, for example `503=1%`, `reset=#50`, `401=#50-`, `429=#1-30`.
    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let parsed = match text.split_once('=') {
            None => Err("there is no '=' between kind and rate"),
            Some((kind, when)) => {
                parse_kind(kind).and_then(|kind| parse_when(when).map(|when| Self { kind, when }))
            }
        };
        parsed.map_err(|problem| SandboxError::Fault {
            text: text.to_owned(),
            problem,
        })
    }
}

fn parse_kind(text: &str) -> Result<FaultKind, &'static str> {
    const PROBLEM: &str = "the kind is neither a status from 400 to 599 nor one of \
                           reset, reset-after, silence, silent, html and redirect";
    match text {
        "reset" => Ok(FaultKind::Reset),
        "reset-after" => Ok(FaultKind::ResetAfter),
        "silence" => Ok(FaultKind::Silence),
        "silent" => Ok(FaultKind::Silent),
        "html" => Ok(FaultKind::Html),
        "redirect" => Ok(FaultKind::Redirect),
        status => digits_only(status)
            .filter(|status| (400..600).contains(status))
            .and_then(|status: u16| StatusCode::from_u16(status).ok())
            .map(FaultKind::Status)
            .ok_or(PROBLEM),
    }
}

fn parse_when(text: &str) -> Result<FaultWhen, &'static str> {
    const PROBLEM: &str = "the rate is neither a share (1%) nor a request (#50, #50-, #1-30)";
    if let Some(percent) = text.strip_suffix('%') {
        return percent
            .parse()
            .ok()
            .filter(|percent| (0.0..=100.0).contains(percent))
            .map(|percent: f64| FaultWhen::Share(percent / 100.0))
            .ok_or("the share is not a number from 0% to 100%");
    }
    let requests = text.strip_prefix('#').ok_or(PROBLEM)?;
    let (first, last) = match requests.split_once('-') {
        None => (digits_only(requests), Some(digits_only(requests))),
        Some((first, "")) => (digits_only(first), None),
        Some((first, last)) => (digits_only(first), Some(digits_only(last))),
    };
    match (first, last) {
        (Some(first), None) if first > 0 => Ok(FaultWhen::Requests { first, last: None }),
        (Some(first), Some(Some(last))) if first > 0 && first <= last => {
            let last = Some(last);
            Ok(FaultWhen::Requests { first, last })
        }
        (_, _) => Err(PROBLEM),
    }
}

/// How long an answer takes: a fixed time, or one drawn from a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The shortest wait.
    pub shortest: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl FromStr for Latency {
    type Err = SandboxError;

    /// `80ms` or `80ms..200ms`.
    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let (shortest, longest) = text.split_once("..").unwrap_or((text, text));
        let duration = |text: &str| {
            let signed = text.parse::<jiff::SignedDuration>().ok()?;
            Duration::try_from(signed).ok()
        };
        duration(shortest)
            .zip(duration(longest))
            .filter(|(shortest, longest)| shortest <= longest)
            .map(|(shortest, longest)| Self { shortest, longest })
            .ok_or_else(|| SandboxError::Latency(text.to_owned()))
    }
}

/// The faults and latencies of all requests.
#[derive(Debug)]
pub(super) struct FaultPlan {
    pub(super) faults: Vec<FaultRule>,
    pub(super) latency: Option<Latency>,
    pub(super) seed: u64,
}

/// What happens to one request.
#[derive(Debug, PartialEq)]
pub(super) struct RequestPlan {
    pub(super) fault: Option<FaultKind>,
    pub(super) latency: Duration,
    /// Random bits for the answer's correlation id.
    pub(super) id: u128,
}

impl FaultPlan {
    /// The plan for the request with this number. If several faults apply, the first one given
    /// happens.
    pub(super) fn plan_for(&self, request: u64) -> RequestPlan {
        // 2^64 divided by the golden ratio, the usual odd constant that separates the random
        // streams of neighbouring numbers.
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut rng = fastrand::Rng::with_seed(self.seed ^ request.wrapping_mul(SPREAD));
        let mut fault = None;
        for candidate in &self.faults {
            if candidate.when.applies_to(request, &mut rng) && fault.is_none() {
                fault = Some(candidate.kind);
            }
        }
        let latency = self.latency.map_or(Duration::ZERO, |latency| {
            let spread = latency.longest.saturating_sub(latency.shortest);
            latency.shortest + spread.mul_f64(rng.f64())
        });
        let id = rng.u128(..);
        RequestPlan { fault, latency, id }
    }
}

impl FaultWhen {
    fn applies_to(self, request: u64, rng: &mut fastrand::Rng) -> bool {
        match self {
            Self::Share(share) => rng.f64() < share,
            Self::Requests { first, last } => {
                first <= request && last.is_none_or(|last| request <= last)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(faults: &[&str], seed: u64) -> FaultPlan {
        FaultPlan {
            faults: faults.iter().map(|text| text.parse().unwrap()).collect(),
            latency: Some("80ms..200ms".parse().unwrap()),
            seed,
        }
    }

    fn affected(text: &str, requests: u64) -> Vec<u64> {
        let plan = plan(&[text], 1);
        (1..=requests)
            .filter(|request| plan.plan_for(*request).fault.is_some())
            .collect()
    }

    #[test]
    fn faults_by_number_affect_exactly_those_requests() {
        assert_eq!(affected("503=#5", 20), [5]);
        assert_eq!(affected("401=#18-", 20), [18, 19, 20]);
        assert_eq!(affected("reset=#2-4", 20), [2, 3, 4]);
    }

    #[test]
    fn a_share_affects_about_that_share_of_requests() {
        let hits = affected("500=1%", 100_000).len();
        assert!((900..1100).contains(&hits), "{hits}");
        assert_eq!(affected("500=0%", 1000).len(), 0);
        assert_eq!(affected("500=100%", 1000).len(), 1000);
    }

    #[test]
    fn one_seed_repeats_its_plans_and_another_does_not() {
        let plans = |seed| -> Vec<RequestPlan> {
            let plan = plan(&["500=20%", "reset=20%"], seed);
            (1..100).map(|request| plan.plan_for(request)).collect()
        };
        assert_eq!(plans(7), plans(7));
        assert_ne!(plans(7), plans(8));
    }

    #[test]
    fn of_several_faults_the_first_given_happens() {
        let plan = plan(&["503=#5-", "reset=100%"], 1);
        assert_eq!(plan.plan_for(4).fault, Some(FaultKind::Reset));
        assert_eq!(
            plan.plan_for(5).fault,
            Some(FaultKind::Status(StatusCode::SERVICE_UNAVAILABLE))
        );
    }

    #[test]
    fn latency_stays_within_its_range() {
        let plan = plan(&[], 3);
        for request in 1..1000 {
            let latency = plan.plan_for(request).latency.as_millis();
            assert!((80..=200).contains(&latency), "{latency}");
        }
        assert_eq!("80ms".parse::<Latency>().unwrap().longest.as_millis(), 80);
    }

    #[test]
    fn an_invalid_fault_or_latency_is_refused() {
        for text in [
            "", "503", "=1%", "200=1%", "600=1%", "+503=1%", "crash=1%", "503=", "503=1",
            "503=101%", "503=-1%", "503=NaN%", "503=%", "503=#", "503=#0", "503=#5-4", "503=#-4",
        ] {
            assert!(text.parse::<FaultRule>().is_err(), "{text}");
        }
        for text in ["", "80", "-80ms", "200ms..80ms", "80ms..", "..80ms"] {
            assert!(text.parse::<Latency>().is_err(), "{text}");
        }
    }
}
