//! What an import does with rows that were looked at: what has to be remembered
//! of them, and what follows. Pure.

#[cfg(test)]
mod tests;

use roaring::RoaringTreemap;

use crate::{
    association::{Association, Order, Spec},
    code::Code,
    delivery::{Looked, Standing, Task, none_if_left_out},
    import::Next,
    journal::{Displaced, Noted, Stood, hash_of_ids},
    messages,
    row::{Failure, Outcome, RowReport},
};

/// What an import makes of what stands.
#[derive(Debug)]
pub(super) struct Policy {
    /// Links that stand are not sent.
    pub(super) skips: bool,
    /// Rows that the run was about to write, before it was cut short or before they came
    /// back under another id: what stands now may be its own.
    pub(super) own: RoaringTreemap,
}

/// What has to be written down, and what follows then.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub(super) notes: Vec<Noted>,
    /// The sum of [`hash_of_ids`] of the rows that they are of.
    pub(super) ids: u64,
    pub(super) next: Vec<Next>,
}

impl Policy {
    /// Decides on rows that were looked at.
    pub(super) fn decide(&mut self, looked: Vec<Looked>) -> Decided {
        let mut decided = Decided::default();
        for looked in looked {
            self.one(looked, &mut decided);
        }
        decided
    }

    fn one(&mut self, looked: Looked, decided: &mut Decided) {
        let row = looked.row.number;
        let (is_own, stands) = (self.own.contains(row), looked.stands());
        let Looked {
            row: asked,
            link,
            found,
        } = looked;
        let standing = match none_if_left_out(found) {
            Ok(standing) => standing,
            Err(failure) => {
                let outcome = Outcome::Failed(not_looked(failure).into());
                return decided
                    .next
                    .push(Next::Ended(RowReport::unsent(asked, outcome)));
            }
        };
        if stands && self.skips && !is_own {
            return decided
                .next
                .push(Next::Ended(RowReport::unsent(asked, Outcome::Already)));
        }
        if let Some(name) = &standing.unknown {
            let outcome = Outcome::Failed(unknown_type(name).into());
            let report = RowReport::unsent(asked, outcome);
            return decided.next.push(Next::Ended(report));
        }
        if !is_own {
            decided.notes.push(note(row, &link, &standing));
            let hash = hash_of_ids(&asked).unwrap_or(0);
            decided.ids = decided.ids.wrapping_add(hash);
        }
        let order = Order {
            beside: beside(&link, &standing.specs),
            // As the row says it, for messages are about the row.
            ..Order::from(*asked.link.as_ref().unwrap_or(&link))
        };
        self.own.insert(row);
        decided.next.push(Next::Write(Task::Create, asked, order));
    }
}

/// What cannot be sent back as it was read must not be written over.
pub(super) fn unknown_type(name: &str) -> Failure {
    let message = format!(
        "the two records have an association of the type {name}, which this version does not \
         know: a write would erase it, so that nothing was written; use a newer version, or make \
         this association in HubSpot"
    );
    Failure::new(Code::UnknownType, message)
}

fn not_looked(failure: Failure) -> Failure {
    let message = format!(
        "what stands could not be read: {}",
        messages::failure(&failure)
    );
    failure.saying(message)
}

/// The other types of a pair.
pub(super) fn beside(link: &Association, specs: &[Spec]) -> Vec<Spec> {
    let own = link.definition.spec();
    specs.iter().copied().filter(|spec| *spec != own).collect()
}

/// What is remembered of a row that is about to be written.
fn note(row: u64, link: &Association, standing: &Standing) -> Noted {
    let displaces = standing.primary.as_ref().filter(|(to, _)| *to != link.to);
    if standing.specs.is_empty() && displaces.is_none() {
        return Noted::Absent(row);
    }
    let texts = |specs: &[Spec]| specs.iter().map(ToString::to_string).collect();
    Noted::Stood(Stood {
        row,
        from: link.from.get(),
        to: link.to.get(),
        types: texts(&standing.specs),
        had_it: standing.specs.contains(&link.definition.spec()),
        displaces: displaces.map(|(company, specs)| Displaced {
            record: link.from.get(),
            company: company.get(),
            types: texts(specs),
        }),
    })
}
