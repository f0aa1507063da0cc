//! Links that are made and removed, and what is told of it.

use axum::http::StatusCode;

use super::{
    super::{
        answer::{Answer, Refusal, json_text},
        call::{Item, TypeNamed, record},
        catalogue::{Ends, LinkType},
        crm::{Crm, Moment},
        deed::Carried,
        forms::RefusalForm,
        links::{Pair, Types},
        wrong::{Wrong, entry},
    },
    batch::Batch,
};
use crate::association::AssociationType;

impl Crm {
    /// One pair is to have these types.
    pub(super) fn put_pair(
        &mut self,
        ends: Ends,
        item: &Item,
        moment: Moment,
    ) -> Result<(Answer, Carried), Refusal> {
        if moment.silent {
            let body = "{}".to_owned();
            return Ok((
                Answer::Told {
                    status: StatusCode::OK,
                    body,
                },
                Carried::Nothing,
            ));
        }
        if let Some(wrong) = self.wrong_dated(ends, item) {
            let wrongs = [wrong].into_iter();
            return Err(Refusal::associations(RefusalForm::Context, wrongs));
        }
        let written = self.replace(ends, item);
        let body = self.linked(ends, item);
        let status = StatusCode::CREATED;
        Ok((Answer::Told { status, body }, Carried::Some(vec![written])))
    }

    /// Many pairs are to have these types: those that cannot are told, and the
    /// others stand.
    pub(super) fn create(
        &mut self,
        ends: Ends,
        items: &[Item],
        moment: Moment,
    ) -> (Answer, Carried) {
        let mut batch = Batch::default();
        let created = self.forms.answers.created();
        if moment.silent {
            let answer = batch.told(created, moment.date, moment.id);
            return (answer, Carried::Nothing);
        }
        let mut carry_out = |item: &Item| {
            if let Some(wrong) = self.wrong_dated(ends, item) {
                batch
                    .errors
                    .push(entry(self.forms.entries, self.forms.answers, wrong));
                return false;
            }
            batch.results.push(self.linked(ends, item));
            self.replace(ends, item)
        };
        let marks = items.iter().map(&mut carry_out).collect();
        let status = if batch.errors.is_empty() {
            created
        } else {
            self.forms.partial.status()
        };
        let answer = batch.told(status, moment.date, moment.id);
        (answer, Carried::Some(marks))
    }

    /// Pairs are to be associated without a label, if these object types have such a type. Whether
    /// HubSpot leaves the labels that they have is not told; here they stay.
    pub(super) fn associate(
        &mut self,
        ends: Ends,
        items: &[Item],
        moment: Moment,
    ) -> Result<(Answer, Carried), Refusal> {
        let turned = (ends.1, ends.0);
        let types = self.catalogue.unlabeled(ends);
        let types = types.zip(self.catalogue.unlabeled(turned));
        let (there, back) = types.ok_or_else(|| Refusal::no_default(ends.0.id(), ends.1.id()))?;
        let mut batch = Batch::default();
        if moment.silent {
            return Ok((
                batch.told(StatusCode::OK, moment.date, moment.id),
                Carried::Nothing,
            ));
        }
        let mut carry_out = |item: &Item| {
            let sides = [(ends.0, item.from), (ends.1, item.to)];
            let wrong = self.missing.side_of(sides);
            if let Some(wrong) = wrong.or_else(|| self.above_limit(ends, item, &[there])) {
                let error = entry(self.forms.entries, self.forms.answers, wrong);
                batch.errors.push(error);
                return false;
            }
            let (from, to) = (item.from, item.to);
            batch.results.push(associated(from, to, there));
            batch.results.push(associated(to, from, back));
            let Some(pair) = pair(ends, item).filter(|_| !self.is_unwritten(ends, item)) else {
                return false;
            };
            self.links.add(pair, &[there]);
            true
        };
        let marks = items.iter().map(&mut carry_out).collect();
        let status = if batch.errors.is_empty() {
            StatusCode::OK
        } else {
            self.forms.partial.status()
        };
        let answer = batch.told(status, moment.date, moment.id);
        Ok((answer, Carried::Some(marks)))
    }

    /// Pairs are to go, or to lose the types that are given; one that does not
    /// stand is fine too.
    pub(super) fn remove(&mut self, ends: Ends, items: &[Item]) {
        for item in items {
            let Some(pair) = pair(ends, item) else {
                continue;
            };
            if item.types.is_empty() {
                self.links.remove(pair);
            } else {
                self.links.remove_types(pair, &association_types(item));
            }
        }
    }

    /// The same, told as a batch.
    pub(super) fn archive(
        &mut self,
        ends: Ends,
        items: &[Item],
        moment: Moment,
    ) -> (Answer, Carried) {
        self.remove(ends, items);
        let answer = Batch::default().told(StatusCode::OK, moment.date, moment.id);
        (answer, Carried::Whole)
    }

    /// What keeps an association from standing: a type that these object types
    /// do not have, else a record that does not exist.
    fn wrong_dated(&self, ends: Ends, item: &Item) -> Option<Wrong> {
        let known = |named: &&TypeNamed| self.type_of(ends, named).is_none();
        if let Some(named) = item.types.iter().find(known) {
            return Some(Wrong::Definition {
                category: named.category.clone(),
                number: named.number,
            });
        }
        let sides = [(ends.0, item.from), (ends.1, item.to)];
        let missing = self.missing.side_of(sides);
        missing.or_else(|| self.above_limit(ends, item, &association_types(item)))
    }

    fn type_of(&self, ends: Ends, named: &TypeNamed) -> Option<&LinkType> {
        named
            .association_type()
            .and_then(|association_type| self.catalogue.dated(association_type, ends))
    }

    /// Whether it was written.
    fn replace(&mut self, ends: Ends, item: &Item) -> bool {
        let Some(pair) = pair(ends, item).filter(|_| !self.is_unwritten(ends, item)) else {
            return false;
        };
        self.links.replace(pair, &association_types(item));
        true
    }

    /// One association as answers tell it, with the names of its labels.
    fn linked(&self, ends: Ends, item: &Item) -> String {
        let types = item
            .types
            .iter()
            .filter_map(|named| self.type_of(ends, named));
        let labels: Vec<_> = types
            .filter_map(|known| known.label.as_deref().map(json_text))
            .collect();
        let (from, to) = (self.forms.ids.told(item.from), self.forms.ids.told(item.to));
        format!(
            r#"{{"fromObjectTypeId":"{}","fromObjectId":{from},"toObjectTypeId":"{}","toObjectId":{to},"labels":[{}]}}"#,
            ends.0.id(),
            ends.1.id(),
            labels.join(",")
        )
    }
}

/// An association without a label, in one of its directions.
fn associated(from: i64, to: i64, AssociationType { category, id }: AssociationType) -> String {
    let category = category.word();
    format!(
        r#"{{"from":{{"id":"{from}"}},"to":{{"id":"{to}"}},"associationSpec":{{"associationCategory":"{category}","associationTypeId":{id}}}}}"#
    )
}

/// The pair of an association, if its numbers are ids.
fn pair(ends: Ends, item: &Item) -> Option<Pair> {
    Some(Pair {
        ends,
        from: record(item.from)?,
        to: record(item.to)?,
    })
}

fn association_types(item: &Item) -> Types {
    item.types
        .iter()
        .filter_map(TypeNamed::association_type)
        .collect()
}
