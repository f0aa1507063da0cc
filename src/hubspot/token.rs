//! The secrets that give access to the account. They are checked when they are read, and never
//! shown.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

/// The largest token file.
const MAX_FILE_BYTES: u64 = 4096;

/// A secret text, which `Debug` does not show.
#[derive(Clone)]
pub struct Secret(SecretString);

/// The credentials of an OAuth app for one account.
#[derive(Clone, Debug)]
pub struct OAuthCredentials {
    /// The app's client id.
    pub client_id: Secret,
    /// The app's client secret.
    pub client_secret: Secret,
    /// The refresh token from the account's consent. It is exchanged for access tokens.
    pub refresh_token: Secret,
}

/// The credentials of requests.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// `Authorization: Bearer …`, the same for the whole run.
    Token(Secret),
    /// A token from a file, which is read again if the token is refused.
    TokenFile {
        /// The token in the file.
        token: Secret,
        /// The path of the file.
        path: PathBuf,
    },
    /// Access tokens that are requested, and renewed before they expire.
    OAuth(OAuthCredentials),
    /// The old `hapikey` parameter, unsupported since November 2022.
    ApiKey(Secret),
}

impl Credentials {
    /// The secrets that identify the app and the account, independent of the current access token.
    #[must_use]
    pub fn identity(&self) -> Vec<&str> {
        match self {
            Self::Token(secret) | Self::TokenFile { token: secret, .. } | Self::ApiKey(secret) => {
                vec![secret.expose()]
            }
            Self::OAuth(app) => vec![app.client_id.expose(), app.refresh_token.expose()],
        }
    }
}

/// Why a text cannot be used as a token. Never quotes it. The first field says where the text is.
#[derive(Debug)]
pub enum TokenError {
    /// The text is empty.
    Empty(String),
    /// The text contains more than a token.
    Unclean(String, TokenFlaw),
    /// The file cannot be read.
    Unreadable(String, io::Error),
}

/// What a token never contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFlaw {
    /// A byte order mark.
    Bom,
    /// A quote of any kind.
    Quote,
    /// A line end, except for one at the end.
    LineEnd,
    /// A blank.
    Blank,
    /// Any other character.
    OtherCharacter,
    /// A prefix `NAME=`.
    Name,
    /// Too many bytes.
    Length,
}

impl Secret {
    /// Checks the text from `place`. One line end at the end is allowed.
    ///
    /// # Errors
    /// If it is empty, or contains what a token never contains.
    pub fn new(text: &str, place: &str) -> Result<Self, TokenError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err(TokenError::Empty(place.to_owned()));
        }
        let flaw = text.chars().find_map(|c| match c {
            '\u{feff}' => Some(TokenFlaw::Bom),
            '"' | '\'' | '`' => Some(TokenFlaw::Quote),
            '\r' | '\n' => Some(TokenFlaw::LineEnd),
            c if c.is_whitespace() => Some(TokenFlaw::Blank),
            c if !c.is_ascii_graphic() => Some(TokenFlaw::OtherCharacter),
            _ => None,
        });
        let flaw = flaw.or_else(|| has_name(text).then_some(TokenFlaw::Name));
        match flaw {
            Some(flaw) => Err(TokenError::Unclean(place.to_owned(), flaw)),
            None => Ok(Self(text.into())),
        }
    }

    /// Reads the secret from a file.
    ///
    /// # Errors
    /// If the file cannot be read, or does not contain only a token.
    pub fn from_file(path: &Path) -> Result<Self, TokenError> {
        let place = path.display().to_string();
        let unreadable = |error| TokenError::Unreadable(place.clone(), error);
        if fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE_BYTES {
            return Err(TokenError::Unclean(place, TokenFlaw::Length));
        }
        let bytes = fs::read(path).map_err(unreadable)?;
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(TokenError::Unclean(place, TokenFlaw::OtherCharacter));
        };
        Self::new(&text, &place)
    }

    /// The text itself, for the request and for masking.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The text in URL or form encoding.
    pub(super) fn form_encoded(&self) -> Self {
        let encoded: String = form_urlencoded::byte_serialize(self.expose().as_bytes()).collect();
        Self(encoded.into())
    }
}

/// The shortest name that is recognised: `KEY=`.
const MIN_NAME_BYTES: usize = 3;

/// Whether the text is a whole line of an environment file: `NAME=secret`. If a secret of HubSpot's
/// has a `=` at all, only more of them follow.
fn has_name(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else {
        return false;
    };
    let is_name = name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    is_name && name.len() >= MIN_NAME_BYTES && value.bytes().any(|b| b != b'=')
}

/// How the tokens of HubSpot's apps and service keys begin: `pat-na1-`.
const APP_TOKEN: &str = "pat-";

/// The most characters of the region after it.
const MAX_REGION_CHARS: usize = 6;

/// The fewest characters of other secrets.
const MIN_SECRET_CHARS: usize = 32;

/// Whether a text has a token of an app in it, or may be another secret: many letters and digits
/// without a point.
#[must_use]
pub fn looks_like_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let has_region = |rest: &str| {
        let region = rest.split_once('-').map(|(region, _)| region);
        region.is_some_and(|region| {
            (2..=MAX_REGION_CHARS).contains(&region.len())
                && region.bytes().all(|b| b.is_ascii_alphanumeric())
                && region.bytes().any(|b| b.is_ascii_digit())
        })
    };
    let is_app_token = lower.split(APP_TOKEN).skip(1).any(has_region);
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=');
    is_app_token
        || text.len() >= MIN_SECRET_CHARS
            && text.bytes().all(is_part)
            && text.bytes().any(|b| b.is_ascii_digit())
            && text.bytes().any(|b| b.is_ascii_alphabetic())
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_allowed_and_everything_else_is_refused_without_quoting_it() {
        for good in ["pat-na1-x", "pat-na1-x\n", "pat-na1-x\r\n"] {
            assert_eq!(Secret::new(good, "file").unwrap().expose(), "pat-na1-x");
        }
        for good in ["CJSP5qf1KhICAQE=", "a-b_c==", "pat-na1-x=y"] {
            assert!(Secret::new(good, "file").is_ok(), "{good}");
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
            "HUBSPOT_ACCESS_TOKEN=pat-na1-x",
            "token=pat-na1-x",
        ] {
            let error = format!("{:?}", Secret::new(bad, "file").unwrap_err());
            assert!(!error.contains("na1"), "{error}");
        }
    }

    #[test]
    fn texts_that_look_like_secrets_are_no_names_of_files() {
        for secret in [
            "pat-na1-SECRET-123",
            "PAT-EU1-x",
            "Bearer pat-na1-x",
            "HUBSPOT_ACCESS_TOKEN=pat-na1-x",
            "CJSP5qf1KhICAQEYs-gDIIGOBii1hQIyGQAf3xBKmlwHjX7OIpuIFEavB2-qYAGQsF4",
            "6f2b1c3d-0a4e-4b5f-8c6d-7e8f9a0b1c2d",
        ] {
            assert!(looks_like_secret(secret), "{secret}");
        }
        for name in [
            "",
            "token",
            "pat-file",
            "hubspot-token.txt",
            "pat-of-the-other-account",
            "the-token-of-the-service-key-of-the-import",
            "token-of-the-service-key-for-2026-09.txt",
        ] {
            assert!(!looks_like_secret(name), "{name}");
        }
    }

    #[test]
    fn debug_hides_the_secret() {
        let credentials = Credentials::Token(Secret::new("pat-na1-x", "file").unwrap());
        assert!(!format!("{credentials:?}").contains("pat"));
    }
}
