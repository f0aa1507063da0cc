//! The connections of a run. Dead pooled connections are dropped, and a request can get a new
//! connection.
//!
//! Knows nothing about the meaning of requests, rate limits or retries.

use std::cell::{Cell, OnceCell, RefCell};

use reqwest::{Client, Request, Response};
use tokio::time::Instant;

use super::http::{self, ClientError, ClientOptions};

/// Which connection a request uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionChoice {
    /// A pooled one, if there is one.
    Pooled,
    /// A new one, which nothing else uses.
    New,
}

/// All connections to the API.
#[derive(Debug)]
pub(super) struct Connections {
    options: ClientOptions,
    /// The client that pools connections.
    pooled_client: RefCell<Client>,
    /// The number of pooling clients that were replaced before this one.
    replaced_clients: Cell<u64>,
    /// When a pooled connection last got a response.
    answered_at: Cell<Option<Instant>>,
    /// The client without a pool, created when it is first needed.
    unpooled_client: OnceCell<Client>,
}

impl Connections {
    /// No connection is made yet.
    pub(super) fn new(options: ClientOptions) -> Result<Self, ClientError> {
        Ok(Self {
            pooled_client: RefCell::new(http::client(&options, true)?),
            options,
            replaced_clients: Cell::new(0),
            answered_at: Cell::new(None),
            unpooled_client: OnceCell::new(),
        })
    }

    /// Sends one request. Not an `async fn`, because that would keep the request in memory until
    /// the response comes.
    pub(super) fn execute(
        &self,
        request: Request,
        connection: ConnectionChoice,
    ) -> impl Future<Output = reqwest::Result<Response>> {
        let (replaced_before, sent_at) = (self.replaced_clients.get(), Instant::now());
        let sent = match connection {
            ConnectionChoice::Pooled => self.pooled_client.borrow().execute(request),
            ConnectionChoice::New => self.unpooled_client().execute(request),
        };
        async move {
            let result = sent.await;
            if connection == ConnectionChoice::Pooled
                && replaced_before == self.replaced_clients.get()
            {
                match &result {
                    Ok(_) => self.answered_at.set(Some(Instant::now())),
                    Err(error) if self.is_dead(error, sent_at) => self.replace_client(),
                    Err(_) => {}
                }
            }
            result
        }
    }

    fn unpooled_client(&self) -> &Client {
        self.unpooled_client.get_or_init(|| {
            let client = http::client(&self.options, false);
            client.unwrap_or_else(|_| self.pooled_client.borrow().clone())
        })
    }

    fn is_dead(&self, error: &reqwest::Error, sent_at: Instant) -> bool {
        let others_answered = self.answered_at.get().is_some_and(|at| at > sent_at);
        !error.is_connect() && connections_are_dead(error.is_timeout(), others_answered)
    }

    /// Requests in flight continue, but no other request uses the old connections.
    fn replace_client(&self) {
        // These options worked before. If they do not work now, the old client stays.
        if let Ok(client) = http::client(&self.options, true) {
            *self.pooled_client.borrow_mut() = client;
            self.replaced_clients.update(|clients| clients + 1);
            self.answered_at.set(None);
        }
    }
}

/// Whether a request without a response shows that the pooled connections are dead. A broken
/// connection does: whatever closed it has closed the others as well. A time-out does only if no
/// other connection got a response meanwhile; otherwise one slow call would drop them all.
fn connections_are_dead(is_timeout: bool, others_answered: bool) -> bool {
    !(is_timeout && others_answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_response_among_others_drops_no_connection() {
        for (is_timeout, others_answered, dead) in [
            (true, true, false),
            (true, false, true),
            (false, true, true),
            (false, false, true),
        ] {
            assert_eq!(connections_are_dead(is_timeout, others_answered), dead);
        }
    }
}
