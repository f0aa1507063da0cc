//! One cell with a key: the key in its usual form, or why it is not one.
//!
//! Pure. What surely has no meaning is dropped (blanks, `mailto:`, `https://www.`, capitals of
//! addresses); nothing else is corrected.

mod domain;
mod email;
mod record_url;

use std::sync::Arc;

use super::{altering_format::AlteringFormat, id, id_list::IdSeparator};
use crate::{
    association::{KeyKind, KeyProperty, RecordKey},
    cell::is_invisible,
    code::Code,
    failure::{CellFault, Failure, FailureDetail, InvalidKeyKind},
    lookalike::show_exact,
};

/// The most characters of a key; our choice. HubSpot's texts of one line are shorter.
const MAX_CHARS: usize = 1_000;

/// How much of a cell is shown.
const SHOWN_CHARS: usize = 60;

/// The key in a cell of this column.
pub(super) fn read(
    column: &str,
    cell: &str,
    property: KeyProperty,
    allows_free_mail: bool,
) -> Result<RecordKey, Failure> {
    let kind = property.kind();
    let text = trim(cell, kind);
    let value = check_text(text)
        .and_then(|()| usual_form(text, property))
        .map_err(|kind| several(cell, property).unwrap_or(kind));
    // What follows a domain is dropped, so it must not be another one.
    let value = match value {
        Ok(_) if kind == KeyKind::Domain && text.contains(char::is_whitespace) => {
            several(cell, property).map_or(value, Err)
        }
        value => value,
    };
    let value = match value {
        Ok(value)
            if kind == KeyKind::Domain && !allows_free_mail && domain::is_free_mail(&value) =>
        {
            Err(InvalidKeyKind::FreeMail)
        }
        value => value,
    };
    let value = value.map_err(|kind| not_a_key(column, text, kind))?;
    let value = Arc::from(value);
    Ok(RecordKey { property, value })
}

/// The failure of a cell with bytes that are invalid in the file's encoding.
pub(super) fn wrong_encoding(column: &str, cell: &str) -> Failure {
    not_a_key(column, cell, InvalidKeyKind::Encoding)
}

fn not_a_key(column: &str, text: &str, kind: InvalidKeyKind) -> Failure {
    let fault = CellFault::NotAKey(show_exact(text, SHOWN_CHARS), kind);
    let detail = FailureDetail::Cell(id::column_name(column), fault);
    Failure::new(kind.code(), detail)
}

/// The failure of a cell whose text a sheet shows in this number format, and so in another way.
pub(super) fn shown_in_a_format(column: &str, cell: &str, format: AlteringFormat<'_>) -> Failure {
    let shown = |text: &str| show_exact(text, SHOWN_CHARS);
    let fault = CellFault::ShownInAFormat {
        stored: shown(cell),
        format: match format {
            AlteringFormat::Code(code) => Some(shown(code)),
            AlteringFormat::Unknown => None,
        },
    };
    let detail = FailureDetail::Cell(id::column_name(column), fault);
    Failure::new(Code::InvalidKeyFormat, detail)
}

/// The formula of a spreadsheet that shows the text of a cell in this number format. If it is not known
/// what that shows, the formula has the text, and its result is an error.
pub(super) fn shown_by_formula(cell: &str, format: AlteringFormat<'_>) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let value = match cell.parse::<f64>() {
        Ok(_) => cell.to_owned(),
        Err(_) => quoted(cell),
    };
    match format {
        AlteringFormat::Code(code) => format!("=TEXT({value},{})", quoted(code)),
        AlteringFormat::Unknown => format!("={value}&NA()"),
    }
}

/// Whether a cell is surely an e-mail address, a domain or the address of a page, and no name.
pub(super) fn looks_like_key(cell: &str) -> bool {
    let text = trim(cell, KeyKind::Email);
    email::usual_form(text).is_ok() || domain::is_page_or_usual(text)
}

/// Whether an e-mail address or the address of a page stands anywhere in a cell, or the cell is a list
/// of domains. A domain among other words may be a name: `Booking.com ID`.
pub(super) fn contains_key(cell: &str) -> bool {
    let pieces = |is_between: fn(char) -> bool| {
        let pieces = cell.split(is_between).map(|it| it.trim_matches('.'));
        pieces.filter(|piece| !piece.is_empty())
    };
    let is_email = |piece: &str| email::usual_form(piece).is_ok();
    let is_bracket = |c: char| c.is_whitespace() || ",;|<>()[]{}\"'".contains(c);
    let mut words = pieces(is_bracket).peekable();
    let has_words = words.peek().is_some();
    pieces(|c| c.is_whitespace() || ",;|<>()[]{}\"':/?&=".contains(c)).any(is_email)
        || pieces(is_bracket).any(domain::is_page)
        || has_words && words.all(domain::is_page_or_usual)
}

/// The text without blanks around it. In addresses and domains, blanks of any kind have no meaning.
fn trim(cell: &str, kind: KeyKind) -> &str {
    match kind {
        KeyKind::Email | KeyKind::Domain | KeyKind::RecordUrl => {
            cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'))
        }
        KeyKind::Unique => id::trim(cell),
    }
}

/// Whether a text is a formula that this program wrote ([`shown_by_formula`]), as text. Saving the file
/// in a spreadsheet does not give it a result.
fn is_shown_by_formula(text: &str) -> bool {
    let Some(formula) = text.strip_prefix('=') else {
        return false;
    };
    let value = formula.strip_prefix("TEXT(");
    let has_value =
        |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | '"'));
    value.is_some_and(has_value) || formula.ends_with("&NA()") && has_value(formula)
}

/// What is wrong with a text that is not a key, whatever it should be.
fn check_text(text: &str) -> Result<(), InvalidKeyKind> {
    if is_shown_by_formula(text) {
        return Err(InvalidKeyKind::ShownByFormula);
    }
    if text.contains('\u{fffd}') {
        return Err(InvalidKeyKind::Encoding);
    }
    if let Some(damage) = id::damage(text) {
        return Err(InvalidKeyKind::Damaged(damage));
    }
    if text.is_empty() {
        return Err(InvalidKeyKind::Empty);
    }
    if text.chars().count() > MAX_CHARS {
        return Err(InvalidKeyKind::TooLong(MAX_CHARS));
    }
    if let Some(hidden) = text.chars().find(|c| is_invisible(*c)) {
        return Err(InvalidKeyKind::Invisible(hidden));
    }
    if text.starts_with(['\'', '"']) || text.starts_with("=\"") {
        return Err(InvalidKeyKind::Quoted);
    }
    Ok(())
}

/// The text as keys of its kind are usually written.
fn usual_form(text: &str, property: KeyProperty) -> Result<String, InvalidKeyKind> {
    match property.kind() {
        KeyKind::Email => email::usual_form(text),
        KeyKind::Domain => match domain::usual_form(text)? {
            domain if domain::is_page_on_shared_site(text, &domain) => {
                Err(InvalidKeyKind::PageOnSharedSite)
            }
            domain => Ok(domain),
        },
        KeyKind::RecordUrl => record_url::usual_form(text, property.object_type),
        KeyKind::Unique => Ok(text.to_owned()),
    }
}

/// Whether the cell has several keys, of which each could stand alone.
fn several(cell: &str, property: KeyProperty) -> Option<InvalidKeyKind> {
    if property.kind() == KeyKind::Unique {
        return None;
    }
    let mut separators = IdSeparator::USUAL.into_iter();
    separators.find_map(|separator| {
        let pieces = separator.pieces(cell);
        let is_key = |text: &str| {
            let text = trim(text, property.kind());
            check_text(text).is_ok() && usual_form(text, property).is_ok()
        };
        let are_keys = pieces.len() > 1 && pieces.iter().all(|piece| is_key(&cell[piece.clone()]));
        are_keys.then(|| InvalidKeyKind::Several(pieces.len(), Some(separator.character())))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn property(object_type: &'static str, name: &'static str) -> KeyProperty {
        KeyProperty { object_type, name }
    }

    fn value(cell: &str, property: KeyProperty) -> Result<String, Code> {
        let read = read("from_key", cell, property, false);
        read.map(|key| key.value.to_string())
            .map_err(|failure| failure.code)
    }

    #[test]
    fn addresses_are_found_in_spite_of_their_dress() {
        let email = property("contacts", "email");
        for (cell, expected) in [
            ("ann@example.com", Ok("ann@example.com")),
            (" Ann@Example.COM\u{a0}", Ok("ann@example.com")),
            ("mailto:Ann@x.com", Ok("ann@x.com")),
            ("MAILTO:ann@x.com?subject=Hi", Ok("ann@x.com")),
            ("ann+tag@x.com", Ok("ann+tag@x.com")),
            ("o'neil@x.com", Ok("o'neil@x.com")),
            ("ann@müller.de", Ok("ann@müller.de")),
            ("", Err(Code::InvalidKeyEmpty)),
            ("  ", Err(Code::InvalidKeyEmpty)),
            ("ann", Err(Code::InvalidEmail)),
            ("ann@", Err(Code::InvalidEmail)),
            ("@x.com", Err(Code::InvalidEmail)),
            ("ann@x", Err(Code::InvalidEmail)),
            ("ann@x..com", Err(Code::InvalidEmail)),
            ("ann@@x.com", Err(Code::InvalidEmail)),
            ("ann b@x.com", Err(Code::InvalidEmail)),
            ("Ann <ann@x.com>", Err(Code::InvalidEmail)),
            ("ann@x.com;bob@x.com", Err(Code::InvalidKeySeveral)),
            ("ann@x.com, bob@x.com", Err(Code::InvalidKeySeveral)),
            ("ann@x\u{200b}y.com", Err(Code::InvalidIdInvisible)),
            ("ann@x\u{fffd}.com", Err(Code::InvalidIdEncoding)),
            ("#N/A", Err(Code::InvalidIdSpreadsheetError)),
            ("'ann@x.com", Err(Code::InvalidIdQuoted)),
        ] {
            assert_eq!(
                value(cell, email).as_deref().map_err(|code| *code),
                expected,
                "{cell}"
            );
        }
    }

    #[test]
    fn domains_are_found_in_addresses_of_pages() {
        let domain = property("companies", "domain");
        for (cell, expected) in [
            ("example.com", Ok("example.com")),
            (" WWW.Example.com. ", Ok("example.com")),
            ("https://www.example.com/path?q=1#top", Ok("example.com")),
            ("http://example.com:8080", Ok("example.com")),
            ("example.com/about", Ok("example.com")),
            ("shop.example.co.uk", Ok("shop.example.co.uk")),
            ("müller.de", Ok("xn--mller-kva.de")),
            ("https://xn--mller-kva.de/", Ok("xn--mller-kva.de")),
            ("www.com", Ok("www.com")),
            ("", Err(Code::InvalidKeyEmpty)),
            ("ann@example.com", Err(Code::InvalidDomain)),
            ("https://ann:pw@example.com", Err(Code::InvalidDomain)),
            ("localhost", Err(Code::InvalidDomain)),
            ("n/a", Err(Code::InvalidDomain)),
            ("192.168.0.1", Err(Code::InvalidDomain)),
            ("http://[::1]/", Err(Code::InvalidDomain)),
            ("exa mple.com", Err(Code::InvalidDomain)),
            ("example..com", Err(Code::InvalidDomain)),
            ("-example.com", Err(Code::InvalidDomain)),
            ("ftp:example.com", Err(Code::InvalidDomain)),
            ("a.com;b.com", Err(Code::InvalidKeySeveral)),
            ("gmail.com", Err(Code::FreeMailDomain)),
            ("https://www.GMail.com/", Err(Code::FreeMailDomain)),
            (
                "https://a.com/x; https://b.com",
                Err(Code::InvalidKeySeveral),
            ),
            ("mail.gmail.com.example", Ok("mail.gmail.com.example")),
        ] {
            assert_eq!(
                value(cell, domain).as_deref().map_err(|code| *code),
                expected,
                "{cell}"
            );
        }
        let allowed = read("to_domain", "gmail.com", domain, true);
        assert_eq!(&*allowed.unwrap().value, "gmail.com");
    }

    #[test]
    fn links_to_several_addresses_and_lookalikes_are_no_addresses() {
        let email = property("contacts", "email");
        for (cell, expected) in [
            ("mailto:ann@x.com?", Ok("ann@x.com")),
            ("mailto:ann@x.com?CC=&body=to", Ok("ann@x.com")),
            (
                "mailto:ann@x.com?subject=a&to=bob@x.com",
                Err(Code::InvalidKeySeveral),
            ),
            (
                "mailto:ann@x.com?subject=a&amp;Cc=bob@x.com",
                Err(Code::InvalidKeySeveral),
            ),
            (
                "mailto:ann@x.com?bcc=bob%40x.com,eve@x.com",
                Err(Code::InvalidKeySeveral),
            ),
            ("mailto:?to=ann@x.com", Err(Code::InvalidEmail)),
            ("mailto://ann@x.com", Err(Code::InvalidEmail)),
            ("mar\u{212a}@x.com", Err(Code::InvalidEmail)),
            ("ann@\u{130}x.com", Err(Code::InvalidEmail)),
            ("\u{c4}nn@x.com", Ok("\u{e4}nn@x.com")),
        ] {
            let found = value(cell, email);
            assert_eq!(found.as_deref().map_err(|code| *code), expected, "{cell}");
        }
    }

    #[test]
    fn pages_on_shared_sites_are_no_domains() {
        let domain = property("companies", "domain");
        for (cell, expected) in [
            (
                "https://www.google.com/url?q=https://acme.com",
                Err(Code::InvalidDomain),
            ),
            (
                "https://de.linkedin.com/company/acme/",
                Err(Code::InvalidDomain),
            ),
            ("linkedin.com/company/acme", Err(Code::InvalidDomain)),
            ("https://www.facebook.com/?id=7", Err(Code::InvalidDomain)),
            ("https://x.com/acme#top", Err(Code::InvalidDomain)),
            // The sites have domains, too.
            ("https://www.linkedin.com/", Ok("linkedin.com")),
            ("http://youtube.com/#top", Ok("youtube.com")),
            ("xing.com", Ok("xing.com")),
            ("https://netflix.com/browse", Ok("netflix.com")),
        ] {
            let found = value(cell, domain);
            assert_eq!(found.as_deref().map_err(|code| *code), expected, "{cell}");
        }
    }

    #[test]
    fn addresses_of_records_have_account_and_id() {
        let contact = property("contacts", "record_url");
        for (cell, expected) in [
            (
                "https://app.hubspot.com/contacts/62515/record/0-1/351",
                Ok("62515/351"),
            ),
            (
                "https://app-eu1.hubspot.com/contacts/7/record/0-1/351/view?x=1",
                Ok("7/351"),
            ),
            ("app.hubspot.com/contacts/7/contact/351/", Ok("7/351")),
            (
                "https://app.hubspot.com/contacts/7/company/351",
                Err(Code::InvalidRecordUrl),
            ),
            (
                "https://app.hubspot.com/contacts/7/record/0-2/351",
                Err(Code::InvalidRecordUrl),
            ),
            (
                "https://app.hubspot.com/contacts/7/record/0-1/0",
                Err(Code::InvalidRecordUrl),
            ),
            (
                "https://app.hubspot.com/contacts/7",
                Err(Code::InvalidRecordUrl),
            ),
            (
                "https://app.hubspot.com.evil.com/contacts/7/contact/3",
                Err(Code::InvalidRecordUrl),
            ),
            ("351", Err(Code::InvalidRecordUrl)),
        ] {
            assert_eq!(
                value(cell, contact).as_deref().map_err(|code| *code),
                expected,
                "{cell}"
            );
        }
    }

    #[test]
    fn addresses_of_custom_objects_are_compared_as_far_as_that_is_possible() {
        let custom = "https://app.hubspot.com/contacts/7/record/2-99/5";
        for (object_type, expected) in [
            ("2-99", Ok("7/5")),
            ("p7_cars", Ok("7/5")),
            ("2-98", Err(Code::InvalidRecordUrl)),
            ("deals", Err(Code::InvalidRecordUrl)),
        ] {
            let found = value(custom, property(object_type, "record_url"));
            assert_eq!(
                found.as_deref().map_err(|code| *code),
                expected,
                "{object_type}"
            );
        }
    }

    #[test]
    fn other_keys_stay_as_they_are() {
        let external = property("deals", "external_id");
        for (cell, expected) in [
            (" 00042 ", Ok("00042")),
            ("Ab;c", Ok("Ab;c")),
            ("12E5", Ok("12E5")),
            ("#A123", Ok("#A123")),
            ("123.0", Ok("123.0")),
            ("1.23457E+11", Err(Code::InvalidIdScientific)),
            ("1.23456789012346E+15", Err(Code::InvalidIdRounded)),
            ("#REF!", Err(Code::InvalidIdSpreadsheetError)),
            ("=B2", Err(Code::FormulaWithoutValue)),
            ("\u{a0}42", Err(Code::InvalidIdInvisible)),
        ] {
            let found = value(cell, external);
            assert_eq!(found.as_deref().map_err(|code| *code), expected, "{cell}");
        }
        let long = "x".repeat(MAX_CHARS + 1);
        assert_eq!(value(&long, external), Err(Code::InvalidKeyTooLong));
    }

    proptest! {
        #[test]
        fn the_usual_form_is_its_own_usual_form(cell: String) {
            for (object_type, name) in [
                ("contacts", "email"),
                ("companies", "domain"),
                ("deals", "external_id"),
            ] {
                let property = property(object_type, name);
                if let Ok(found) = value(&cell, property) {
                    prop_assert_eq!(value(&found, property), Ok(found));
                }
            }
        }

        #[test]
        fn no_address_is_made_up(local in "[a-z0-9.+]{1,20}", host in "[a-z0-9]{1,20}\\.[a-z]{2,5}") {
            let email = property("contacts", "email");
            let cell = format!(" mailto:{local}@{host}");
            prop_assert_eq!(value(&cell, email), Ok(format!("{local}@{host}")));
        }
    }
}
