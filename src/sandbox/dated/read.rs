//! Reads: the associations of records, and the types between two object types.

use axum::http::StatusCode;

use super::{
    super::{
        association_input::record_id,
        catalogue::{LinkType, TypePair},
        crm::{CallContext, Crm},
        forms::ResponseForm,
        links::LinkTypes,
        response::{SandboxResponse, json_text},
    },
    batch::BatchResponse,
};
use crate::association::{AssociationType, RecordId};

/// Records in one page of a batch read; recorded from v3.
const PAGE: usize = 100;

/// A question about the associations of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ReadQuery {
    pub(crate) id: i64,
    /// Where the previous page ended.
    pub(crate) after: Option<i64>,
}

impl Crm {
    /// The queries with current record ids, without duplicates.
    pub(super) fn queries(&self, ends: TypePair, queries: &[ReadQuery]) -> Vec<ReadQuery> {
        self.merged.distinct(queries, |query| ReadQuery {
            id: self.merged.current_id(ends.0, query.id),
            ..*query
        })
    }

    /// The associations of many records. For a record without any, HubSpot returns an error instead
    /// of an empty list.
    pub(super) fn read_many(
        &self,
        ends: TypePair,
        queries: &[ReadQuery],
        context: CallContext,
    ) -> SandboxResponse {
        let mut batch = BatchResponse::default();
        for query in queries {
            match self.page_json(ends, *query) {
                Some(page) => batch.results.push(page),
                None => {
                    batch
                        .errors
                        .push(no_associations_error(ends, query.id, self.forms.answers));
                }
            }
        }
        let status = if batch.errors.is_empty() {
            StatusCode::OK
        } else {
            self.forms.partial.status()
        };
        batch.into_response(status, context.date, context.id)
    }

    /// One page of a record's associations; `None` if it has no association at all.
    fn page_json(&self, ends: TypePair, query: ReadQuery) -> Option<String> {
        let ReadQuery { id, after } = query;
        let from = record_id(id)?;
        self.links.read(ends, from, 0).next()?;
        let after = after
            .and_then(|after| u64::try_from(after).ok())
            .unwrap_or(0);
        let links = self.links.read(ends, from, after).take(PAGE + 1);
        let mut page: Vec<(RecordId, LinkTypes)> =
            links.map(|(to, types)| (to, types.into())).collect();
        let more = page.len() > PAGE;
        page.truncate(PAGE);
        let last = page.last().filter(|_| more);
        let paging = last.map(|(last, _)| {
            format!(r#","paging":{{"next":{{"after":"{last}","link":"?after={last}"}}}}"#)
        });
        let type_json: Vec<_> = page
            .iter()
            .map(|(to, types)| self.associated_record_json(*to, types))
            .collect();
        Some(format!(
            r#"{{"from":{{"id":"{id}"}},"to":[{}]{}}}"#,
            type_json.join(","),
            paging.unwrap_or_default()
        ))
    }

    /// An associated record with its association types, as JSON.
    fn associated_record_json(&self, to: RecordId, types: &[AssociationType]) -> String {
        let known = types
            .iter()
            .filter_map(|association_type| self.catalogue.get(*association_type));
        let types: Vec<_> = known.map(type_json).collect();
        let to = self.forms.ids.json(to);
        format!(
            r#"{{"toObjectId":{to},"associationTypes":[{}]}}"#,
            types.join(",")
        )
    }

    /// All types between two object types.
    pub(super) fn labels(&self, ends: TypePair) -> SandboxResponse {
        let types: Vec<_> = self.catalogue.between(ends).map(type_json).collect();
        let body = format!(r#"{{"results":[{}]}}"#, types.join(","));
        SandboxResponse::JsonWithId {
            status: StatusCode::OK,
            body,
        }
    }
}

impl Crm {
    /// The limits that administrators set, between two object types or between any.
    pub(super) fn limits(&self, ends: Option<TypePair>) -> SandboxResponse {
        let types = self.catalogue.all();
        let types = types.filter(|known| ends.is_none_or(|ends| known.ends == ends));
        let limited = types.filter_map(|known| {
            let maximum = self.links.limit(known.association_type)?;
            let type_json = type_json(known);
            let type_json = type_json.strip_suffix('}')?;
            Some(format!(
                r#"{type_json},"userEnforcedMaxToObjectIds":{maximum}}}"#
            ))
        });
        let limits: Vec<_> = limited.collect();
        let body = format!(r#"{{"results":[{}]}}"#, limits.join(","));
        SandboxResponse::JsonWithId {
            status: StatusCode::OK,
            body,
        }
    }
}

/// An association type as JSON.
fn type_json(known: &LinkType) -> String {
    let AssociationType { category, id } = known.association_type;
    let label = known.label.as_deref();
    let label = label.map_or_else(|| "null".to_owned(), json_text);
    format!(
        r#"{{"category":"{}","typeId":{id},"label":{label}}}"#,
        category.api_name()
    )
}

fn no_associations_error(ends: TypePair, id: i64, answers: ResponseForm) -> String {
    let (from, to) = (ends.0.singular(), ends.1.singular());
    let sub_category = match answers {
        ResponseForm::Specified => "",
        ResponseForm::Recorded => r#""subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND","#,
    };
    let end = answers.end_of_entry();
    format!(
        r#"{{"status":"error","category":"OBJECT_NOT_FOUND",{sub_category}"message":"No {to} is associated with {from} {id}.","context":{{"fromObjectId":["{id}"],"fromObjectType":["{from}"],"toObjectType":["{to}"]}}{end}}}"#
    )
}
