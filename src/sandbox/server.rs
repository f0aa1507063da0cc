//! HTTP: reads whole requests, waits as long as was decided, and answers or
//! breaks the connection.
//!
//! What is answered is decided in the room.

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
    answer::tell_quota,
    connection::{Cut, Door},
    request::Arrived,
    room::{Fate, Reply, Room},
};

/// Bytes of a body at most; our choice: a full batch has some 15 kB.
const BODY_LIMIT: usize = 1024 * 1024;

/// Longest silence before the connection is reset after all; our choice, above
/// every sane client's time-out.
const LONGEST_SILENCE: Duration = Duration::from_secs(120);

/// Wait of an account that moves between data centres, in seconds, where no
/// option says another: 477 always carries one.
const MIGRATION_SECONDS: u32 = 30;

/// What every request needs.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) room: Arc<Room>,
    pub(super) retry_after: Option<u32>,
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, shared: Shared) {
    let handler = handle
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(shared)
        .into_make_service_with_connect_info::<Cut>();
    // It never ends by itself, nor with an error: accepting goes on for ever.
    let _ = axum::serve(Door(listener), handler).await;
}

async fn handle(
    State(shared): State<Shared>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match &body {
        Ok(body) => Some(&**body),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => None,
        // The client went away in the middle: there was no request.
        Err(_) => return reset(&cut),
    };
    let fate = shared.room.receive(Arrived {
        method: &method,
        uri: &uri,
        headers: &headers,
        body,
        at: Instant::now(),
    });
    match fate {
        Fate::Answered(reply, latency) => {
            wait(latency).await;
            respond(reply, shared.retry_after)
        }
        Fate::Reset(latency) => {
            wait(latency).await;
            reset(&cut)
        }
        Fate::Silence => {
            sleep(LONGEST_SILENCE).await;
            reset(&cut)
        }
    }
}

/// Even a sleep of no time would cost a turn of the timer's wheel, 1 ms.
async fn wait(latency: Duration) {
    if !latency.is_zero() {
        sleep(latency).await;
    }
}

fn respond(reply: Reply, retry_after: Option<u32>) -> Response {
    let mut response = reply.answer.into_response(reply.id);
    let seconds = match response.status().as_u16() {
        429 | 503 => retry_after,
        477 => retry_after.or(Some(MIGRATION_SECONDS)),
        _ => None,
    };
    let headers = response.headers_mut();
    if let Some(seconds) = seconds {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(standing) = reply.standing {
        tell_quota(headers, standing);
    }
    response
}

/// The response is never written: the first attempt to write closes the socket.
fn reset(cut: &Cut) -> Response {
    cut.cut();
    Response::new(Body::empty())
}
