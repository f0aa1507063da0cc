//! What is known of an input before the first of its rows is sent.

pub(super) mod input_preview;
pub(super) mod labels;
pub(super) mod min_rows;
pub(super) mod preview_lines;
pub(super) mod single_link_conflicts;
