//! Calls that count in the same window of the account's quota.

use std::ops::{Index, IndexMut};

/// Calls that count in the same window of the account's quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// One link a call; also what is not about links.
    Single,
    /// Many links a call.
    Batch,
}

impl RateClass {
    /// All of them; the shared file of calls has them in this order.
    pub const ALL: [Self; 2] = [Self::Single, Self::Batch];
}

/// Something of each class.
#[derive(Debug, Default)]
pub struct PerClass<T>([T; RateClass::ALL.len()]);

impl<T> PerClass<T> {
    /// Makes it of each.
    pub fn from_fn(make: impl FnMut(RateClass) -> T) -> Self {
        Self(RateClass::ALL.map(make))
    }

    /// That of each class.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// The same, to be changed.
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
