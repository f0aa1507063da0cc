//! The connections of a run, and what is done about kept ones that have gone
//! dead: they are let go of, and a request may have one of its own.
//!
//! Knows nothing of what requests mean, of pace or of retries.

use std::cell::{Cell, OnceCell, RefCell};

use reqwest::{Client, Request, Response};
use tokio::time::Instant;

use super::http::{self, ClientError, ClientOptions};

/// Which connection a request goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionChoice {
    /// One that was kept, if there is one.
    Kept,
    /// One of its own, that nothing has gone over before.
    Fresh,
}

/// All connections to the API.
#[derive(Debug)]
pub(super) struct Connections {
    options: ClientOptions,
    /// The client that keeps them, and how many it has replaced.
    keeping: RefCell<Client>,
    replaced: Cell<u64>,
    /// When one of its connections last answered.
    answered_at: Cell<Option<Instant>>,
    /// The client that keeps none, once there is one.
    fresh: OnceCell<Client>,
}

impl Connections {
    /// None is made yet.
    pub(super) fn new(options: ClientOptions) -> Result<Self, ClientError> {
        Ok(Self {
            keeping: RefCell::new(http::client(&options, true)?),
            options,
            replaced: Cell::new(0),
            answered_at: Cell::new(None),
            fresh: OnceCell::new(),
        })
    }

    /// One request. No `async fn`, which would keep it as long as its answer.
    pub(super) fn execute(
        &self,
        request: Request,
        connection: ConnectionChoice,
    ) -> impl Future<Output = reqwest::Result<Response>> {
        let (client, sent_at) = (self.replaced.get(), Instant::now());
        let sent = match connection {
            ConnectionChoice::Kept => self.keeping.borrow().execute(request),
            ConnectionChoice::Fresh => self.fresh().execute(request),
        };
        async move {
            let got = sent.await;
            if connection == ConnectionChoice::Kept && client == self.replaced.get() {
                match &got {
                    Ok(_) => self.answered_at.set(Some(Instant::now())),
                    Err(error) if self.is_dead(error, sent_at) => self.replace_client(),
                    Err(_) => {}
                }
            }
            got
        }
    }

    fn fresh(&self) -> &Client {
        self.fresh.get_or_init(|| {
            let fresh = http::client(&self.options, false);
            fresh.unwrap_or_else(|_| self.keeping.borrow().clone())
        })
    }

    fn is_dead(&self, error: &reqwest::Error, sent_at: Instant) -> bool {
        let others = self.answered_at.get().is_some_and(|at| at > sent_at);
        !error.is_connect() && connections_are_dead(error.is_timeout(), others)
    }

    /// What is under way goes on; no other request goes over those connections.
    fn replace_client(&self) {
        // The same setup did once; if it does no longer, there is what there was.
        if let Ok(client) = http::client(&self.options, true) {
            *self.keeping.borrow_mut() = client;
            self.replaced.update(|clients| clients + 1);
            self.answered_at.set(None);
        }
    }
}

/// Whether a request without an answer shows that the kept connections are dead.
/// One that broke does: what closed it has closed the others, too. Silence does
/// only if none of them has answered meanwhile, or one slow call would cost all.
fn connections_are_dead(is_silence: bool, others_answered: bool) -> bool {
    !(is_silence && others_answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_answer_among_others_lets_no_connection_go() {
        for (is_silence, others_answered, dead) in [
            (true, true, false),
            (true, false, true),
            (false, true, true),
            (false, false, true),
        ] {
            assert_eq!(connections_are_dead(is_silence, others_answered), dead);
        }
    }
}
