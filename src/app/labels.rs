//! Labels by their names: the account is asked for them once for each pair of
//! object types, before anything is sent.

use std::sync::Arc;

use super::AppError;
use crate::{
    association::{LabelInfo, Labels, Wish},
    delivery::Delivery,
    hubspot::HubSpot,
    input::InputOptions,
    stop::Stop,
};

/// So many unknown labels are named.
const NAMED: usize = 10;

/// Finds out which labels the wishes of the rows are, if they have any.
pub(super) async fn resolve(
    options: &mut InputOptions,
    wishes: &[(Wish, u64)],
    (delivery, stop): (&Delivery<HubSpot>, &Stop),
) -> Result<(), AppError> {
    if wishes.is_empty() {
        return Ok(());
    }
    let mut labels = Labels::default();
    for (wish, line) in wishes {
        if labels.knows(wish.from, wish.to) {
            continue;
        }
        let told = delivery.labels(wish.from, wish.to).await;
        if let Some(reason) = stop.reason() {
            return Err(AppError::Stopped(reason));
        }
        let told = told.unwrap_or_else(|| Ok(Vec::new()));
        let told = told.map_err(|why| AppError::LabelsUnknown {
            from: wish.from,
            to: wish.to,
            why: match line {
                0 => why.message,
                line => format!("{} (first on line {line})", why.message),
            },
        })?;
        let info = |(spec, label)| LabelInfo { spec, label };
        labels.insert(wish.from, wish.to, told.into_iter().map(info).collect());
    }
    let unknown = wishes.iter().filter_map(|(wish, line)| {
        let unknown = labels.find(wish).err()?;
        Some(match line {
            0 => unknown.to_string(),
            line => format!("line {line}: {unknown}"),
        })
    });
    let unknown: Vec<_> = unknown.take(NAMED).collect();
    if !unknown.is_empty() {
        return Err(AppError::UnknownLabels(unknown.join("; ")));
    }
    options.labels = Some(Arc::new(labels));
    Ok(())
}
