//! What every command over rows has: who is told, what ends it, who makes its calls, and how
//! it ends.

pub(super) mod books;
pub(super) mod close;
pub(super) mod connect;
pub(super) mod lock;
pub(super) mod pace;
pub(super) mod report;
pub(super) mod runtime;
pub(super) mod signals;
pub(super) mod summary;
