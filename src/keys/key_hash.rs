//! Hashes of keys. Keys are personal data (e-mail addresses), so these stand for them in a file.
//!
//! A file stores them, so they must be the same in every version: `SipHash-2-4` with 128 bits.

use std::{fmt, hash::Hasher as _};

use ring::rand::{SecureRandom as _, SystemRandom};
use siphasher::sip128::{Hasher128 as _, SipHasher24};

use crate::{account::AccountId, association::RecordKey};

/// The size of the secret of a file.
pub(super) const SECRET_LEN: usize = 16;

/// The size of a hash.
pub(super) const HASH_LEN: usize = 16;

/// The hash of a key. In ten million keys, no two have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyHash(pub(super) [u8; HASH_LEN]);

impl KeyHash {
    /// The part of the hash that is kept in memory.
    pub(super) fn fingerprint(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_le_bytes([a, b, c, d])
    }
}

/// Hashes keys with the secret of one file. Without it, the hash of a guessed key cannot be
/// compared with those of another file.
pub(super) struct KeyHasher(SipHasher24);

impl fmt::Debug for KeyHasher {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KeyHasher").finish_non_exhaustive()
    }
}

impl KeyHasher {
    pub(super) fn new(secret: &[u8; SECRET_LEN]) -> Self {
        Self(SipHasher24::new_with_key(secret))
    }

    /// With a new secret. `None` if the system has no random numbers.
    pub(super) fn random() -> Option<Self> {
        let mut secret = [0; SECRET_LEN];
        SystemRandom::new().fill(&mut secret).ok()?;
        Some(Self::new(&secret))
    }

    pub(super) fn secret(&self) -> [u8; SECRET_LEN] {
        self.0.key()
    }

    /// Each part is preceded by its length, so that no two keys are the same bytes. The same key
    /// of another account has another hash.
    pub(super) fn hash(&self, account: Option<AccountId>, key: &RecordKey) -> KeyHash {
        let mut hasher = self.0;
        for part in [key.property.object_type, key.property.name, &key.value] {
            hasher.write(&(part.len() as u64).to_le_bytes());
            hasher.write(part.as_bytes());
        }
        if let Some(account) = account {
            hasher.write(&account.get().to_le_bytes());
        }
        KeyHash(hasher.finish128().as_bytes())
    }

    /// The seed for the check of an entry at this offset. Each file has its own, so that an entry
    /// that was moved, or is of another file, does not pass.
    pub(super) fn check_seed(&self, offset: u64) -> u64 {
        self.0.keys().0.wrapping_add(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::association::KeyProperty;

    fn hash(object_type: &'static str, name: &'static str, value: &str) -> String {
        hash_in(None, object_type, name, value)
    }

    fn hash_in(
        account: Option<u64>,
        object_type: &'static str,
        name: &'static str,
        value: &str,
    ) -> String {
        let property = KeyProperty { object_type, name };
        let value = value.into();
        let secret = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let key = RecordKey { property, value };
        let hash = KeyHasher::new(&secret).hash(account.map(AccountId::new), &key);
        format!("{:032x}", u128::from_be_bytes(hash.0))
    }

    #[test]
    fn the_hash_is_the_same_in_every_version() {
        assert_eq!(
            hash("contacts", "email", "anna@example.com"),
            "cebeb1d5f932128c7d339454d9bce444"
        );
        assert_eq!(hash("", "", ""), "e130c8cab49a390adff927cd958e335d");
        assert_eq!(
            hash_in(Some(12_345_678), "contacts", "email", "anna@example.com"),
            "e8b7ef9ee6f3756cf35119bc9522faef"
        );
    }

    #[test]
    fn parts_of_a_key_do_not_run_into_each_other() {
        let whole = hash("contacts", "email", "a");
        assert_ne!(whole, hash("contactse", "mail", "a"));
        assert_ne!(whole, hash("contacts", "emaila", ""));
        assert_ne!(whole, hash("contacts", "email", "a\0"));
    }
}
