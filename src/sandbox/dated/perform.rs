//! Resolves the object types of a call and dispatches it to the right part of the API.

use super::{
    super::{
        crm::{CallContext, Crm},
        request_kind::AppliedChanges,
        response::{ErrorResponse, SandboxResponse},
    },
    body::ParsedBody,
    route::{DatedAction, DatedRoute},
};

impl Crm {
    /// Executes a call of the dated API.
    pub(crate) fn dated(
        &mut self,
        route: &DatedRoute,
        body: &ParsedBody,
        context: CallContext,
    ) -> Result<(SandboxResponse, AppliedChanges), ErrorResponse> {
        if route.action == DatedAction::AllLimits {
            return Ok((self.limits(None), AppliedChanges::None));
        }
        let end = |text: &str| {
            let found = self.catalogue.object_type(text);
            found.ok_or_else(|| ErrorResponse::object_type(text))
        };
        let ends = (end(&route.from)?, end(&route.to)?);
        let items = &*self.merged.all_with_current_ids(ends, &body.items);
        Ok(match route.action {
            DatedAction::Put { .. } => {
                let item = items.first().ok_or_else(ErrorResponse::no_body)?;
                self.put_pair(ends, item, context)?
            }
            DatedAction::Delete { .. } => {
                self.remove(ends, items);
                (SandboxResponse::NoContent, AppliedChanges::All)
            }
            DatedAction::Create => self.create(ends, items, context),
            DatedAction::PutDefault { .. } | DatedAction::CreateDefault => {
                self.associate(ends, items, context)?
            }
            DatedAction::Archive | DatedAction::ArchiveLabels => self.archive(ends, items, context),
            DatedAction::Read => (
                self.read_many(ends, &self.queries(ends, &body.queries), context),
                AppliedChanges::None,
            ),
            DatedAction::Labels => (self.labels(ends), AppliedChanges::None),
            DatedAction::Limits | DatedAction::AllLimits => {
                (self.limits(Some(ends)), AppliedChanges::None)
            }
        })
    }
}
