//! Names from the input that are kept until the program ends, so that they can be copied like the
//! names that are known to the program.
//!
//! Does not know what they are names of.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Names that are kept, each once.
pub(super) struct KeptNames {
    names: Mutex<BTreeSet<&'static str>>,
    /// The most names; a run sees only a few.
    limit: usize,
}

impl KeptNames {
    pub(super) const fn with_limit(limit: usize) -> Self {
        Self {
            names: Mutex::new(BTreeSet::new()),
            limit,
        }
    }

    /// Keeps a name. `None` if there are too many.
    pub(super) fn keep(&self, name: String) -> Option<&'static str> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(name.as_str()) {
            return Some(known);
        }
        (names.len() < self.limit).then(|| {
            let kept: &'static str = Box::leak(name.into_boxed_str());
            names.insert(kept);
            kept
        })
    }
}
