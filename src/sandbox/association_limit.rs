//! Limits that administrators set on how many records of another type a record is associated with.
//!
//! Only values. Other modules enforce them.

use std::str::FromStr;

use super::error::SandboxError;

/// A limit on one association type, in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssociationLimit {
    /// The object type whose records are limited, as the user wrote it.
    pub from: String,
    /// The object type that they are associated with.
    pub to: String,
    /// The maximum.
    pub maximum: u32,
    /// The label; empty for the unlabeled type, which every association has.
    pub label: String,
}

impl FromStr for AssociationLimit {
    type Err = SandboxError;

    /// `contacts,companies,1` or `contacts,companies,1,Decision maker`.
    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let refused = || SandboxError::AssociationLimit(text.to_owned());
        let mut parts = text.splitn(4, ',').map(str::trim);
        let mut next = || parts.next().filter(|part| !part.is_empty());
        let (Some(from), Some(to), Some(maximum)) = (next(), next(), next()) else {
            return Err(refused());
        };
        let maximum = maximum.parse().ok().filter(|maximum| *maximum > 0);
        Ok(Self {
            from: from.to_owned(),
            to: to.to_owned(),
            maximum: maximum.ok_or_else(refused)?,
            label: parts.next().unwrap_or_default().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_has_two_types_a_number_and_perhaps_a_label() {
        let limit: AssociationLimit = "contacts, 2-7 ,1".parse().unwrap();
        assert_eq!((&*limit.from, &*limit.to), ("contacts", "2-7"));
        assert_eq!((limit.maximum, &*limit.label), (1, ""));
        let limit: AssociationLimit = "deals,contacts,3,Champion, the first".parse().unwrap();
        assert_eq!((limit.maximum, &*limit.label), (3, "Champion, the first"));
        for text in [
            "",
            "contacts",
            "contacts,companies",
            "a,b,0",
            "a,b,-1",
            "a,b,x",
        ] {
            let error = text.parse::<AssociationLimit>().unwrap_err().to_string();
            assert!(error.contains("FROM,TO,N"), "{error}");
        }
    }
}
