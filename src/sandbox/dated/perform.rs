//! Which part of the API a call is for, between which object types.

use super::{
    super::{
        answer::{Answer, Refusal},
        crm::{Crm, Moment},
        deed::Carried,
    },
    body::Asked,
    route::{Route, What},
};

impl Crm {
    /// Carries out a call of the dated API.
    pub(crate) fn dated(
        &mut self,
        route: &Route,
        asked: &Asked,
        moment: Moment,
    ) -> Result<(Answer, Carried), Refusal> {
        if route.what == What::AllLimits {
            return Ok((self.limits(None), Carried::Nothing));
        }
        let end = |text: &str| {
            let found = self.catalogue.object_type(text);
            found.ok_or_else(|| Refusal::object_type(text))
        };
        let ends = (end(&route.from)?, end(&route.to)?);
        let items = &*self.merged.items(ends, &asked.items);
        Ok(match route.what {
            What::Put { .. } => {
                let item = items.first().ok_or_else(Refusal::no_body)?;
                self.put_pair(ends, item, moment)?
            }
            What::Delete { .. } => {
                self.remove(ends, items);
                (Answer::Done, Carried::Whole)
            }
            What::Create => self.create(ends, items, moment),
            What::PutDefault { .. } | What::CreateDefault => self.associate(ends, items, moment)?,
            What::Archive | What::ArchiveLabels => self.archive(ends, items, moment),
            What::Read => (
                self.read_many(ends, &self.questions(ends, &asked.questions), moment),
                Carried::Nothing,
            ),
            What::Labels => (self.labels(ends), Carried::Nothing),
            What::Limits | What::AllLimits => (self.limits(Some(ends)), Carried::Nothing),
        })
    }
}
