//! What an apply of a plan takes: calls, time, and its share of the day's quota. Pure.

use std::{
    collections::{BTreeMap, HashMap},
    slice,
};

use crate::{
    api::{Api, BatchGroup, LinkOperation, LinkQuery, Operation, RateClass, ReportedQuota},
    app::preview::preview_lines::expected_time,
    association::LinkRequest,
    caller::Pace,
    plan::PlanEffort,
};

/// The writes of a plan, by what can share a call.
#[derive(Debug)]
pub(super) struct WriteCalls {
    rows_per_call: usize,
    rows: HashMap<BatchGroup, u64>,
    /// The most writes that go one after the other.
    in_turn: u64,
    /// Any of the writes: they all count in the same window.
    sample: Option<LinkRequest>,
}

/// What else has to be known.
#[derive(Clone, Copy, Debug)]
pub(super) struct EffortFacts {
    /// Rows whose links are read again.
    pub(super) rows_to_read: u64,
    /// Rows in a call that reads.
    pub(super) rows_per_read: usize,
    /// The pace that the user asked for.
    pub(super) pace: Pace,
    /// What HubSpot says about the quota.
    pub(super) quota: ReportedQuota,
    /// Calls that the plan itself sent.
    pub(super) calls_of_plan: u64,
}

impl WriteCalls {
    /// No writes, with at most so many rows in a call.
    pub(super) fn new(rows_per_call: usize) -> Self {
        Self {
            rows_per_call,
            rows: HashMap::new(),
            in_turn: 0,
            sample: None,
        }
    }

    /// Adds a write. By now so many go one after the other.
    pub(super) fn add(&mut self, request: LinkRequest, in_turn: u64, api: &impl Api) {
        self.in_turn = in_turn;
        let group = api.batch_group(LinkOperation::Create, &request);
        *self.rows.entry(group).or_default() += 1;
        self.sample.get_or_insert(request);
    }

    /// What an apply takes, without retries.
    pub(super) fn effort(&self, api: &impl Api, facts: EffortFacts) -> PlanEffort {
        let rows_per_call = api
            .max_links(LinkOperation::Create, self.rows_per_call)
            .max(1);
        let calls = |rows: u64, per_call: usize| rows.div_ceil(per_call.max(1) as u64);
        let full = self.rows.values().map(|rows| calls(*rows, rows_per_call));
        let write_calls = full.sum::<u64>().max(self.in_turn);
        // Each of them is read again after the one before.
        let read_calls = calls(facts.rows_to_read, facts.rows_per_read).max(self.in_turn);
        let read_class = api.class(Operation::Read(&LinkQuery::default()));
        let mut calls_by_window = BTreeMap::<String, u64>::new();
        let writes = self.class(api, rows_per_call);
        let writes = writes.map(|class| (class, write_calls));
        let reads = (read_calls > 0).then_some((read_class, read_calls));
        for (class, calls) in writes.into_iter().chain(reads) {
            *calls_by_window
                .entry(window_name(class).to_owned())
                .or_default() += calls;
        }
        let pace = match (facts.pace, facts.quota.window) {
            (Pace::Auto, Some(window)) => Pace::Limited(window),
            (pace, _) => pace,
        };
        // Windows pass at the same time.
        let most_calls = calls_by_window.values().max().copied().unwrap_or(0);
        PlanEffort {
            write_calls,
            read_calls,
            seconds: expected_time(most_calls, pace).map(|time| time.as_secs()),
            calls_by_window,
            daily_calls: facts.quota.daily,
            daily_calls_remaining: facts.quota.daily_remaining,
            calls_of_plan: facts.calls_of_plan,
        }
    }

    /// The class in which writes count.
    fn class(&self, api: &impl Api, rows_per_call: usize) -> Option<RateClass> {
        let sample = self.sample.as_ref()?;
        Some(if rows_per_call > 1 {
            api.class(Operation::Create(&[sample.clone(), sample.clone()]))
        } else {
            api.class(Operation::Create(slice::from_ref(sample)))
        })
    }
}

/// The name of a window, for people and programs.
fn window_name(class: RateClass) -> &'static str {
    match class {
        RateClass::Single => "general",
        RateClass::Batch => "associations",
        RateClass::Search => "search",
    }
}
