//! Sentences about what a command needs and does not have: files, an HTTP client.

use crate::{hubspot::ClientError, output::ResultsError};

/// Why results cannot be written.
#[must_use]
pub fn results(error: &ResultsError) -> String {
    match error {
        ResultsError::Create(path, error) => format!(
            "{} cannot be created: {error}; name another file (-o)",
            path.display()
        ),
        ResultsError::Write(path, error) => {
            format!("{} could not be written: {error}", path.display())
        }
    }
}

/// Why there is no client.
#[must_use]
pub fn client(error: &ClientError) -> String {
    match error {
        ClientError::Certificates => {
            "--ca-file holds no certificate in PEM form: none was found".to_owned()
        }
        ClientError::Setup(why) => format!("the HTTP client cannot be set up: {why}"),
        ClientError::Token => "the token holds characters that cannot be sent; check it".to_owned(),
    }
}
