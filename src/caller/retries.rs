//! How often operations are sent again: each by itself, and all together.

use super::budget::RetryBudget;

/// How often rows are tried.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Tries per row, the first one included.
    pub max_attempts: u32,
}

/// The policy, and what is left of the budget.
#[derive(Debug)]
pub(super) struct Retries {
    pub(super) policy: RetryPolicy,
    pub(super) budget: RetryBudget,
}

impl Retries {
    pub(super) fn new(policy: RetryPolicy) -> Self {
        let budget = RetryBudget::new();
        Self { policy, budget }
    }
}
