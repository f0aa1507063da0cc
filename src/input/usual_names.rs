//! The names that people give to columns with ids of records, such as `Company ID` or
//! `Associated Company IDs`.
//!
//! Pure: cells of a header in, their meaning out. Does not know which columns are used.

use super::{id_list::IdSeparator, options::InputOptions};
use crate::{association::own_object_type, cell::fold};

/// A longer text is not the name of a column of ids.
const MAX_NAME_BYTES: usize = 200;

/// Folded names of columns with the ids of the records that a file lists. They do not say of which
/// object type these records are.
const UNTYPED_NAMES: [&str; 3] = ["recordid", "hsobjectid", "id"];

/// What HubSpot adds to the name of the column with primary companies.
const PRIMARY: &str = "(primary)";

/// `Email ID` usually means an address.
const EMAILS: &str = "emails";

/// What the name of a column with ids of records says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UsualName {
    pub(super) object_type: &'static str,
    /// Whether it has what the record of the row is linked to (`Associated Company IDs`).
    pub(super) is_associated: bool,
    /// Whether it has only primary records.
    pub(super) is_primary: bool,
    /// Whether it names several ids (`IDs`).
    pub(super) is_plural: bool,
}

impl UsualName {
    /// `None` if the cell does not name records of one of HubSpot's own object types.
    pub(super) fn parse(cell: &str) -> Option<Self> {
        if cell.len() > MAX_NAME_BYTES {
            return None;
        }
        let folded = fold(cell);
        let (name, is_primary) = strip(&folded, |name| name.strip_suffix(PRIMARY));
        let (name, is_associated) = strip(name, |name| name.strip_prefix("associated"));
        let (name, of_hubspot) = strip(name, |name| name.strip_prefix("hubspot"));
        let (name, is_plural) = match name.strip_suffix("ids") {
            Some(name) => (name, true),
            None => (name.strip_suffix("id")?, false),
        };
        let (name, of_record) = strip(name, |name| {
            name.strip_suffix("record").or(name.strip_suffix("object"))
        });
        let object_type = own_object_type(name)?;
        let is_plain = !(is_associated || of_hubspot || of_record);
        (object_type != EMAILS || !is_plain).then_some(Self {
            object_type,
            is_associated,
            is_primary,
            is_plural,
        })
    }

    /// Whether a cell may have several ids, as in exports of HubSpot.
    pub(super) fn may_be_list(self) -> bool {
        self.is_associated && self.is_plural && !self.is_primary
    }
}

/// The text without an addition, and whether it had it.
fn strip<'a>(text: &'a str, addition: impl Fn(&'a str) -> Option<&'a str>) -> (&'a str, bool) {
    addition(text).map_or((text, false), |rest| (rest, true))
}

/// Whether it is the name of a column with ids of records of an unknown object type.
pub(super) fn is_untyped(cell: &str) -> bool {
    cell.len() <= MAX_NAME_BYTES && UNTYPED_NAMES.contains(&fold(cell).as_str())
}

/// The character between the ids of a cell, if one of the columns with these names may have several
/// ids in a cell, and no character is given.
pub(super) fn column_separator<'a>(
    mut names: impl Iterator<Item = &'a String>,
    options: &InputOptions,
) -> Option<IdSeparator> {
    let may_be_list = |name: &String| UsualName::parse(name).is_some_and(UsualName::may_be_list);
    let is_needed = options.split.is_none() && names.any(may_be_list);
    is_needed.then_some(IdSeparator::SEMICOLON)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_type(object_type: &'static str, is_plural: bool) -> UsualName {
        UsualName {
            object_type,
            is_associated: false,
            is_primary: false,
            is_plural,
        }
    }

    #[test]
    fn names_of_columns_with_ids_say_the_object_type() {
        for (cell, object_type) in [
            ("Contact ID", "contacts"),
            ("contact_id", "contacts"),
            ("CONTACT-ID", "contacts"),
            (" ContactIds ", "contacts"),
            ("Contacts ID", "contacts"),
            ("Contact record id", "contacts"),
            ("Contact object ID", "contacts"),
            ("HubSpot Company ID", "companies"),
            ("hubspot company record id", "companies"),
            ("line item ids", "line_items"),
            ("Tax ID", "taxes"),
            ("Payment ID", "commerce_payments"),
            ("Email record ID", "emails"),
        ] {
            let is_plural = cell.trim().to_lowercase().ends_with('s');
            let name = of_type(object_type, is_plural);
            assert_eq!(UsualName::parse(cell), Some(name), "{cell}");
            assert!(!name.may_be_list(), "{cell}");
        }
        let associated = |is_primary, is_plural| UsualName {
            object_type: "companies",
            is_associated: true,
            is_primary,
            is_plural,
        };
        for (cell, name, may_be_list) in [
            ("Associated Company IDs", associated(false, true), true),
            ("associated_company_id", associated(false, false), false),
            (
                "Associated Company IDs (Primary)",
                associated(true, true),
                false,
            ),
        ] {
            assert_eq!(UsualName::parse(cell), Some(name), "{cell}");
            assert_eq!(name.may_be_list(), may_be_list, "{cell}");
        }
    }

    #[test]
    fn other_names_say_no_object_type() {
        for cell in [
            "",
            "ID",
            "IDs",
            "Record ID",
            "hs_object_id",
            "Object ID",
            "Associated ID",
            "HubSpot ID",
            "Contact",
            "Contact name",
            "Associated Company",
            "Contact ID 2",
            "Parent Company ID",
            "2-123456 ID",
            "p123_cars ID",
            "Car ID",
            "Email ID",
            "from_object_id",
            "Contact\u{a0}ID",
            "C\u{43e}ntact ID",
            "Tic\u{212a}et ID",
        ] {
            assert_eq!(UsualName::parse(cell), None, "{cell}");
        }
        let long = format!("Contact{}ID", " ".repeat(MAX_NAME_BYTES));
        assert_eq!(UsualName::parse(&long), None);
    }

    #[test]
    fn some_names_are_of_records_without_their_object_type() {
        for cell in ["Record ID", "record_id", "hs_object_id", "ID", "id "] {
            assert!(is_untyped(cell), "{cell}");
        }
        for cell in ["Object ID", "Row ID", "External ID", "Contact ID", "IDs"] {
            assert!(!is_untyped(cell), "{cell}");
        }
    }
}
