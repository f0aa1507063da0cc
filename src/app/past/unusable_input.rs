//! Why rows of a run cannot be read from its input, in words, with what to do about it.

/// Why rows cannot be read from the input, and what to do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum UnusableInput {
    /// It was not found, or it is another one.
    #[error(
        "the input of the run was not found ({0}). Give it with --input, or restore a copy of the \
         results from before"
    )]
    NotFound(String),
    /// Its rows have keys.
    #[error(
        "only the results say which records the keys of its input led to. Restore a copy of the \
         results from before"
    )]
    HasKeys,
}

impl From<String> for UnusableInput {
    fn from(why: String) -> Self {
        Self::NotFound(why)
    }
}
