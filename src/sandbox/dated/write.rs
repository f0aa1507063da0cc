//! Creates and removes links, and words the answers.

use axum::http::StatusCode;

use super::{
    super::{
        association_input::{AssociationInput, TypeInput, record_id},
        catalogue::{LinkType, TypePair},
        crm::{CallContext, Crm},
        forms::ErrorForm,
        invalid_association::{InvalidAssociation, error_entry},
        links::{LinkTypes, RecordPair},
        request_kind::AppliedChanges,
        response::{ErrorResponse, SandboxResponse, json_text},
    },
    batch::BatchResponse,
};
use crate::association::AssociationType;

impl Crm {
    /// Gives these types to one pair.
    pub(super) fn put_pair(
        &mut self,
        ends: TypePair,
        item: &AssociationInput,
        context: CallContext,
    ) -> Result<(SandboxResponse, AppliedChanges), ErrorResponse> {
        if context.silent {
            let body = "{}".to_owned();
            return Ok((
                SandboxResponse::JsonWithId {
                    status: StatusCode::OK,
                    body,
                },
                AppliedChanges::None,
            ));
        }
        if let Some(reason) = self.invalid_reason(ends, item) {
            let reasons = [reason].into_iter();
            return Err(ErrorResponse::associations(ErrorForm::Context, reasons));
        }
        let written = self.replace(ends, item);
        let body = self.association_json(ends, item);
        let status = StatusCode::CREATED;
        Ok((
            SandboxResponse::JsonWithId { status, body },
            AppliedChanges::Only(vec![written]),
        ))
    }

    /// Gives types to many pairs. Invalid pairs are reported as errors; the others are written.
    pub(super) fn create(
        &mut self,
        ends: TypePair,
        items: &[AssociationInput],
        context: CallContext,
    ) -> (SandboxResponse, AppliedChanges) {
        let mut batch = BatchResponse::default();
        let created = self.forms.answers.created();
        if context.silent {
            let answer = batch.into_response(created, context.date, context.id);
            return (answer, AppliedChanges::None);
        }
        let mut create_one = |item: &AssociationInput| {
            if let Some(reason) = self.invalid_reason(ends, item) {
                batch
                    .errors
                    .push(error_entry(self.forms.entries, self.forms.answers, reason));
                return false;
            }
            batch.results.push(self.association_json(ends, item));
            self.replace(ends, item)
        };
        let written = items.iter().map(&mut create_one).collect();
        let status = if batch.errors.is_empty() {
            created
        } else {
            self.forms.partial.status()
        };
        let answer = batch.into_response(status, context.date, context.id);
        (answer, AppliedChanges::Only(written))
    }

    /// Associates pairs without a label, if these object types have an unlabeled type. It is not
    /// documented whether HubSpot keeps existing labels; the sandbox keeps them.
    pub(super) fn associate(
        &mut self,
        ends: TypePair,
        items: &[AssociationInput],
        context: CallContext,
    ) -> Result<(SandboxResponse, AppliedChanges), ErrorResponse> {
        let reversed = (ends.1, ends.0);
        let types = self.catalogue.unlabeled(ends);
        let types = types.zip(self.catalogue.unlabeled(reversed));
        let (forward, reverse) =
            types.ok_or_else(|| ErrorResponse::no_default(ends.0.id(), ends.1.id()))?;
        let mut batch = BatchResponse::default();
        if context.silent {
            return Ok((
                batch.into_response(StatusCode::OK, context.date, context.id),
                AppliedChanges::None,
            ));
        }
        let mut create_one = |item: &AssociationInput| {
            let sides = [(ends.0, item.from), (ends.1, item.to)];
            let reason = self.records.missing_side(sides);
            if let Some(reason) = reason.or_else(|| self.limit_error(ends, item, &[forward])) {
                let error = error_entry(self.forms.entries, self.forms.answers, reason);
                batch.errors.push(error);
                return false;
            }
            let (from, to) = (item.from, item.to);
            batch.results.push(unlabeled_json(from, to, forward));
            batch.results.push(unlabeled_json(to, from, reverse));
            let Some(pair) = pair(ends, item).filter(|_| !self.is_unwritten(ends, item)) else {
                return false;
            };
            self.links.add(pair, &[forward]);
            true
        };
        let written = items.iter().map(&mut create_one).collect();
        let status = if batch.errors.is_empty() {
            StatusCode::OK
        } else {
            self.forms.partial.status()
        };
        let answer = batch.into_response(status, context.date, context.id);
        Ok((answer, AppliedChanges::Only(written)))
    }

    /// Removes pairs, or the given types of pairs. A pair that does not exist is not an error.
    pub(super) fn remove(&mut self, ends: TypePair, items: &[AssociationInput]) {
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

    /// Removes pairs or types, and answers as a batch.
    pub(super) fn archive(
        &mut self,
        ends: TypePair,
        items: &[AssociationInput],
        context: CallContext,
    ) -> (SandboxResponse, AppliedChanges) {
        self.remove(ends, items);
        let answer =
            BatchResponse::default().into_response(StatusCode::OK, context.date, context.id);
        (answer, AppliedChanges::All)
    }

    /// Why an association is invalid: first a type that these object types do not have, then a
    /// record that does not exist, then a limit.
    fn invalid_reason(
        &self,
        ends: TypePair,
        item: &AssociationInput,
    ) -> Option<InvalidAssociation> {
        let is_unknown = |type_input: &&TypeInput| self.known_type(ends, type_input).is_none();
        if let Some(type_input) = item.types.iter().find(is_unknown) {
            return Some(InvalidAssociation::UnknownType {
                category: type_input.category.clone(),
                number: type_input.number,
            });
        }
        let sides = [(ends.0, item.from), (ends.1, item.to)];
        let missing = self.records.missing_side(sides);
        missing.or_else(|| self.limit_error(ends, item, &association_types(item)))
    }

    fn known_type(&self, ends: TypePair, type_input: &TypeInput) -> Option<&LinkType> {
        type_input
            .association_type()
            .and_then(|association_type| self.catalogue.dated(association_type, ends))
    }

    /// Returns whether the pair was written.
    fn replace(&mut self, ends: TypePair, item: &AssociationInput) -> bool {
        let Some(pair) = pair(ends, item).filter(|_| !self.is_unwritten(ends, item)) else {
            return false;
        };
        self.links.replace(pair, &association_types(item));
        true
    }

    /// One association as JSON, with the names of its labels.
    fn association_json(&self, ends: TypePair, item: &AssociationInput) -> String {
        let types = item
            .types
            .iter()
            .filter_map(|type_input| self.known_type(ends, type_input));
        let labels: Vec<_> = types
            .filter_map(|known| known.label.as_deref().map(json_text))
            .collect();
        let (from, to) = (self.forms.ids.json(item.from), self.forms.ids.json(item.to));
        format!(
            r#"{{"fromObjectTypeId":"{}","fromObjectId":{from},"toObjectTypeId":"{}","toObjectId":{to},"labels":[{}]}}"#,
            ends.0.id(),
            ends.1.id(),
            labels.join(",")
        )
    }
}

/// An unlabeled association as JSON, in one direction.
fn unlabeled_json(from: i64, to: i64, AssociationType { category, id }: AssociationType) -> String {
    let category = category.api_name();
    format!(
        r#"{{"from":{{"id":"{from}"}},"to":{{"id":"{to}"}},"associationSpec":{{"associationCategory":"{category}","associationTypeId":{id}}}}}"#
    )
}

/// The pair of an association, if its numbers are valid ids.
fn pair(ends: TypePair, item: &AssociationInput) -> Option<RecordPair> {
    Some(RecordPair {
        ends,
        from: record_id(item.from)?,
        to: record_id(item.to)?,
    })
}

fn association_types(item: &AssociationInput) -> LinkTypes {
    item.types
        .iter()
        .filter_map(TypeInput::association_type)
        .collect()
}
