//! The account's daily quota: what is reserved for others, what happens when the quota is used up,
//! and how many responses of the day were errors.

mod errors;
mod gate;
mod policy;
mod remaining;

pub use policy::{DailyReserve, DayPolicy, OnQuotaExhausted};

pub(super) use gate::DayQuotaGate;
