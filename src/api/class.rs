//! Calls that count in the same window of the account's quota.

use std::ops::{Index, IndexMut};

/// Calls that count in the same window of the account's quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// One link a call; also what is not about links.
    Single,
    /// Many links a call.
    Batch,
}

impl Class {
    /// All of them; the shared file of calls has them in this order.
    pub const ALL: [Self; 2] = [Self::Single, Self::Batch];
}

/// Something of each class.
#[derive(Debug, Default)]
pub struct PerClass<T>([T; Class::ALL.len()]);

impl<T> PerClass<T> {
    /// Makes it of each.
    pub fn of(make: impl FnMut(Class) -> T) -> Self {
        Self(Class::ALL.map(make))
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

impl<T> Index<Class> for PerClass<T> {
    type Output = T;

    fn index(&self, class: Class) -> &T {
        &self.0[class as usize]
    }
}

impl<T> IndexMut<Class> for PerClass<T> {
    fn index_mut(&mut self, class: Class) -> &mut T {
        &mut self.0[class as usize]
    }
}
