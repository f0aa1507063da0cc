//! Reads: what records are linked to, and which types there are between two
//! object types.

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

/// Records in one page of a batch read; recorded of v3.
const PAGE: usize = 100;

/// What one record is linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ReadQuery {
    pub(crate) id: i64,
    /// Where its page before this one ended.
    pub(crate) after: Option<i64>,
}

impl Crm {
    /// The same queries about the records of today.
    pub(super) fn queries(&self, ends: TypePair, asked: &[ReadQuery]) -> Vec<ReadQuery> {
        self.merged.distinct(asked, |query| ReadQuery {
            id: self.merged.today(ends.0, query.id),
            ..*query
        })
    }

    /// What many records are linked to; for one that is linked to nothing,
    /// HubSpot has an error instead of an empty list.
    pub(super) fn read_many(
        &self,
        ends: TypePair,
        queries: &[ReadQuery],
        context: CallContext,
    ) -> SandboxResponse {
        let mut batch = BatchResponse::default();
        for query in queries {
            match self.page_of(ends, *query) {
                Some(page) => batch.results.push(page),
                None => batch
                    .errors
                    .push(unlinked(ends, query.id, self.forms.answers)),
            }
        }
        let status = if batch.errors.is_empty() {
            StatusCode::OK
        } else {
            self.forms.partial.status()
        };
        batch.into_response(status, context.date, context.id)
    }

    /// A page of one record; `None` if it is linked to nothing at all.
    fn page_of(&self, ends: TypePair, query: ReadQuery) -> Option<String> {
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
        let told: Vec<_> = page
            .iter()
            .map(|(to, types)| self.far_end(*to, types))
            .collect();
        Some(format!(
            r#"{{"from":{{"id":"{id}"}},"to":[{}]{}}}"#,
            told.join(","),
            paging.unwrap_or_default()
        ))
    }

    /// A record that another is linked to, and how.
    fn far_end(&self, to: RecordId, types: &[AssociationType]) -> String {
        let known = types
            .iter()
            .filter_map(|association_type| self.catalogue.get(*association_type));
        let types: Vec<_> = known.map(told).collect();
        let to = self.forms.ids.told(to);
        format!(
            r#"{{"toObjectId":{to},"associationTypes":[{}]}}"#,
            types.join(",")
        )
    }

    /// All types between two object types.
    pub(super) fn labels(&self, ends: TypePair) -> SandboxResponse {
        let types: Vec<_> = self.catalogue.between(ends).map(told).collect();
        let body = format!(r#"{{"results":[{}]}}"#, types.join(","));
        SandboxResponse::JsonWithId {
            status: StatusCode::OK,
            body,
        }
    }
}

impl Crm {
    /// The limits that administrators have set, between two object types or between any.
    pub(super) fn limits(&self, ends: Option<TypePair>) -> SandboxResponse {
        let types = self.catalogue.all();
        let types = types.filter(|known| ends.is_none_or(|ends| known.ends == ends));
        let limited = types.filter_map(|known| {
            let most = self.links.limit(known.association_type)?;
            let told = told(known);
            let told = told.strip_suffix('}')?;
            Some(format!(r#"{told},"userEnforcedMaxToObjectIds":{most}}}"#))
        });
        let limits: Vec<_> = limited.collect();
        let body = format!(r#"{{"results":[{}]}}"#, limits.join(","));
        SandboxResponse::JsonWithId {
            status: StatusCode::OK,
            body,
        }
    }
}

/// A type as reads tell it.
fn told(known: &LinkType) -> String {
    let AssociationType { category, id } = known.association_type;
    let label = known.label.as_deref();
    let label = label.map_or_else(|| "null".to_owned(), json_text);
    format!(
        r#"{{"category":"{}","typeId":{id},"label":{label}}}"#,
        category.word()
    )
}

fn unlinked(ends: TypePair, id: i64, answers: ResponseForm) -> String {
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
