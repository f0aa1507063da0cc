//! Every secret of the run, old and new, so that no text shows one.

use std::{cell::RefCell, cmp::Reverse};

use super::token::Secret;

/// A shorter text is no secret of HubSpot's (those have 30 characters and more),
/// but `any` or `x` for a sandbox; hiding it would garble words.
const SHORTEST: usize = 6;

/// What texts are searched for.
#[derive(Debug, Default)]
pub(super) struct SecretMasks {
    /// The longest first: one may be a part of another.
    secrets: RefCell<Vec<Secret>>,
}

impl SecretMasks {
    /// From now on this one is hidden, also as a URL or a form spells it.
    pub(super) fn add(&self, secret: &Secret) {
        if secret.expose().len() < SHORTEST {
            return;
        }
        let mut secrets = self.secrets.borrow_mut();
        for spelt in [secret.clone(), secret.form_encoded()] {
            if secrets.iter().all(|known| known.expose() != spelt.expose()) {
                secrets.push(spelt);
            }
        }
        secrets.sort_by_key(|secret| Reverse(secret.expose().len()));
    }

    /// Hides the secrets in a body that may echo them, before any of it is quoted: a
    /// quotation may be cut in the middle of one. Short ones (of a test, say) may be a
    /// part of what the answer tells.
    pub(super) fn mask_body(&self, body: Vec<u8>) -> Vec<u8> {
        const SHORT: usize = 20;
        match String::from_utf8(body) {
            Ok(text) => self.hide(text, |secret| secret.len() > SHORT).into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }

    /// Hides the secrets in a text that may quote them.
    pub(super) fn mask(&self, text: &str) -> String {
        self.hide(text.to_owned(), |_| true)
    }

    fn hide(&self, mut text: String, is_hidden: impl Fn(&str) -> bool) -> String {
        for secret in &*self.secrets.borrow() {
            let secret = secret.expose();
            if is_hidden(secret) && text.contains(secret) {
                text = text.replace(secret, "***");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_is_hidden_in_both_spellings_also_inside_a_longer_one() {
        let masks = SecretMasks::default();
        for secret in ["secret", "secret/2", "former"] {
            masks.add(&Secret::new(secret, "test").unwrap());
        }
        assert!(!format!("{masks:?}").contains("former"));
        assert_eq!(
            masks.mask("sent secret/2, secret%2F2, secret and former"),
            "sent ***, ***, *** and ***"
        );
    }

    #[test]
    fn a_word_that_is_no_secret_garbles_no_text() {
        let masks = SecretMasks::default();
        masks.add(&Secret::new("any", "test").unwrap());
        assert_eq!(masks.mask("a company"), "a company");
    }
}
