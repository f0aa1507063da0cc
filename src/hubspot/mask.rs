//! All secrets of the run, old and new, and how they are hidden in texts.

use std::{cell::RefCell, cmp::Reverse};

use super::token::Secret;

/// Shorter secrets are not hidden. Those of HubSpot have at least 30 characters; a short one such
/// as `any` or `x` is for a sandbox, and hiding it would garble words.
const MIN_SECRET_BYTES: usize = 6;

/// The secrets to hide.
#[derive(Debug, Default)]
pub(super) struct SecretMasks {
    /// The longest comes first, because one may be part of another.
    secrets: RefCell<Vec<Secret>>,
}

impl SecretMasks {
    /// Hides this secret from now on, also in URL or form encoding.
    pub(super) fn add(&self, secret: &Secret) {
        if secret.expose().len() < MIN_SECRET_BYTES {
            return;
        }
        let mut secrets = self.secrets.borrow_mut();
        for form in [secret.clone(), secret.form_encoded()] {
            if secrets.iter().all(|known| known.expose() != form.expose()) {
                secrets.push(form);
            }
        }
        secrets.sort_by_key(|secret| Reverse(secret.expose().len()));
    }

    /// Hides the secrets in a body before parts of it are quoted, because a quotation may be cut in
    /// the middle of a secret. Short secrets (of a test, for example) are left, because they may be
    /// part of the data.
    pub(super) fn mask_body(&self, body: Vec<u8>) -> Vec<u8> {
        const MAX_SHORT_BYTES: usize = 20;
        match String::from_utf8(body) {
            Ok(text) => self
                .hide(text, |secret| secret.len() > MAX_SHORT_BYTES)
                .into_bytes(),
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
    fn every_secret_is_hidden_in_both_encodings_and_inside_a_longer_one() {
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
    fn short_secrets_are_not_hidden() {
        let masks = SecretMasks::default();
        masks.add(&Secret::new("any", "test").unwrap());
        assert_eq!(masks.mask("a company"), "a company");
    }
}
