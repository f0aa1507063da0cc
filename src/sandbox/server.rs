//! The HTTP server: reads whole requests, waits for the planned latency, and answers or resets the
//! connection.
//!
//! The processor decides on the answers.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{ConnectInfo, DefaultBodyLimit, State, rejection::BytesRejection},
    handler::Handler,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
};
use bytes::Bytes;
use tokio::{
    net::TcpListener,
    time::{Instant, sleep},
};

use super::{
    connection::{ResetHandle, ResettableListener},
    processor::{FullResponse, RequestProcessor, ResponseAction},
    request::IncomingRequest,
    response::add_quota_headers,
};

/// Maximum bytes of a body; our choice: a full batch has some 15 kB.
const BODY_LIMIT: usize = 1024 * 1024;

/// Longest silence before the connection is reset; our choice, longer than any sane client's
/// timeout.
const LONGEST_SILENCE: Duration = Duration::from_secs(120);

/// Default Retry-After, in seconds, of an account that moves between data centres: 477 always has
/// one.
const MIGRATION_SECONDS: u32 = 30;

/// The state that every request needs.
#[derive(Clone, Debug)]
pub(super) struct ServerState {
    pub(super) processor: Arc<RequestProcessor>,
    pub(super) retry_after: Option<u32>,
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, state: ServerState) {
    let handler = handle
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(state)
        .into_make_service_with_connect_info::<ResetHandle>();
    // It neither ends by itself nor fails: it accepts connections for ever.
    let _ = axum::serve(ResettableListener(listener), handler).await;
}

async fn handle(
    State(state): State<ServerState>,
    ConnectInfo(reset_handle): ConnectInfo<ResetHandle>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match &body {
        Ok(body) => Some(&**body),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => None,
        // The client disconnected while sending, so there is no request.
        Err(_) => return reset(&reset_handle),
    };
    let action = state.processor.process(IncomingRequest {
        method: &method,
        uri: &uri,
        headers: &headers,
        body,
        at: Instant::now(),
    });
    match action {
        ResponseAction::Respond(reply, latency) => {
            wait(latency).await;
            respond(reply, state.retry_after)
        }
        ResponseAction::Reset(latency) => {
            wait(latency).await;
            reset(&reset_handle)
        }
        ResponseAction::Silence => {
            sleep(LONGEST_SILENCE).await;
            reset(&reset_handle)
        }
    }
}

/// Even a sleep of zero would take one turn of the timer wheel, 1 ms.
async fn wait(latency: Duration) {
    if !latency.is_zero() {
        sleep(latency).await;
    }
}

fn respond(reply: FullResponse, retry_after: Option<u32>) -> Response {
    let mut response = reply.response.into_response(reply.correlation_id);
    let seconds = match response.status().as_u16() {
        429 | 503 => retry_after,
        477 => retry_after.or(Some(MIGRATION_SECONDS)),
        _ => None,
    };
    let headers = response.headers_mut();
    if let Some(seconds) = seconds {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(status) = reply.quota_status {
        add_quota_headers(headers, status);
    }
    response
}

/// This response is never written, because the first write closes the socket.
fn reset(handle: &ResetHandle) -> Response {
    handle.reset();
    Response::new(Body::empty())
}
