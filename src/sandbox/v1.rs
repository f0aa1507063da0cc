//! The v1 API: its paths, and how it changes the links.
//!
//! It shares records, types and links with the dated API. It knows nothing of quotas, tokens or
//! faults.

use axum::http::Uri;

use super::{
    association_input::{AssociationInput, TypeInput, record_id},
    catalogue::LinkType,
    crm::{CallContext, Crm},
    invalid_association::InvalidAssociation,
    links::RecordPair,
    request_kind::AppliedChanges,
    response::{ErrorResponse, SandboxResponse},
};
use crate::association::AssociationType;

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum V1WriteKind {
    Create,
    Delete,
}

/// A read, from its path and query.
#[derive(Debug, PartialEq)]
pub(super) struct V1Read {
    pub(super) object: i64,
    pub(super) named: TypeInput,
    pub(super) query: String,
}

impl V1Read {
    /// Default and maximum number of ids in a page. Probable: taken from another client.
    const LIMIT: u64 = 100;

    /// Parses `/{objectId}/{category}/{definitionId}`.
    pub(super) fn of(below: &str, uri: &Uri) -> Option<Self> {
        let mut parts = below.strip_prefix('/')?.split('/');
        let (object, category, definition) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some(())?;
        Some(Self {
            object: object.parse().ok()?,
            named: TypeInput {
                category: category.to_owned(),
                number: definition.parse().ok()?,
            },
            query: uri.query().unwrap_or_default().to_owned(),
        })
    }

    /// The requested page: the maximum number of ids, and the id after which it starts.
    pub(super) fn page(&self) -> Result<(usize, u64), ErrorResponse> {
        let limit = self.number("limit")?.unwrap_or(Self::LIMIT);
        let offset = self.number("offset")?.unwrap_or(0);
        let limit = usize::try_from(limit.clamp(1, Self::LIMIT)).unwrap_or(usize::MAX);
        Ok((limit, offset))
    }

    /// An empty parameter (`offset=`) counts as absent, as recorded.
    fn number(&self, name: &str) -> Result<Option<u64>, ErrorResponse> {
        let value = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty());
        value
            .map(|(_, value)| value.parse().map_err(|_| ErrorResponse::parameter(name)))
            .transpose()
    }
}

impl Crm {
    /// Creates or removes associations.
    pub(super) fn write(
        &mut self,
        kind: V1WriteKind,
        items: &[AssociationInput],
        context: CallContext,
    ) -> Result<(SandboxResponse, AppliedChanges), ErrorResponse> {
        if context.silent && kind == V1WriteKind::Create {
            return Ok((SandboxResponse::NoContent, AppliedChanges::None));
        }
        let items = &*self.with_current_ids(items);
        self.check(kind, items)?;
        let marks = items.iter().map(|item| self.execute(kind, item)).collect();
        Ok((
            SandboxResponse::NoContent,
            match kind {
                V1WriteKind::Create => AppliedChanges::Only(marks),
                V1WriteKind::Delete => AppliedChanges::All,
            },
        ))
    }

    /// The associations with current record ids. An unknown type leaves the object types unknown,
    /// so such an association stays as it is.
    fn with_current_ids(&self, items: &[AssociationInput]) -> Vec<AssociationInput> {
        let current = items.iter().map(|item| match self.v1_type(item) {
            Some(known_type) => self.merged.with_current_ids(known_type.ends, item),
            None => item.clone(),
        });
        current.collect()
    }

    /// Returns whether it was applied.
    fn execute(&mut self, kind: V1WriteKind, item: &AssociationInput) -> bool {
        let Some((association_type, ends)) = self
            .v1_type(item)
            .map(|known_type| (known_type.association_type, known_type.ends))
        else {
            return false;
        };
        let Some((from, to)) = record_id(item.from).zip(record_id(item.to)) else {
            return false;
        };
        let pair = RecordPair { ends, from, to };
        match kind {
            V1WriteKind::Create if self.is_unwritten(ends, item) => return false,
            V1WriteKind::Create => self.links.add(pair, &[association_type]),
            V1WriteKind::Delete => self.links.remove_as_v1(pair, association_type),
        }
        true
    }

    /// All or nothing: one invalid association fails the whole batch. Missing records matter only
    /// for a create.
    fn check(&self, kind: V1WriteKind, items: &[AssociationInput]) -> Result<(), ErrorResponse> {
        let reason = |item: &AssociationInput| match self.v1_type(item) {
            None => item.types.first().map(unknown),
            Some(known_type) if kind == V1WriteKind::Create => {
                let (one, other) = known_type.ends;
                let missing = self
                    .records
                    .missing_side([(one, item.from), (other, item.to)]);
                missing.or_else(|| {
                    self.limit_error(known_type.ends, item, &[known_type.association_type])
                })
            }
            Some(_) => None,
        };
        let mut reasons = items.iter().filter_map(reason).peekable();
        if reasons.peek().is_none() {
            Ok(())
        } else {
            Err(ErrorResponse::associations(self.forms.refusals, reasons))
        }
    }

    /// The v1 type of an association.
    fn v1_type(&self, item: &AssociationInput) -> Option<&LinkType> {
        let association_type = item.types.first().and_then(TypeInput::association_type)?;
        self.catalogue.v1(association_type)
    }

    /// Reads a page. A record that does not exist has no links, which is not an error.
    pub(super) fn page(&self, read: &V1Read) -> Result<SandboxResponse, ErrorResponse> {
        let known_type = read
            .named
            .association_type()
            .and_then(|association_type| self.catalogue.v1(association_type));
        let Some(LinkType {
            association_type,
            ends,
            ..
        }) = known_type
        else {
            let reasons = [unknown(&read.named)].into_iter();
            return Err(ErrorResponse::associations(self.forms.refusals, reasons));
        };
        let (limit, after) = read.page()?;
        let mut results = Vec::new();
        if let Some(from) = record_id(self.merged.current_id(ends.0, read.object)) {
            let links = self.links.read(*ends, from, after);
            let linked = links
                .filter(|(_, types): &(_, &[AssociationType])| types.contains(association_type));
            // One more than requested shows whether there are more.
            results.extend(linked.map(|(to, _)| to).take(limit + 1));
        }
        let more = results.len() > limit;
        results.truncate(limit);
        Ok(SandboxResponse::Page { results, more })
    }
}

fn unknown(named: &TypeInput) -> InvalidAssociation {
    InvalidAssociation::UnknownType {
        category: named.category.clone(),
        number: named.number,
    }
}
