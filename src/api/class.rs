//! Classes of calls: each class has its own window in the account's quota.

use std::ops::{Index, IndexMut};

/// Classes of calls: each class has its own window in the account's quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// Calls with one link, and calls that are not about links.
    Single,
    /// Calls with many links.
    Batch,
    /// Searches for records.
    Search,
}

impl RateClass {
    /// All classes. The shared rate-limit file stores them in this order.
    pub const ALL: [Self; 3] = [Self::Single, Self::Batch, Self::Search];

    /// Whether responses report the limit of its window. Headers that come with a search are about
    /// other calls.
    #[must_use]
    pub fn reports_limit(self) -> bool {
        match self {
            Self::Single | Self::Batch => true,
            Self::Search => false,
        }
    }
}

/// One value for each class.
#[derive(Debug, Default)]
pub struct PerClass<T>([T; RateClass::ALL.len()]);

impl<T> PerClass<T> {
    /// Makes the value of each class.
    pub fn from_fn(make: impl FnMut(RateClass) -> T) -> Self {
        Self(RateClass::ALL.map(make))
    }

    /// The values of all classes.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// The values of all classes, mutable.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }
}

impl<T> Index<RateClass> for PerClass<T> {
    type Output = T;

    fn index(&self, class: RateClass) -> &T {
        &self.0[class as usize]
    }
}

impl<T> IndexMut<RateClass> for PerClass<T> {
    fn index_mut(&mut self, class: RateClass) -> &mut T {
        &mut self.0[class as usize]
    }
}
