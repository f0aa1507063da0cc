//! Keys that have to be asked for, in chunks that fill a call. Decides which chunk is next.
//!
//! Does not know how a call is made, or which rows wait for it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use super::{
    domain_forms,
    steps::{LookupStage, LookupStep},
};
use crate::{
    api::KeyQuery,
    association::{KeyKind, KeyProperty},
};

/// The most domains in one search: each is searched in two forms at least.
const DOMAINS_PER_SEARCH: usize = KeyQuery::MAX_VALUES / 2;

/// Keys of one property that are asked for together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyChunk {
    pub(super) property: KeyProperty,
    pub(super) step: LookupStep,
    pub(super) values: Vec<Arc<str>>,
}

/// Keys of one property that wait for the same step.
#[derive(Debug, Default)]
struct KeyQueue {
    /// Each with the time before which it is not asked for.
    values: VecDeque<(Arc<str>, Instant)>,
    /// The longest time that one of them has to wait.
    longest_wait: Duration,
    /// Chunks that are being asked for.
    in_flight: usize,
}

/// All keys that have to be asked for.
#[derive(Debug, Default)]
pub(super) struct KeyQueues(BTreeMap<(KeyProperty, LookupStep), KeyQueue>);

impl KeyQueues {
    /// A key is asked for in this way, not before `wait` is over.
    pub(super) fn add(
        &mut self,
        property: KeyProperty,
        step: LookupStep,
        value: Arc<str>,
        wait: Duration,
    ) {
        let queue = self.0.entry((property, step)).or_default();
        queue.values.push_back((value, Instant::now() + wait));
        queue.longest_wait = queue.longest_wait.max(wait);
    }

    /// Whether enough full chunks wait to keep this many calls busy.
    pub(super) fn has_full_chunks(&self, chunks: usize) -> bool {
        let full = self
            .0
            .iter()
            .map(|((property, step), queue)| queue.values.len() / max_keys(*property, *step));
        full.sum::<usize>() >= chunks
    }

    /// Whether nothing waits and nothing is in flight.
    pub(super) fn is_empty(&self) -> bool {
        let mut queues = self.0.values();
        queues.all(|queue| queue.values.is_empty() && queue.in_flight == 0)
    }

    /// Whether keys wait that may be asked for before those in flight are answered.
    pub(super) fn has_independent(&self) -> bool {
        let mut queues = self.in_order();
        queues.any(|(_, queue, is_open)| !is_open && !queue.values.is_empty())
    }

    /// The queues, and whether an earlier step may still add keys to each.
    fn in_order(&self) -> impl Iterator<Item = (&(KeyProperty, LookupStep), &KeyQueue, bool)> {
        let mut earlier_in_work = None;
        self.0.iter().map(move |(place, queue)| {
            let (property, _) = *place;
            let is_open = earlier_in_work == Some(property);
            if !queue.values.is_empty() || queue.in_flight > 0 {
                earlier_in_work = Some(property);
            }
            (place, queue, is_open)
        })
    }

    /// The next chunk: a full one, or any if no more keys come soon (`is_flushing`). A chunk that is
    /// not full waits for those that an earlier step may still add to it, and for those that may soon
    /// be asked for.
    pub(super) fn next(&mut self, now: Instant, is_flushing: bool) -> Option<KeyChunk> {
        let chosen = self
            .in_order()
            .find_map(|(&(property, step), queue, is_open)| {
                let max = max_keys(property, step);
                let due = queue.due(now);
                let may_be_partial = || queue.partial_due().is_some_and(|at| at <= now);
                let is_ready = due >= max || is_flushing && !is_open && may_be_partial();
                is_ready.then(|| ((property, step), queue.fitting(property, due.min(max))))
            });
        let ((property, step), keys) = chosen?;
        let queue = self.0.get_mut(&(property, step))?;
        queue.in_flight += 1;
        let values = queue.values.drain(..keys).map(|(value, _)| value);
        Some(KeyChunk {
            property,
            step,
            values: values.collect(),
        })
    }

    /// A chunk is no longer in flight.
    pub(super) fn finish(&mut self, property: KeyProperty, step: LookupStep) {
        if let Some(queue) = self.0.get_mut(&(property, step)) {
            queue.in_flight -= 1;
        }
    }

    /// How many keys have to wait, and how long until a chunk of them may go.
    pub(super) fn later(&self, now: Instant) -> Option<(usize, Duration)> {
        let at = self.next_due(now)?;
        let waiting = self
            .0
            .values()
            .filter(|queue| !queue.longest_wait.is_zero());
        let keys = waiting.map(|queue| queue.values.len()).sum();
        Some((keys, at.duration_since(now)))
    }

    /// When the next chunk of keys that have to wait may go.
    pub(super) fn next_due(&self, now: Instant) -> Option<Instant> {
        let due = self.0.iter().flat_map(|((property, step), queue)| {
            let last_of_full = queue.values.get(max_keys(*property, *step) - 1);
            [last_of_full.map(|(_, at)| *at), queue.partial_due()]
        });
        due.flatten().filter(|at| *at > now).min()
    }
}

impl KeyQueue {
    /// How many keys may be asked for now.
    fn due(&self, now: Instant) -> usize {
        self.values.partition_point(|(_, at)| *at <= now)
    }

    /// When a chunk that is not full may go: when all keys that wait now may be asked for, but no later
    /// than after the first has waited as long again.
    fn partial_due(&self) -> Option<Instant> {
        let (_, first) = self.values.front()?;
        let (_, last) = self.values.back()?;
        Some(*last.min(&(*first + self.longest_wait)))
    }

    /// How many of the first `due` keys fit into one call.
    fn fitting(&self, property: KeyProperty, due: usize) -> usize {
        let values = self.values.iter().take(due).map(|(value, _)| value);
        match property.kind() {
            KeyKind::Domain => domain_forms::fitting(values, KeyQuery::MAX_VALUES),
            KeyKind::Email | KeyKind::RecordUrl | KeyKind::Unique => due,
        }
    }
}

fn max_keys(property: KeyProperty, step: LookupStep) -> usize {
    match (step.stage, property.kind()) {
        (LookupStage::Merged, _) => 1,
        _ if step.is_alone => 1,
        (LookupStage::First | LookupStage::Again, KeyKind::Domain) => DOMAINS_PER_SEARCH,
        (
            LookupStage::First | LookupStage::Again | LookupStage::Archived,
            KeyKind::Email | KeyKind::Domain | KeyKind::RecordUrl | KeyKind::Unique,
        ) => KeyQuery::MAX_VALUES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: KeyProperty = KeyProperty {
        object_type: "contacts",
        name: "email",
    };

    const DOMAIN: KeyProperty = KeyProperty {
        object_type: "companies",
        name: "domain",
    };

    const AGAIN: LookupStep = LookupStep::together(LookupStage::Again);

    const ARCHIVED: LookupStep = LookupStep::together(LookupStage::Archived);

    fn add(queues: &mut KeyQueues, property: KeyProperty, step: LookupStep, keys: usize) {
        for key in 0..keys {
            queues.add(property, step, key.to_string().into(), Duration::ZERO);
        }
    }

    fn next(queues: &mut KeyQueues, is_flushing: bool) -> Option<(LookupStep, usize)> {
        let chunk = queues.next(Instant::now(), is_flushing)?;
        Some((chunk.step, chunk.values.len()))
    }

    #[test]
    fn only_full_chunks_go_while_more_keys_may_come() {
        let mut queues = KeyQueues::default();
        add(&mut queues, EMAIL, LookupStep::FIRST, 150);
        add(&mut queues, DOMAIN, LookupStep::FIRST, 60);
        let together = |keys| Some((LookupStep::FIRST, keys));
        assert_eq!(next(&mut queues, false), together(50));
        assert_eq!(next(&mut queues, false), together(100));
        assert_eq!(next(&mut queues, false), None);
        assert_eq!(next(&mut queues, true), together(10));
        assert_eq!(next(&mut queues, true), together(50));
        assert_eq!(next(&mut queues, true), None);
    }

    #[test]
    fn a_partial_chunk_waits_for_the_misses_of_earlier_steps() {
        let mut queues = KeyQueues::default();
        add(&mut queues, EMAIL, LookupStep::FIRST, 1);
        add(&mut queues, EMAIL, ARCHIVED, 3);
        assert_eq!(next(&mut queues, true), Some((LookupStep::FIRST, 1)));
        assert_eq!(next(&mut queues, true), None);
        add(&mut queues, EMAIL, ARCHIVED, 1);
        queues.finish(EMAIL, LookupStep::FIRST);
        assert_eq!(next(&mut queues, true), Some((ARCHIVED, 4)));
        assert!(!queues.is_empty());
        queues.finish(EMAIL, ARCHIVED);
        assert!(queues.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_is_searched_for_again_only_when_its_time_has_come() {
        let mut queues = KeyQueues::default();
        let lag = Duration::from_secs(10);
        queues.add(DOMAIN, AGAIN, "x.com".into(), lag);
        assert_eq!(next(&mut queues, true), None);
        assert_eq!(queues.next_due(Instant::now()), Some(Instant::now() + lag));
        tokio::time::advance(lag).await;
        assert_eq!(next(&mut queues, true), Some((AGAIN, 1)));
    }

    /// Keys that have to wait come at these seconds. Returns the second at which a chunk goes, and its
    /// size.
    async fn first_chunk(arrivals: impl IntoIterator<Item = u64>) -> (u64, usize) {
        let mut queues = KeyQueues::default();
        let (lag, started) = (Duration::from_secs(10), Instant::now());
        let mut arrivals = arrivals.into_iter().peekable();
        loop {
            let second = started.elapsed().as_secs();
            while arrivals.next_if(|at| *at <= second).is_some() {
                queues.add(DOMAIN, AGAIN, "x.com".into(), lag);
            }
            if let Some((_, keys)) = next(&mut queues, true) {
                return (second, keys);
            }
            let arrival = arrivals.peek().map(|at| started + Duration::from_secs(*at));
            let due = queues.next_due(Instant::now());
            let next = arrival.into_iter().chain(due).min();
            tokio::time::sleep_until(next.unwrap()).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_may_soon_be_asked_for_go_together() {
        assert_eq!(first_chunk([0, 4]).await, (14, 2));
        // But not for ever.
        assert_eq!(first_chunk((0..).step_by(3)).await, (20, 4));
        // Nor after they fill a chunk.
        let full = DOMAINS_PER_SEARCH;
        assert_eq!(
            first_chunk([vec![1; full], vec![5]].concat()).await,
            (11, full)
        );
    }
}
