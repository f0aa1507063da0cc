//! An earlier run: its options, what it recorded, and how its rows are read.

pub(super) mod closing;
pub(super) mod id_lines;
pub(super) mod past_run;
pub(super) mod recorded_options;
pub(super) mod rows_from_input;
pub(super) mod unusable_input;
