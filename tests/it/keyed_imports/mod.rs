//! Imports of rows that name records by keys, by the program as a process, against an account behind
//! HTTP that shares no code with the program or its sandbox.

mod account;
mod call;
mod continued;
mod faulty_reads;
mod faulty_searches;
#[cfg(unix)]
mod held_answer;
mod inputs;
mod links;
mod other_objects;
mod properties;
mod server;
mod three_thousand;
#[cfg(unix)]
mod undone_early;
#[cfg(unix)]
mod waits;
