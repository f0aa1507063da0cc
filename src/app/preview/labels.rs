//! Looks up labels by name. The account is asked once per pair of object types, before anything
//! is sent.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    app::{error::AppError, session::run::Session},
    association::{
        AccountLabel, AccountLabels, LabelReference, is_custom, may_exist, show_unknown_object_type,
    },
    hubspot::ApiVersion,
    input::{InputOptions, InputShape},
    messages::{self, KeysInLog},
};

/// The most unknown labels or types that are named.
const MAX_NAMED: usize = 10;

/// A type name is shown up to this length.
const SHOWN_CHARS: usize = 60;

/// Refuses object types that no account can have, before HubSpot is asked.
pub(crate) fn refuse_unknown_types(
    options: &InputOptions,
    references: &[(LabelReference, u64)],
    keys_in_log: KeysInLog,
) -> Result<(), AppError> {
    let given = [
        ("--from-type", options.from_type),
        ("--to-type", options.to_type),
    ];
    let mut named = Vec::new();
    for (reference, line) in references {
        for name in [reference.from, reference.to] {
            if !may_exist(name) && !named.iter().any(|(one, _)| *one == name) {
                named.push((name, *line));
            }
        }
    }
    if named.is_empty() {
        return Ok(());
    }
    let words = named.iter().take(MAX_NAMED).map(|(name, line)| {
        let shown = format!("'{}'", show_unknown_object_type(name, SHOWN_CHARS));
        let (place, shown) = match given.iter().find(|(_, given)| *given == Some(*name)) {
            Some((option, _)) => (format!("{option}: "), shown),
            None if keys_in_log.is_redacted() => (line_prefix(*line), "the cell".to_owned()),
            None => (line_prefix(*line), shown),
        };
        format!("{place}{shown} is not an object type of HubSpot")
    });
    Err(AppError::NoSuchTypes(words.collect::<Vec<_>>().join("; ")))
}

/// What a check cannot find out, because only HubSpot knows it.
pub(crate) fn unchecked_line(
    api_version: ApiVersion,
    shape: &InputShape,
    references: &[(LabelReference, u64)],
    keys_in_log: KeysInLog,
) -> String {
    let labels = references
        .iter()
        .filter(|(reference, _)| !reference.label.is_empty());
    let labels = labels.map(|(reference, line)| match line {
        0 => format!("{reference}"),
        line => format!("{reference} (first on line {line})"),
    });
    let types = references
        .iter()
        .flat_map(|(reference, _)| [reference.from, reference.to]);
    let custom: BTreeSet<_> = types.filter(|name| is_custom(name)).collect();
    let custom = custom.into_iter().map(str::to_owned);
    let mut parts = vec!["whether the records exist".to_owned()];
    parts.extend(unchecked_keys(shape));
    if api_version.definitions().has_labels() {
        parts.push("whether administrators limited these associations to one".to_owned());
    }
    for (what, names) in [
        ("labels", labels.collect::<Vec<_>>()),
        ("custom objects", custom.collect()),
    ] {
        let more = names.len().saturating_sub(MAX_NAMED);
        let more = (more > 0).then(|| format!("{more} more"));
        let shown: Vec<_> = names.into_iter().take(MAX_NAMED).chain(more).collect();
        if keys_in_log.is_redacted() && !shown.is_empty() {
            parts.push(format!("whether the account has the {what} of the rows"));
        } else if !shown.is_empty() {
            parts.push(format!(
                "whether the account has these {what}: {}",
                shown.join(", ")
            ));
        }
    }
    format!(
        "not checked, because only HubSpot knows: {}",
        parts.join("; ")
    )
}

/// What is not known of keys, if rows have some.
fn unchecked_keys(shape: &InputShape) -> Option<String> {
    let columns = shape.named_columns.iter().flatten();
    let mut properties: Vec<_> = columns.filter_map(|column| column.property).collect();
    properties.dedup();
    (!properties.is_empty()).then(|| {
        format!(
            "whether each {} leads to one record (--online asks HubSpot)",
            properties.join(" and each ")
        )
    })
}

/// The line where a label was first named, if known.
fn line_prefix(line: u64) -> String {
    match line {
        0 => String::new(),
        line => format!("line {line}: "),
    }
}

/// Looks up the labels that rows name, if any.
pub(crate) async fn resolve(
    options: &mut InputOptions,
    references: &[(LabelReference, u64)],
    session: &Session<'_>,
) -> Result<(), AppError> {
    if references.is_empty() {
        return Ok(());
    }
    let mut labels = AccountLabels::new(options.table);
    for (reference, line) in references {
        if labels.knows(reference.from, reference.to) {
            continue;
        }
        let labels_read = session
            .delivery
            .caller()
            .labels(reference.from, reference.to)
            .await;
        if let Some(reason) = session.stop().reason() {
            return Err(AppError::Stopped(reason));
        }
        let labels_read = labels_read.unwrap_or_else(|| Ok(Vec::new()));
        let labels_read = labels_read.map_err(|why| AppError::LabelsUnknown {
            from: reference.from,
            to: reference.to,
            why: match line {
                0 => messages::failure(&why).into_owned(),
                line => format!("{} (first on line {line})", messages::failure(&why)),
            },
        })?;
        let info = |(association_type, label)| AccountLabel {
            association_type,
            label,
        };
        labels.insert(
            reference.from,
            reference.to,
            labels_read.into_iter().map(info).collect(),
        );
    }
    let keys_in_log = session.context.console.keys_in_log;
    refuse_unknown_labels(&labels, references, keys_in_log)?;
    options.labels = Some(Arc::new(labels));
    Ok(())
}

/// Refuses labels that the account does not have.
fn refuse_unknown_labels(
    labels: &AccountLabels,
    references: &[(LabelReference, u64)],
    keys_in_log: KeysInLog,
) -> Result<(), AppError> {
    let unknown = references.iter().filter_map(|(reference, line)| {
        let unknown = labels.find(reference).err()?;
        let sentence = if *line > 0 && keys_in_log.is_redacted() {
            messages::unknown_label_of_cell(&unknown)
        } else {
            messages::unknown_label(&unknown)
        };
        Some(line_prefix(*line) + &sentence)
    });
    let unknown: Vec<_> = unknown.take(MAX_NAMED).collect();
    if !unknown.is_empty() {
        return Err(AppError::UnknownLabels(unknown.join("; ")));
    }
    Ok(())
}
