//! The day's quota of the account: what of it is left to others, what happens
//! when it is used up, and how many answers of the day were errors.

mod errors;
mod left;
mod policy;
mod reset;

pub use policy::{DailyReserve, DayPolicy, OnQuota};

pub(super) use reset::Day;
