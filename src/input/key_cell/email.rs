//! E-mail addresses of contacts. Pure.

use crate::{cell::lower_case, failure::InvalidKeyKind};

/// The scheme of a link to an address.
const MAILTO: &str = "mailto:";

/// The address in lower case. What follows a `+` belongs to it.
pub(super) fn usual_form(text: &str) -> Result<String, InvalidKeyKind> {
    let is_link = text.get(..MAILTO.len());
    let is_link = is_link.is_some_and(|start| start.eq_ignore_ascii_case(MAILTO));
    let address = if is_link {
        let linked = &text[MAILTO.len()..];
        let (address, fields) = linked.split_once('?').unwrap_or((linked, ""));
        let others = recipients(fields);
        if others > 0 && !address.is_empty() {
            return Err(InvalidKeyKind::Several(others + 1, None));
        }
        address
    } else {
        text
    };
    if address.ends_with('>') && address.contains('<') {
        return Err(InvalidKeyKind::NamedEmail);
    }
    let Some((local, host)) = address.split_once('@') else {
        return Err(InvalidKeyKind::Email);
    };
    let is_wrong = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"' | ':');
    let mut labels = host.split('.');
    let has_labels = host.contains('.') && labels.all(|label| !label.is_empty());
    let is_path = local.starts_with('/');
    if local.is_empty()
        || is_path
        || host.contains(['@', '/'])
        || address.contains(is_wrong)
        || !has_labels
    {
        return Err(InvalidKeyKind::Email);
    }
    match address.chars().find(|c| is_lookalike(*c)) {
        Some(lookalike) => Err(InvalidKeyKind::Lookalike(lookalike)),
        None => Ok(lower_case(address)),
    }
}

/// How many recipients the fields of a link have (`subject=Hi&cc=bob@x.com`).
fn recipients(fields: &str) -> usize {
    let of_field = |field: &str| {
        let (name, value) = field.split_once('=')?;
        let is_recipient = ["to", "cc", "bcc"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
        let addresses = value.split(',').filter(|address| !address.is_empty());
        is_recipient.then(|| addresses.count())
    };
    // A semicolon ends the `&amp;` of HTML.
    fields.split(['&', ';']).filter_map(of_field).sum()
}

/// Whether a character looks like a letter of ASCII, and is one for whoever writes it in lower case
/// (the Kelvin sign). Then another record would be found.
fn is_lookalike(c: char) -> bool {
    !c.is_ascii() && c.to_lowercase().any(|lower| lower.is_ascii())
}
