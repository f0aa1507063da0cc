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
        linked
            .split_once('?')
            .map_or(linked, |(address, _)| address)
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
    if local.is_empty() || host.contains(['@', '/']) || address.contains(is_wrong) || !has_labels {
        return Err(InvalidKeyKind::Email);
    }
    Ok(lower_case(address))
}
