//! The documents are true: their examples are run, their tables are compared with the
//! program, and their links lead somewhere.
//!
//! With `HUBASSOC_UPDATE_DOCUMENTS=1` examples and tables are rewritten instead of compared:
//! `HUBASSOC_UPDATE_DOCUMENTS=1 cargo nextest run documents`.

#[cfg(unix)]
mod account;
#[cfg(unix)]
mod console;
mod fields;
mod json;
mod link;
#[cfg(unix)]
mod mask;
mod metrics;
mod options;
mod page;
mod quotes;
mod size;
mod table;
mod words;
