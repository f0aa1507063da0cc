//! Natural keys of records, and what HubSpot said about each.
//!
//! Does not know how a cell becomes a key.

mod entry;
mod error;
mod key_file;
mod key_hash;
mod key_index;
mod positioned;
mod store;

#[cfg(test)]
mod tests;

pub use error::{KeyFileFault, KeyFileLocation, KeyStoreError};
pub use store::{KeyReuse, KeyStore, key_file_path};
