//! One parcel of rows to its outcomes: which calls it takes, what they tell of its rows,
//! and what has still to be done for them.
//!
//! Knows nothing of pace and retries, nor of status codes, headers or URLs.

mod deliver;
mod finder;
mod identity;
mod look;
mod parcel;
mod recent;
mod sequel;
mod trip;

pub use deliver::Delivery;
pub use identity::Identities;
pub use look::{Looked, Standing, none_if_left_out};
pub use parcel::{Parcel, Reports, Task, Unconfirmed, Write};
pub use sequel::Delivered;
