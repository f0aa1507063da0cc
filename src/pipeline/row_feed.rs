//! Feeds resolved rows to the event loop: keeps the resolver going, also while no row is wanted.
//!
//! Knows nothing of how rows are resolved, or what happens to them.

use std::{future::poll_fn, pin::Pin, task::Poll};

use tokio::sync::mpsc;

use super::resolve::{ResolvedRows, ResolvedSender};

/// The resolver and the rows that it has resolved.
pub(super) struct RowFeed<F> {
    /// `None` once it has ended.
    resolver: Option<Pin<Box<F>>>,
    resolved: mpsc::Receiver<ResolvedRows>,
    is_closed: bool,
}

impl<F: Future<Output = ()>> RowFeed<F> {
    /// Starts the resolver.
    pub(super) fn new(resolver: impl FnOnce(ResolvedSender) -> F) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        Self {
            resolver: Some(Box::pin(resolver(sender))),
            resolved: receiver,
            is_closed: false,
        }
    }

    /// Takes no more rows. The resolver has to come to its end.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
        self.resolved.close();
    }

    /// Whether the resolver has come to its end.
    pub(super) fn has_ended(&self) -> bool {
        self.resolver.is_none()
    }

    /// The next rows, if they are wanted; `None` after the last. Otherwise the future does not end,
    /// and only the resolver goes on. Once it is closed, there is `None` at the end of the resolver.
    pub(super) async fn next(&mut self, is_wanted: bool) -> Option<ResolvedRows> {
        poll_fn(|context| {
            if let Some(resolver) = &mut self.resolver
                && resolver.as_mut().poll(context).is_ready()
            {
                self.resolver = None;
            }
            if self.is_closed {
                if self.resolver.is_none() {
                    Poll::Ready(None)
                } else {
                    Poll::Pending
                }
            } else if is_wanted {
                self.resolved.poll_recv(context)
            } else {
                Poll::Pending
            }
        })
        .await
    }
}
