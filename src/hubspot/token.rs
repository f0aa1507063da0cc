//! The secret that opens the account: read once, never shown.

use std::{fmt, fs, io, path::Path};

use secrecy::{ExposeSecret, SecretString};

/// A larger file is no token file.
const LARGEST_FILE: u64 = 4096;

/// A secret text; neither `Debug` nor `Display` show it.
#[derive(Clone)]
pub struct Secret(SecretString);

/// What a request proves its right with.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// `Authorization: Bearer …`
    Token(Secret),
    /// The `hapikey` parameter of old, unsupported since November 2022.
    ApiKey(Secret),
}

/// Why a token cannot be used. Never quotes it.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nothing in it.
    #[error("{0} holds no token; put the private app's access token there")]
    Empty(String),
    /// Blanks, quotes, a BOM or line ends within.
    #[error(
        "{0} holds more than a token ({1}); it must hold the token alone, and at most one line end"
    )]
    Unclean(String, &'static str),
    /// The file cannot be read.
    #[error("cannot read the token file {0}: {1}")]
    Unreadable(String, #[source] io::Error),
}

impl Secret {
    /// Checks the text that `place` holds; one line end after it is tolerated.
    ///
    /// # Errors
    /// If it is empty, or holds what no token does.
    pub fn new(text: &str, place: &str) -> Result<Self, TokenError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err(TokenError::Empty(place.to_owned()));
        }
        let flaw = text.chars().find_map(|c| match c {
            '\u{feff}' => Some("a byte order mark"),
            '"' | '\'' | '`' => Some("a quote"),
            '\r' | '\n' => Some("a line end"),
            c if c.is_whitespace() => Some("a blank"),
            c if !c.is_ascii_graphic() => Some("a character that no token has"),
            _ => None,
        });
        match flaw {
            Some(flaw) => Err(TokenError::Unclean(place.to_owned(), flaw)),
            None => Ok(Self(text.into())),
        }
    }

    /// Reads it from a file.
    ///
    /// # Errors
    /// If the file cannot be read, or does not hold a token alone.
    pub fn from_file(path: &Path) -> Result<Self, TokenError> {
        let place = path.display().to_string();
        let unreadable = |error| TokenError::Unreadable(place.clone(), error);
        if fs::metadata(path).map_err(unreadable)?.len() > LARGEST_FILE {
            return Err(TokenError::Unclean(place, "more than 4 KiB"));
        }
        let bytes = fs::read(path).map_err(unreadable)?;
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(TokenError::Unclean(place, "a character that no token has"));
        };
        Self::new(&text, &place)
    }

    /// The text itself, for the request and for masking.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl Credentials {
    /// Replaces the secret in a text that may quote it.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let (Self::Token(secret) | Self::ApiKey(secret)) = self;
        text.replace(secret.expose(), "***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_tolerated_and_everything_else_is_refused_without_showing_it() {
        for good in ["pat-na1-x", "pat-na1-x\n", "pat-na1-x\r\n"] {
            assert_eq!(Secret::new(good, "file").unwrap().expose(), "pat-na1-x");
        }
        for bad in [
            "",
            "\n",
            "pat-na1-x\n\n",
            " pat-na1-x",
            "pat-na1-x ",
            "\u{feff}pat-na1-x",
            "\"pat-na1-x\"",
            "pat\rna1-x",
            "pät-na1-x",
            "pat-na1\0x",
        ] {
            let error = Secret::new(bad, "file").unwrap_err().to_string();
            assert!(!error.contains("na1"), "{error}");
        }
    }

    #[test]
    fn debug_and_mask_hide_it() {
        let credentials = Credentials::Token(Secret::new("pat-na1-x", "file").unwrap());
        assert!(!format!("{credentials:?}").contains("pat"));
        assert_eq!(credentials.mask("you sent pat-na1-x"), "you sent ***");
    }
}
