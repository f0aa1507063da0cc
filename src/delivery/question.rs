//! Questions that are no matter of rows: paced, counted and retried by the same
//! rules, but with tries of their own. A refusal of one is no verdict on rows,
//! and whether there is a HubSpot is not told by it.
//!
//! Knows nothing of what the answers are good for.

use super::{
    Delivery, Sent,
    fate::{Again, Fate},
    parcel::Parcel,
    retry,
    sequel::End,
    trip::Trip,
    trouble::Turn,
};
use crate::{
    api::{Answer, Api, Call, Told, Verdict},
    association::{LimitInfo, Spec},
    code::Code,
    row::Failure,
};

/// The types of links between two object types, each with its label.
pub type Labels = Vec<(Spec, Option<String>)>;

/// What one attempt at a question came to.
enum Attempt {
    Again(Again),
    Ended(Result<Told, Failure>),
}

impl<A: Api> Delivery<A> {
    /// What HubSpot tells to a question, or why it does not; `None` if the run
    /// stops. Of another account than the one that is expected nothing is asked.
    pub async fn ask(&self, call: Call<'_>) -> Option<Result<Told, Failure>> {
        let mut question = Trip::start(Parcel::default(), None, &self.api);
        let mut unanswered = 0;
        let reply = loop {
            match self.attempt_question(&mut question, call).await? {
                Attempt::Again(again) => {
                    unanswered = if question.afresh { unanswered + 1 } else { 0 };
                    // A run goes on without this answer: if something between here and
                    // HubSpot stops only this question, that is no outage.
                    let may_be_barred = matches!(call, Call::Records(..));
                    let is_enough = unanswered >= self.retry.max_attempts;
                    if is_enough && may_be_barred && self.is_answered_else().await? {
                        break Err(barred(unanswered));
                    }
                    self.wait(&mut question, again).await;
                }
                Attempt::Ended(reply) => break reply,
            }
        };
        self.outage.borrow_mut().settled(&question.tries);
        Some(reply)
    }

    /// The labels of links from one object type to another, or why they are not
    /// known; `None` if the run stops.
    pub async fn labels(&self, from: &str, to: &str) -> Option<Result<Labels, Failure>> {
        self.ask_for(Call::Labels(from, to), Told::into_labels)
            .await
    }

    /// The limits that administrators have set, or why they are not known; `None` if the run
    /// stops.
    pub async fn limits(&self) -> Option<Result<Vec<LimitInfo>, Failure>> {
        self.ask_for(Call::Limits, Told::into_limits).await
    }

    /// What a question is asked for, or why it is not told.
    pub(super) async fn ask_for<T>(
        &self,
        call: Call<'_>,
        wanted: impl FnOnce(Told) -> Option<T>,
    ) -> Option<Result<T, Failure>> {
        let told = self.ask(call).await?;
        Some(told.and_then(|told| wanted(told).ok_or_else(|| not_told(&call, None))))
    }

    /// Whether HubSpot answers another question, whatever it says; `None` if the run stops.
    async fn is_answered_else(&self) -> Option<bool> {
        let verdict = self.ask_once(Call::Account).await?.verdict;
        Some(matches!(
            verdict,
            Verdict::Done { .. } | Verdict::Each(_) | Verdict::Refused(_)
        ))
    }

    /// One attempt in its turn, whatever comes of it, and another one if the token
    /// was out of date; `None` if the run stops.
    pub async fn ask_once(&self, call: Call<'_>) -> Option<Answer> {
        let turn = self.turn(self.api.class(call)).await?;
        let answer = self.send(turn, call, false).await.answer;
        if !matches!(answer.verdict, Verdict::Outdated(_) | Verdict::Replaced(_)) {
            return Some(answer);
        }
        let turn = self.turn(self.api.class(call)).await?;
        Some(self.send(turn, call, false).await.answer)
    }

    /// `None` if the run stops.
    async fn attempt_question(&self, question: &mut Trip, call: Call<'_>) -> Option<Attempt> {
        let turn = self.turn_of_question(call).await?;
        let Sent { turn, at, answer } = self.send(turn, call, question.afresh).await;
        question.count(turn.is_some());
        question.afresh = matches!(answer.verdict, Verdict::Unreachable(_));
        question.trace(&answer.verdict);
        let why = why(&answer.verdict, &call);
        let fate = match answer.verdict {
            Verdict::Done { .. } | Verdict::Each(_) | Verdict::Refused(_) => {
                Fate::Ends(End::Unsettled)
            }
            Verdict::Transient { .. }
            | Verdict::Throttled { .. }
            | Verdict::Unsent(_)
            | Verdict::Unreachable(_)
            | Verdict::NoVerdict(_)
            | Verdict::DayUsedUp(_)
            | Verdict::Outdated(_)
            | Verdict::Replaced(_)
            | Verdict::Fatal(_) => self.obey(question, answer.verdict, at),
        };
        match fate {
            Fate::Again(again) => Some(Attempt::Again(again)),
            Fate::Ends(_) | Fate::Held(_) if self.stop.is_requested() => None,
            Fate::Ends(_) | Fate::Held(_) => Some(Attempt::Ended(answer.told.ok_or(why))),
        }
    }

    /// A turn for a question; the account is known by then, unless it is what
    /// is asked for.
    async fn turn_of_question(&self, call: Call<'_>) -> Option<Result<Turn<'_>, Verdict>> {
        let class = self.api.class(call);
        match call {
            Call::Account => {
                if !self.day_goes_on() && !self.meet_day().await {
                    return None;
                }
                self.turn(class).await
            }
            Call::Create(_)
            | Call::Remove(_)
            | Call::Read(_)
            | Call::Records(..)
            | Call::Labels(..)
            | Call::Limits
            | Call::Day
            | Call::Scopes => self.turn_of_rows(class).await,
        }
    }
}

fn barred(tries: u32) -> Failure {
    let message = format!(
        "no answer came after {}, while HubSpot answered another question: a proxy or firewall \
         may stop it",
        retry::tries(tries)
    );
    Failure::new(Code::ConnectionFailed, message)
}

/// Why an answer did not tell what was asked for.
fn why(verdict: &Verdict, call: &Call<'_>) -> Failure {
    let http_status = if let Verdict::Done { http_status } = verdict {
        Some(*http_status)
    } else {
        // The run stops, or asks again.
        None
    };
    let failure = verdict.failure().cloned();
    failure.unwrap_or_else(|| not_told(call, http_status))
}

/// An answer of success that lacks what was asked for.
fn not_told(call: &Call<'_>, http_status: Option<u16>) -> Failure {
    let what = match call {
        Call::Account => "a portalId",
        Call::Day => "a limit",
        Call::Scopes => "scopes",
        Call::Labels(..) => "labels",
        Call::Limits => "limits",
        Call::Records(..) => "an id",
        Call::Create(_) | Call::Remove(_) | Call::Read(_) => "links",
    };
    let status = http_status.map_or(String::new(), |status| format!("HTTP {status} "));
    let message = format!("{status}without {what}");
    Failure {
        http_status,
        ..Failure::new(Code::UnexpectedAnswer, message)
    }
}
