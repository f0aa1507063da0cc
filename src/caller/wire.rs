//! One request over the wire, counted and timed by its kind.

use std::sync::Arc;

use tokio::time::Instant;

use super::{activity::Activity, operations::Kind};
use crate::api::{Answer, Api, Call, Verdict};

/// The API, and who counts its calls.
#[derive(Debug)]
pub(super) struct Wire<A> {
    api: A,
    activity: Arc<Activity>,
}

impl<A: Api> Wire<A> {
    pub(super) fn new(api: A, activity: Arc<Activity>) -> Self {
        Self { api, activity }
    }

    pub(super) fn api(&self) -> &A {
        &self.api
    }

    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// One request, which leaves `at` this time; `afresh` is over a connection that nothing
    /// has gone over before.
    pub(super) async fn send(&self, call: Call<'_>, afresh: bool, at: Instant) -> Answer {
        self.activity.call();
        let answer = if afresh {
            Box::pin(self.api.call_afresh(call)).await
        } else {
            self.api.call(call).await
        };
        if matches!(answer.verdict, Verdict::Unsent(_)) {
            self.activity.never_left();
        } else {
            let kind = Kind::of(call);
            self.activity.answered(kind, at.elapsed());
            if kind == Kind::Create && answer.verdict.may_have_written() {
                self.activity.perhaps_written();
            }
        }
        if let Some(quota) = answer.quota {
            self.activity.quota(quota);
        }
        answer
    }
}
