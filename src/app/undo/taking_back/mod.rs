//! How a link is taken back, once it is known what stands now. Pure.

#[cfg(test)]
mod tests;

use super::plan::{Before, Plan};
use crate::{
    app::looked::{beside, unknown_type},
    association::{Association, Definition, Order, Spec, Table, Wish},
    code::Code,
    delivery::{Looked, Standing, Task},
    import::Next,
    row::{Failure, Outcome, RowReport},
};

/// What a record had before the run, and the association that it gets back, under
/// the ids of today.
#[derive(Clone, Copy, Debug)]
pub(super) struct Back<'a> {
    pub(super) before: &'a Before,
    pub(super) link: Association,
}

/// What follows for a row that was looked at.
pub(super) fn decide(looked: Looked, back: Option<Back<'_>>, plan: &Plan) -> Next {
    let Looked { row, link, found } = looked;
    let standing = match found {
        Ok(standing) => standing,
        Err(failure) => return Next::Ended(RowReport::unsent(row, not_read(failure))),
    };
    if let Some(name) = &standing.unknown {
        let failure = unknown_type(name);
        return Next::Ended(RowReport::unsent(row, Outcome::Kept(failure.into())));
    }
    let back = back.and_then(|back| put_back(&link, &standing, back));
    let is_beside = plan.beside.contains(row.number);
    match removal(&link, &standing, is_beside, plan) {
        Err(kept) => Next::Ended(RowReport::unsent(row, Outcome::Kept(kept.into()))),
        Ok(Some(order)) => {
            let afterwards = back.map(Box::new);
            Next::Write(
                Task::Remove,
                row,
                Order {
                    afterwards,
                    ..order
                },
            )
        }
        Ok(None) => match back {
            Some(order) => Next::Write(Task::PutBack, row, order),
            None => Next::Ended(RowReport::unsent(
                row,
                Outcome::Removed {
                    http_status: None,
                    unproven: None,
                },
            )),
        },
    }
}

/// What is not known to be the run's is not removed.
fn not_read(failure: Failure) -> Outcome {
    if matches!(failure.code, Code::NotRead | Code::RecordNotRead) {
        Outcome::Kept(failure.into())
    } else {
        Outcome::Failed(failure.into())
    }
}

/// What has to be removed, if anything has; or why it is left.
fn removal(
    link: &Association,
    standing: &Standing,
    is_beside: bool,
    plan: &Plan,
) -> Result<Option<Order>, Failure> {
    let own = link.definition.spec();
    let unlabeled = unlabeled(link, plan);
    let others = beside(link, &standing.specs);
    let labels: Vec<_> = others
        .iter()
        .filter(|spec| Some(**spec) != unlabeled)
        .collect();
    if standing.specs.is_empty() || is_beside && !standing.specs.contains(&own) {
        return Ok(None);
    }
    if !is_beside && labels.is_empty() {
        // The whole pair is the run's.
        return Ok(Some(Order::from(*link)));
    }
    if !standing.specs.contains(&own) {
        return Ok(None);
    }
    if Some(own) == unlabeled && !labels.is_empty() {
        let names: Vec<_> = labels.iter().map(ToString::to_string).collect();
        let why = format!(
            "others have labelled the link since ({}), and without it the labels would go, too",
            names.join(", ")
        );
        return Err(Failure::new(Code::ChangedSince, why));
    }
    Ok(Some(Order {
        beside: others,
        ..Order::from(*link)
    }))
}

/// The type that lies beneath all others of a pair: of custom objects only the
/// account knows it.
fn unlabeled(link: &Association, plan: &Plan) -> Option<Spec> {
    let info = link.definition.info()?;
    let listed = Table::v2026_09().unlabeled(info.from, info.to);
    let told = || {
        let labels = plan.labels.as_ref()?;
        labels.find(&Wish::new(info.from, info.to, "")).ok()
    };
    listed.or_else(told).map(Definition::spec)
}

/// The primary company, or the parent, that the record had before the run, unless
/// others have set another since. Labels that they have set on it stay.
fn put_back(link: &Association, standing: &Standing, back: Back<'_>) -> Option<Order> {
    let Back { before, link: back } = back;
    let is_ours = standing
        .primary
        .as_ref()
        .is_none_or(|(now, _)| *now == link.to);
    is_ours.then(|| {
        let mut specs = before.specs.clone();
        let since = standing.other.iter();
        specs.extend(since.filter(|spec| !before.specs.contains(spec)));
        Order {
            beside: beside(&back, &specs),
            ..Order::from(back)
        }
    })
}
