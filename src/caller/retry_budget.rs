//! How often operations are sent again: each by itself, as its policy says, and all
//! together. These share a bucket that successes and time refill; a row that finds it
//! empty waits, first come, first served.

use std::{cell::RefCell, pin::pin, time::Duration};

use futures_util::future::select;
use tokio::{
    sync::{Mutex, Notify},
    time::{Instant, sleep_until},
};

/// Tokens that a retry takes. With one token for each row that gets through,
/// a tenth of the requests may be retries, which is Google's share (Site
/// Reliability Engineering, chapter 21): a sick server gets 1.1 times the
/// load at most, and not as many times as there are tries.
const RETRY: u64 = 10;

/// The bucket holds a hundred retries, as that of the AWS SDKs does (500
/// tokens, 5 a retry): short faults are over before it is empty.
const CAPACITY: u64 = 100 * RETRY;

/// A token. Ten of them, a retry a second, are a tenth of the default pace,
/// and what an outage is probed with.
const TOKEN_EVERY: Duration = Duration::from_millis(100);

/// Pure: the clock is an argument.
#[derive(Debug)]
struct TokenBucket {
    tokens: u64,
    /// The time that is refilled for.
    filled_at: Instant,
}

impl TokenBucket {
    /// Takes a retry's worth, or says when time alone will have refilled it.
    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let elapsed = now.saturating_duration_since(self.filled_at);
        let tokens = elapsed.as_millis() / TOKEN_EVERY.as_millis();
        match u32::try_from(tokens) {
            Ok(tokens) if u64::from(tokens) < CAPACITY => {
                self.filled_at += TOKEN_EVERY * tokens;
                self.fill(tokens.into());
            }
            _ => {
                self.filled_at = now;
                self.fill(CAPACITY);
            }
        }
        let Some(rest) = self.tokens.checked_sub(RETRY) else {
            let missing = u32::try_from(RETRY - self.tokens).unwrap_or(u32::MAX);
            return Err(self.filled_at + TOKEN_EVERY * missing);
        };
        self.tokens = rest;
        Ok(())
    }

    /// What is above its capacity after a grant stays, but nothing is added.
    fn fill(&mut self, tokens: u64) {
        self.tokens = self.tokens.max((self.tokens + tokens).min(CAPACITY));
    }
}

/// The budget that all rows share.
#[derive(Debug)]
pub(super) struct RetryBudget {
    bucket: RefCell<TokenBucket>,
    /// Whoever holds it is the next.
    queue: Mutex<()>,
    filled: Notify,
}

impl RetryBudget {
    pub(super) fn new() -> Self {
        Self {
            bucket: RefCell::new(TokenBucket {
                tokens: CAPACITY,
                filled_at: Instant::now(),
            }),
            queue: Mutex::default(),
            filled: Notify::new(),
        }
    }

    /// Returns when a retry may be sent; says so `if_empty`.
    pub(super) async fn acquire(&self, if_empty: impl Fn()) {
        let _next = self.queue.lock().await;
        loop {
            let taken = self.bucket.borrow_mut().take(Instant::now());
            let Err(at) = taken else { return };
            if_empty();
            select(pin!(sleep_until(at)), pin!(self.filled.notified())).await;
        }
    }

    /// A row got through.
    pub(super) fn record_success(&self) {
        self.bucket.borrow_mut().fill(1);
        self.filled.notify_one();
    }

    /// After an outage so many rows are sent once more: no retries of a sick
    /// server, but the first tries of one that is well again.
    pub(super) fn grant(&self, rows: usize) {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let granted = rows.saturating_mul(RETRY);
        let mut bucket = self.bucket.borrow_mut();
        bucket.tokens = bucket.tokens.max(granted);
        self.filled.notify_one();
    }
}

/// How often rows are tried.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Tries per row, the first one included.
    pub max_attempts: u32,
}

/// The policy, and what is left of the budget.
#[derive(Debug)]
pub(super) struct RetryControl {
    pub(super) policy: RetryPolicy,
    pub(super) budget: RetryBudget,
}

impl RetryControl {
    pub(super) fn new(policy: RetryPolicy) -> Self {
        let budget = RetryBudget::new();
        Self { policy, budget }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{
        StreamExt as _,
        future::{join, join_all},
        stream::FuturesUnordered,
    };
    use tokio::time::sleep;

    use super::*;

    fn full(now: Instant) -> TokenBucket {
        TokenBucket {
            tokens: CAPACITY,
            filled_at: now,
        }
    }

    fn taken(bucket: &mut TokenBucket, now: Instant) -> usize {
        (0..10_000).take_while(|_| bucket.take(now).is_ok()).count()
    }

    #[test]
    fn a_full_bucket_holds_a_hundred_retries_and_a_second_refills_one() {
        let t = Instant::now();
        let mut bucket = full(t);
        assert_eq!(taken(&mut bucket, t), 100);
        assert_eq!(bucket.take(t), Err(t + Duration::from_secs(1)));
        let half = t + Duration::from_millis(550);
        assert_eq!(bucket.take(half), Err(t + Duration::from_secs(1)));
        assert_eq!(taken(&mut bucket, t + Duration::from_secs(3)), 3);
        // However long: no more than it holds.
        assert_eq!(taken(&mut bucket, t + Duration::from_secs(1 << 40)), 100);
    }

    #[test]
    fn ten_successes_refill_one_retry() {
        let t = Instant::now();
        let mut bucket = full(t);
        bucket.fill(1);
        assert_eq!(taken(&mut bucket, t), 100);
        for _ in 0..25 {
            bucket.fill(1);
        }
        assert_eq!(taken(&mut bucket, t), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn rows_that_find_it_empty_go_in_the_order_in_which_they_came() {
        let budget = RetryBudget::new();
        while budget.bucket.borrow_mut().take(Instant::now()).is_ok() {}
        let start = Instant::now();
        let waiting = (0..3).map(async |row| {
            budget.acquire(|| ()).await;
            (row, start.elapsed().as_secs())
        });
        let waiting: FuturesUnordered<_> = waiting.collect();
        let went: Vec<_> = waiting.collect().await;
        assert_eq!(went, [(0, 1), (1, 2), (2, 3)]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_an_outage_all_who_wait_go_on_at_once() {
        let budget = RetryBudget::new();
        while budget.bucket.borrow_mut().take(Instant::now()).is_ok() {}
        let start = Instant::now();
        let waiting = (0..500).map(|_| budget.acquire(|| ()));
        let end = async {
            sleep(TOKEN_EVERY * 4).await;
            budget.grant(500);
        };
        join(join_all(waiting), end).await;
        assert_eq!(start.elapsed(), TOKEN_EVERY * 4);
    }
}
