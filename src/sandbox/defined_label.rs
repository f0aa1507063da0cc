//! The labels that the account itself defines.
//!
//! Only values. The catalogue assigns the ids of their types.

use std::str::FromStr;

use super::{error::SandboxError, object::ObjectType};

/// A label between two object types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinedLabel {
    /// The from object type, as the user wrote it.
    pub from: String,
    /// The to object type.
    pub to: String,
    /// Its name in both directions.
    pub name: String,
}

/// The labels of an account if the options name no others.
pub(super) const DEFAULT: [&str; 4] = [
    "contacts,companies,Decision maker",
    "contacts,companies,Billing contact",
    "deals,contacts,Champion",
    "contacts,2-123456,Owner",
];

impl FromStr for DefinedLabel {
    type Err = SandboxError;

    /// `contacts,companies,Decision maker`.
    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let refused = || SandboxError::Label(text.to_owned());
        let mut parts = text.splitn(3, ',').map(str::trim);
        let mut next = || parts.next().filter(|part| !part.is_empty());
        let (Some(from), Some(to), Some(name)) = (next(), next(), next()) else {
            return Err(refused());
        };
        let known = |text| ObjectType::standard(text).is_some() || ObjectType::is_custom(text);
        if !known(from) || !known(to) {
            return Err(refused());
        }
        Ok(Self {
            from: from.to_owned(),
            to: to.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// [`DEFAULT`], parsed.
pub(super) fn defaults() -> Vec<DefinedLabel> {
    let labels = DEFAULT.iter().map(|text| text.parse());
    labels.filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_two_types_and_a_name_that_may_have_commas() {
        let label: DefinedLabel = "contacts, 2-7 ,Owner, and more".parse().unwrap();
        assert_eq!((&*label.from, &*label.to), ("contacts", "2-7"));
        assert_eq!(label.name, "Owner, and more");
        assert_eq!(defaults().len(), DEFAULT.len());
    }

    #[test]
    fn an_invalid_label_is_refused_with_the_expected_form() {
        for text in [
            "",
            "contacts,companies",
            "contacts,companies, ",
            "x,deals,y",
        ] {
            let error = text.parse::<DefinedLabel>().unwrap_err().to_string();
            assert!(error.contains("FROM,TO,NAME"), "{error}");
        }
    }
}
