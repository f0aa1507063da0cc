//! Limits how often operations are sent again: each one by its policy, and all together by a
//! budget. The budget is a bucket that successes and time refill. A row that finds it empty waits:
//! first come, first served.

use std::{cell::RefCell, pin::pin, time::Duration};

use futures_util::future::select;
use tokio::{
    sync::{Mutex, Notify},
    time::{Instant, sleep_until},
};

/// Tokens per retry. With one token for each success, a tenth of the requests may be retries, which
/// is Google's share (Site Reliability Engineering, chapter 21). So a sick server gets at most 1.1
/// times the load, and not a multiple of it.
const RETRY: u64 = 10;

/// The bucket holds a hundred retries, as that of the AWS SDKs does (500 tokens, 5 a retry). Short
/// faults are over before it is empty.
const CAPACITY: u64 = 100 * RETRY;

/// The time for a token. Ten tokens, a retry a second, are a tenth of the default pace and the rate
/// of probes in an outage.
const TOKEN_EVERY: Duration = Duration::from_millis(100);

/// Pure: the clock is an argument.
#[derive(Debug)]
struct TokenBucket {
    tokens: u64,
    /// The bucket has been refilled up to this time.
    filled_at: Instant,
}

impl TokenBucket {
    /// Takes a retry's tokens, or returns when time alone will have refilled them.
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

    /// A grant may exceed the capacity. Then nothing is added, and nothing is lost.
    fn fill(&mut self, tokens: u64) {
        self.tokens = self.tokens.max((self.tokens + tokens).min(CAPACITY));
    }
}

/// The retry budget that all rows share.
#[derive(Debug)]
pub(super) struct RetryBudget {
    bucket: RefCell<TokenBucket>,
    /// The holder is next.
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

    /// Returns when a retry may be sent. Calls `if_empty` if it has to wait.
    pub(super) async fn acquire(&self, if_empty: impl Fn()) {
        let _next = self.queue.lock().await;
        loop {
            let taken = self.bucket.borrow_mut().take(Instant::now());
            let Err(at) = taken else { return };
            if_empty();
            select(pin!(sleep_until(at)), pin!(self.filled.notified())).await;
        }
    }

    /// A row succeeded.
    pub(super) fn record_processed(&self) {
        self.bucket.borrow_mut().fill(1);
        self.filled.notify_one();
    }

    /// After an outage this many rows are sent once more. These are no retries against a sick
    /// server, but the first tries against one that is well again.
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
    /// Tries per row, including the first one.
    pub max_attempts: u32,
}

/// The policy and the budget.
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
        // After any time, no more than it holds.
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
    async fn rows_that_find_the_budget_empty_go_in_order_of_arrival() {
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
    async fn after_an_outage_all_waiting_rows_go_on_at_once() {
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
