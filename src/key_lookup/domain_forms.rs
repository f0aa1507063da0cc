//! The forms in which a company may have a domain. Pure.
//!
//! Which of its two forms HubSpot stores of a domain with letters beside ASCII is not known.

use std::sync::Arc;

/// What the label of a domain in ASCII begins with if it stands for other letters.
const ENCODED_LABEL: &str = "xn--";

/// All forms of a domain in ASCII: itself, as people read it, and both with `www.`.
pub(super) fn forms(domain: &Arc<str>) -> Vec<Arc<str>> {
    let mut forms = vec![Arc::clone(domain), www(domain)];
    if domain.contains(ENCODED_LABEL) {
        let (readable, _) = idna::domain_to_unicode(domain);
        forms.extend([www(&readable), readable.into()]);
    }
    forms
}

/// How many of these domains, from the first on, fit into a search for so many forms.
pub(super) fn fitting<'a>(domains: impl Iterator<Item = &'a Arc<str>>, max_forms: usize) -> usize {
    let counts = domains.map(|domain| forms(domain).len());
    let sums = counts.scan(0, |sum, count| {
        *sum += count;
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= max_forms).count()
}

/// A domain of a record, in lower case, as it is compared.
pub(super) fn in_ascii(lower_case: &str) -> String {
    idna::domain_to_ascii(lower_case).unwrap_or_else(|_| lower_case.to_owned())
}

/// All forms of a domain, as they are compared.
pub(super) fn forms_in_ascii(domain: &str) -> [String; 2] {
    let domain = in_ascii(domain);
    [www(&domain).to_string(), domain]
}

fn www(domain: &str) -> Arc<str> {
    format!("www.{domain}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_domain_is_recognised() {
        for (domain, count) in [("x.com", 2), ("xn--bcher-kva.de", 4), ("a.xn--p1ai", 4)] {
            let domain = Arc::from(domain);
            let forms = forms(&domain);
            assert_eq!(forms.len(), count);
            assert_eq!(fitting([&domain].into_iter(), count), 1);
            assert_eq!(fitting([&domain].into_iter(), count - 1), 0);
            for form in forms {
                let compared = in_ascii(&form.to_lowercase());
                assert!(forms_in_ascii(&domain).contains(&compared), "{form}");
            }
        }
    }
}
