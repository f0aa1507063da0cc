//! The day's quota of the account: what of it is left to others, what happens
//! when it is used up, and how many answers of the day were errors.

mod errors;
mod gate;
mod policy;
mod remaining;

pub use policy::{DailyReserve, DayPolicy, OnQuotaExhausted};

pub(super) use gate::DayQuotaGate;
