//! Domains of companies. Pure.

use std::{net::Ipv4Addr, sync::LazyLock};

use crate::failure::InvalidKeyKind;

/// What the addresses of pages begin with.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// What people put in front of a domain.
const WWW: &str = "www.";

/// The last labels of most domains. Names of columns (`contact.email`) do not end with them.
const USUAL_ENDS: [&str; 18] = [
    "at", "be", "biz", "ch", "co", "com", "de", "edu", "es", "eu", "fr", "io", "it", "jp", "net",
    "nl", "org", "uk",
];

/// The most characters of a domain (RFC 1035).
const MAX_CHARS: usize = 253;

/// Domains of providers of free e-mail addresses, sorted. Their addresses belong to people of any
/// company. Our collection.
static FREE_MAIL: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../free_mail_domains.txt").lines().collect());

/// Social networks, search engines and other sites on which many companies have a page, sorted. Our
/// collection.
static SHARED_SITES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../shared_sites.txt").lines().collect());

/// The domain in lower case and ASCII, without `www.`.
pub(super) fn usual_form(text: &str) -> Result<String, InvalidKeyKind> {
    let host = without_scheme(text)
        .split(['/', '?', '#'])
        .next()
        .unwrap_or_default();
    if host.contains('@') {
        return Err(InvalidKeyKind::DomainWithAt);
    }
    let host = without_port(host).ok_or(InvalidKeyKind::Domain)?;
    let host = host.strip_suffix('.').unwrap_or(host);
    let ascii = idna::domain_to_ascii(host).map_err(|_| InvalidKeyKind::Domain)?;
    let domain = match ascii.strip_prefix(WWW) {
        // `www.com` is a domain of its own.
        Some(rest) if rest.contains('.') => rest,
        Some(_) | None => &ascii,
    };
    if is_domain(domain) {
        Ok(domain.to_owned())
    } else {
        Err(InvalidKeyKind::Domain)
    }
}

/// Whether it is the domain of a provider of free e-mail addresses.
pub(super) fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.binary_search(&domain).is_ok()
}

/// Whether a text with this domain is the page of somebody on a site that many companies share.
pub(super) fn is_page_on_shared_site(text: &str, domain: &str) -> bool {
    let address = without_scheme(text);
    let has_page = address.find(['/', '?']).is_some_and(|end| {
        let rest = address[end..].split('#').next().unwrap_or_default();
        !rest.trim_matches(['/', '?']).is_empty()
    });
    let mut parents = domain.match_indices('.').map(|(dot, _)| &domain[dot + 1..]);
    let is_shared = |domain: &str| SHARED_SITES.binary_search(&domain).is_ok();
    has_page && (is_shared(domain) || parents.any(is_shared))
}

fn without_scheme(text: &str) -> &str {
    let rest = SCHEMES.iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        start
            .eq_ignore_ascii_case(scheme)
            .then(|| &text[scheme.len()..])
    });
    rest.unwrap_or(text)
}

/// Whether a text is the address of a page, or a domain that ends as most do.
pub(super) fn is_page_or_usual(text: &str) -> bool {
    let end = |domain: &str| domain.rsplit('.').next().map(str::to_owned);
    let has_usual_end =
        |domain: String| end(&domain).is_some_and(|end| USUAL_ENDS.contains(&end.as_str()));
    is_page(text) || usual_form(text).is_ok_and(has_usual_end)
}

/// Whether a text is the address of a page.
pub(super) fn is_page(text: &str) -> bool {
    let starts_with = |start: &&str| {
        let begin = text.get(..start.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    SCHEMES.iter().chain(&[WWW]).any(starts_with) && usual_form(text).is_ok()
}

/// `None` if a colon is not followed by a port.
fn without_port(host: &str) -> Option<&str> {
    let Some((host, port)) = host.split_once(':') else {
        return Some(host);
    };
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_port.then_some(host)
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len())
            && label.bytes().all(is_part)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_long_enough = text.contains('.') && text.len() <= MAX_CHARS;
    let has_letter = |label: &str| label.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_long_enough
        && text.split('.').all(is_label)
        && text.rsplit('.').next().is_some_and(has_letter)
        && text.parse::<Ipv4Addr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_shared_sites_is_sorted_and_in_its_usual_form() {
        assert!(SHARED_SITES.is_sorted());
        for domain in SHARED_SITES.iter() {
            assert_eq!(usual_form(domain).as_deref(), Ok(*domain));
        }
    }

    #[test]
    fn the_list_of_free_mail_is_sorted_and_in_its_usual_form() {
        assert!(FREE_MAIL.is_sorted());
        for domain in FREE_MAIL.iter() {
            assert_eq!(usual_form(domain).as_deref(), Ok(*domain));
            assert!(is_free_mail(domain));
        }
        assert!(!is_free_mail("example.com"));
    }
}
