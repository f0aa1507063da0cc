//! Checks the properties by which rows name records, before anything is sent: they exist, and their
//! values are unique.

use std::collections::BTreeSet;

use crate::{
    api::PropertyDetails,
    app::{error::AppError, session::run::Session},
    association::{KeyKind, KeyProperty},
    http_status::HttpStatus,
    messages,
    sandbox::UniqueProperty,
};

/// The most properties that are suggested. HubSpot allows ten unique ones for an object type.
const MAX_SUGGESTED: usize = 10;

/// Refuses properties that the account does not have, or whose values are not unique. A token that
/// may not read properties is no reason: HubSpot then refuses the lookups themselves.
pub(crate) async fn check(
    properties: &[(KeyProperty, u64)],
    session: &Session<'_>,
) -> Result<(), AppError> {
    let unique = |(property, _): &&(KeyProperty, u64)| property.kind() == KeyKind::Unique;
    let unique: Vec<_> = properties.iter().filter(unique).collect();
    know_in_rehearsal(&unique, session)?;
    let types: BTreeSet<_> = unique.iter().map(|(of, _)| of.object_type).collect();
    for object_type in types {
        let listed = session.delivery.caller().properties(object_type).await;
        if let Some(reason) = session.stop().reason() {
            return Err(AppError::Stopped(reason));
        }
        let mut listed = match listed.unwrap_or_else(|| Ok(Vec::new())) {
            Ok(listed) => listed,
            Err(why) if why.http_status == Some(HttpStatus::FORBIDDEN) => {
                session.screen().say(&format!(
                    "note: whether the values of properties of {object_type} are unique was not \
                     checked: {}",
                    messages::failure(&why)
                ));
                continue;
            }
            Err(why) => {
                let why = messages::failure(&why);
                let text = format!("HubSpot does not list the properties of {object_type}: {why}");
                return Err(AppError::KeyProperty(text));
            }
        };
        let of_type = unique
            .iter()
            .filter(|(of, _)| of.object_type == object_type);
        let of_type: Vec<_> = of_type.collect();
        let is_listed = |name| listed.iter().any(|details| details.name == name);
        if of_type.iter().any(|(of, _)| !is_listed(of.name)) {
            listed.extend(archived(object_type, session).await?);
        }
        for (property, line) in of_type {
            if let Some(fault) = fault(*property, &listed) {
                let place = match line {
                    0 => String::new(),
                    line => format!("line {line}: "),
                };
                return Err(AppError::KeyProperty(format!("{place}{fault}")));
            }
        }
    }
    Ok(())
}

/// The properties that were archived, as far as HubSpot lists them. They only explain a refusal.
async fn archived(
    object_type: &str,
    session: &Session<'_>,
) -> Result<impl Iterator<Item = PropertyDetails>, AppError> {
    let caller = session.delivery.caller();
    let listed = caller.archived_properties(object_type).await;
    if let Some(reason) = session.stop().reason() {
        return Err(AppError::Stopped(reason));
    }
    let listed = listed.and_then(Result::ok).unwrap_or_default();
    Ok(listed.into_iter().map(|details| PropertyDetails {
        is_archived: true,
        ..details
    }))
}

/// Whether the values of a property are unique is known only to the account, which a rehearsal does
/// not ask. Its sandbox takes them to be.
fn know_in_rehearsal(
    unique: &[&(KeyProperty, u64)],
    session: &Session<'_>,
) -> Result<(), AppError> {
    let Some(sandbox) = &session.destination.sandbox else {
        return Ok(());
    };
    let properties = unique.iter().map(|(property, _)| UniqueProperty {
        object_type: property.object_type.to_owned(),
        name: property.name.to_owned(),
    });
    let properties: Vec<_> = properties.collect();
    Ok(sandbox.add_unique_properties(&properties)?)
}

/// Why records cannot be found by a property.
fn fault(property: KeyProperty, listed: &[PropertyDetails]) -> Option<String> {
    let KeyProperty { object_type, name } = property;
    let found = listed.iter().find(|details| details.name == name);
    let problem = match found {
        Some(found) if found.is_archived => format!("the property {name} was archived"),
        Some(found) if found.is_unique => return None,
        Some(_) => format!("several {object_type} may have the same {name}"),
        None => format!("HubSpot has no property {name} of {object_type}"),
    };
    let mut others: Vec<_> = listed
        .iter()
        .filter(|details| details.is_unique && !details.is_archived)
        .map(|details| details.name.as_str())
        .collect();
    match object_type {
        "contacts" if !others.contains(&"email") => others.insert(0, "email"),
        "companies" => others.insert(0, "domain"),
        _ => {}
    }
    others.truncate(MAX_SUGGESTED);
    let remedy = if others.is_empty() {
        format!("{object_type} have no property with unique values; use their ids")
    } else {
        format!("use one of: {}", others.join(", "))
    };
    Some(format!("{problem}; {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(name: &str, is_unique: bool, is_archived: bool) -> PropertyDetails {
        PropertyDetails {
            name: name.to_owned(),
            label: name.to_owned(),
            is_unique,
            is_archived,
            data_type: "string".to_owned(),
            is_sensitive: false,
        }
    }

    #[test]
    fn only_unique_properties_that_exist_lead_to_records() {
        let listed = [
            details("case_number", true, false),
            details("old_number", true, true),
            details("color", false, false),
        ];
        let fault = |object_type, name| fault(KeyProperty { object_type, name }, &listed);
        assert_eq!(fault("deals", "case_number"), None);
        for (object_type, name, expected) in [
            (
                "deals",
                "old_number",
                "the property old_number was archived; use one of: case_number",
            ),
            (
                "contacts",
                "color",
                "several contacts may have the same color; use one of: email, case_number",
            ),
            (
                "companies",
                "nickname",
                "HubSpot has no property nickname of companies; use one of: domain, case_number",
            ),
        ] {
            assert_eq!(fault(object_type, name).as_deref(), Some(expected));
        }
    }
}
