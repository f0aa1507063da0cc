//! Under which id a record is known today. A merge gives the surviving record a new
//! id; the old ones lead to it, and HubSpot answers under the new one. So an
//! association that is not found under the id that was asked for is not known to
//! be missing before that id is known to be the record's own.
//!
//! Holds what was learnt, and asks; who needs it decides what follows.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use roaring::RoaringTreemap;

use super::{Delivery, look::Look, parcel::Parcel, sequel::End, trip::Trip};
use crate::{
    api::{Act, Api, Call, Told},
    association::{Association, Merge, Merges, Record, RecordId},
    code::Code,
    messages,
    row::Failure,
};

/// What is known of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// It is the record's own.
    Current,
    /// The record was merged, and has this id today.
    Merged(RecordId),
    /// It could not be found out.
    Unknown(Failure),
}

/// What has been learnt of ids.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// Ids that are the records' own, by object type.
    current: RefCell<BTreeMap<&'static str, RoaringTreemap>>,
    merges: RefCell<Merges>,
    unknown: RefCell<HashMap<Record, Failure>>,
    /// Object types whose records the token may not read.
    denied: RefCell<BTreeMap<&'static str, Failure>>,
    /// Object types of which it has read a record: one that is not found there does not
    /// exist.
    readable: RefCell<BTreeSet<&'static str>>,
}

impl Identities {
    /// An answer has spoken of a record by this id.
    pub(super) fn is_current(&self, (object_type, id): Record) {
        let mut current = self.current.borrow_mut();
        current.entry(object_type).or_default().insert(id.get());
    }

    /// What is known of an id, if anything is.
    pub(super) fn of(&self, record: Record) -> Option<Identity> {
        let (object_type, id) = record;
        if let Some(today) = self.merges.borrow().today(record) {
            return Some(Identity::Merged(today));
        }
        let current = self.current.borrow();
        let is_current = current.get(object_type);
        if is_current.is_some_and(|ids| ids.contains(id.get())) {
            return Some(Identity::Current);
        }
        let unknown = self.unknown.borrow().get(&record).cloned();
        let denied = || {
            let denied = self.denied.borrow();
            let failure = denied.get(object_type)?.clone();
            Some(not_identified(record, failure))
        };
        unknown.or_else(denied).map(Identity::Unknown)
    }

    fn learn(&self, object_type: &'static str, (old, new): (RecordId, RecordId)) {
        self.merges.borrow_mut().learn(Merge {
            object_type,
            old,
            new,
        });
        self.is_current((object_type, new));
        self.readable.borrow_mut().insert(object_type);
    }

    fn is_readable(&self, object_type: &str) -> bool {
        self.readable.borrow().contains(object_type)
    }

    fn deny(&self, object_type: &'static str, failure: Failure) {
        self.denied.borrow_mut().insert(object_type, failure);
    }
}

/// Both ends of an association, where their object types are known.
pub(super) fn ends(link: &Association) -> impl Iterator<Item = Record> {
    let info = link.definition.info();
    let ends = info.map(|info| [(info.from, link.from), (info.to, link.to)]);
    ends.into_iter().flatten()
}

impl<A: Api> Delivery<A> {
    /// An association with the ids that its records have today, as far as that is
    /// known.
    #[must_use]
    pub fn resolve(&self, link: &Association) -> Association {
        self.identities.merges.borrow().resolve(link)
    }

    /// Old ids that are known to lead to the record that an association starts
    /// from.
    #[must_use]
    pub fn former_from_ids(&self, link: &Association) -> Vec<RecordId> {
        let merges = self.identities.merges.borrow();
        let from = ends(link).next();
        from.map_or_else(Vec::new, |from| merges.former(from).collect())
    }

    /// Merges that were learnt after so many.
    #[must_use]
    pub fn merges_after(&self, known: usize) -> Vec<Merge> {
        self.identities.merges.borrow().after(known).to_vec()
    }

    /// Merges that an earlier session has learnt.
    #[must_use]
    pub fn knowing(self, merges: Merges) -> Self {
        self.identities.merges.replace(merges);
        self
    }

    /// Whether it is known, or known to be unknowable, which records an association
    /// is between.
    #[must_use]
    pub fn is_identified(&self, link: &Association) -> bool {
        ends(link).all(|record| self.identities.of(record).is_some())
    }

    /// Why it could not be found out which records an association is between, if it
    /// could not.
    #[must_use]
    pub fn doubt(&self, link: &Association) -> Option<Failure> {
        ends(link).find_map(|record| match self.identities.of(record)? {
            Identity::Unknown(failure) => Some(failure),
            Identity::Current | Identity::Merged(_) => None,
        })
    }

    /// Finds out the ids of today of the records of these rows; `None` if the run
    /// stops.
    pub(super) async fn identify_rows(&self, parcel: &Parcel) -> Option<()> {
        let records = parcel.links().flat_map(ends).collect();
        self.identify(records, |_| None).await
    }

    /// Finds out the ids of today of records; `None` if the run stops. Of a type of
    /// which no record was read yet, the `sample`, which exists, is asked for first: it
    /// tells a record that does not exist from one that may not be read.
    async fn identify(
        &self,
        records: Vec<Record>,
        sample: impl Fn(&str) -> Option<RecordId>,
    ) -> Option<()> {
        let mut by_type = BTreeMap::<_, Vec<_>>::new();
        for record in records {
            if self.identities.of(record).is_none() {
                by_type.entry(record.0).or_default().push(record.1);
            }
        }
        for (object_type, mut ids) in by_type {
            ids.sort_unstable();
            ids.dedup();
            if !self.identities.is_readable(object_type)
                && let Some(sample) = sample(object_type)
            {
                ids.insert(0, sample);
            }
            for ids in ids.chunks(self.api.most(Act::Identify, ids.len()).max(1)) {
                self.identify_some(object_type, ids).await?;
            }
        }
        Some(())
    }

    /// What a look has not found may stand under another id, or may not have been
    /// told of: asks until neither is in doubt, as far as that can be known.
    pub(super) async fn settle_doubts(&self, trip: &mut Trip) -> End {
        let Some(look) = trip.look() else {
            return End::Told;
        };
        look.found_records()
            .for_each(|record| self.identities.is_current(record));
        if self.settle_ids(look).await.is_none() {
            return End::Unsettled;
        }
        let left_out = look.left_out(&self.identities);
        let asks_alone = !left_out.is_empty();
        for record in left_out {
            let mut reading = look.alone(record);
            // Its further pages come one by one.
            loop {
                let page = self.ask_for(Call::Read(&reading), Told::into_standing);
                let Some(page) = page.await else {
                    return End::Unsettled;
                };
                let goes_on = match page {
                    Ok(page) => look.take_alone(record, page),
                    Err(failure) => {
                        look.is_unread(record, failure);
                        false
                    }
                };
                if !goes_on {
                    break;
                }
                reading = look.reading().clone();
            }
        }
        // What they were found to have may leave their other ends in doubt.
        if asks_alone && self.settle_ids(look).await.is_none() {
            return End::Unsettled;
        }
        End::Told
    }

    async fn settle_ids(&self, look: &Look) -> Option<()> {
        let sample = |object_type: &str| look.sample(object_type);
        self.identify(look.all_in_doubt(), sample).await
    }

    /// Several at once; those that such an answer does not name alone.
    async fn identify_some(&self, object_type: &'static str, ids: &[RecordId]) -> Option<()> {
        if let [_, _, ..] = ids {
            match self.ask(Call::Records(object_type, ids)).await? {
                Ok(told) => self.learn_all(object_type, told.into_records().unwrap_or_default()),
                Err(failure) if failure.code == Code::ConnectionFailed => {
                    self.identities.deny(object_type, failure);
                }
                // Each alone has an answer of its own.
                Err(_) => {}
            }
        }
        for id in ids {
            let record = (object_type, *id);
            if self.identities.of(record).is_some() {
                continue;
            }
            match self.ask(Call::Records(object_type, &[*id])).await? {
                Ok(told) => {
                    let told = told.into_records().unwrap_or_default();
                    self.learn_all(object_type, told);
                }
                // HubSpot will say so of a write, too, and of which end.
                Err(failure)
                    if failure.code == Code::ObjectNotFound
                        && self.identities.is_readable(object_type) =>
                {
                    self.identities.is_current(record);
                }
                // That may be so of all records of the type.
                Err(failure)
                    if matches!(failure.http_status, Some(403 | 404))
                        && failure.code == Code::NotRead
                        || failure.code == Code::ConnectionFailed =>
                {
                    self.identities.deny(object_type, failure);
                }
                Err(failure) => self.is_unknown(record, failure),
            }
            if self.identities.of(record).is_none() {
                let failure = Failure::new(Code::NotRead, "HubSpot's answer has no id");
                self.is_unknown(record, failure);
            }
        }
        Some(())
    }

    fn learn_all(&self, object_type: &'static str, told: Vec<(RecordId, RecordId)>) {
        for pair in told {
            self.identities.learn(object_type, pair);
        }
    }

    fn is_unknown(&self, record: Record, failure: Failure) {
        let failure = not_identified(record, failure);
        self.identities.unknown.borrow_mut().insert(record, failure);
    }
}

/// Why nothing is known of an id.
fn not_identified((object_type, id): Record, failure: Failure) -> Failure {
    let message = format!(
        "whether record {id} of {object_type} was merged into another could not be found out ({}); \
         check the id, and give the token the read scope of this object type",
        messages::failure(&failure)
    );
    Failure {
        code: Code::RecordNotRead,
        ..failure.saying(message)
    }
}
