//! A run that was begun before: what it was given, what it recorded, and how its rows are read.

pub(super) mod past_run;
pub(super) mod recorded;
pub(super) mod rest;
pub(super) mod sheet;
