//! What is known of an input before its first row is sent.

pub(super) mod checked_options;
pub(super) mod input_preview;
pub(super) mod key_properties;
pub(super) mod labels;
pub(super) mod min_rows;
pub(super) mod preview_lines;
pub(super) mod single_link_conflicts;
