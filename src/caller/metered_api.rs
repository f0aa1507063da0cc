//! Sends one request, counts it and measures its time.

use std::sync::Arc;

use tokio::time::Instant;

use super::{call_stats::CallKind, metrics::Metrics};
use crate::api::{Api, ApiResponse, Operation, Verdict};

/// The API, and the counters of its calls.
#[derive(Debug)]
pub(super) struct MeteredApi<A> {
    api: A,
    metrics: Arc<Metrics>,
}

impl<A: Api> MeteredApi<A> {
    pub(super) fn new(api: A, metrics: Arc<Metrics>) -> Self {
        Self { api, metrics }
    }

    pub(super) fn api(&self) -> &A {
        &self.api
    }

    pub(super) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Sends one request at `at`. Over a new connection, if asked to.
    pub(super) async fn send(
        &self,
        operation: Operation<'_>,
        on_new_connection: bool,
        at: Instant,
    ) -> ApiResponse {
        let kind = CallKind::from_call(operation);
        self.metrics.count_call(kind);
        let answer = if on_new_connection {
            Box::pin(self.api.execute_on_new_connection(operation)).await
        } else {
            self.api.execute(operation).await
        };
        if matches!(answer.verdict, Verdict::NotSent(_)) {
            self.metrics.uncount_call(kind);
        } else {
            self.metrics.record_latency(kind, at.elapsed());
            if kind == CallKind::Create && answer.verdict.may_have_written() {
                self.metrics.count_possible_write();
            }
        }
        if let Some(quota) = answer.quota {
            self.metrics.set_quota(quota);
        }
        answer
    }
}
