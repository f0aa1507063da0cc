//! What is known of an input before the first of its rows is sent.

pub(super) mod labels;
pub(super) mod least;
pub(super) mod preamble;
pub(super) mod primaries;
pub(super) mod survey;
