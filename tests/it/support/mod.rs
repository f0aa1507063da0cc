//! What the tests share: a scripted API on the paused clock, a private
//! directory with a scrubbed environment, and a server that breaks the rules.

pub(crate) mod script;
