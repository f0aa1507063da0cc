//! Paths and other text of the operating system, which may not be UTF-8. JSON keeps every byte, and
//! so does splitting.
//!
//! Does not know what the text is used for.

use std::{
    borrow::Cow,
    ffi::{OsStr, OsString},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::hex::{hex, unhex};

/// The text in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredOsText<'a> {
    /// UTF-8, the usual case.
    Text(Cow<'a, str>),
    /// Text that is not UTF-8.
    Bytes {
        /// A readable form, for people.
        text: Cow<'a, str>,
        /// The bytes in hexadecimal.
        hex: String,
    },
}

impl<'a> StoredOsText<'a> {
    fn new(text: &'a OsStr) -> Self {
        match text.to_str() {
            Some(text) => Self::Text(text.into()),
            None => no_text(text),
        }
    }

    /// `None` if the hexadecimal digits are invalid.
    fn read(self) -> Option<OsString> {
        match self {
            Self::Text(text) => Some(text.into_owned().into()),
            Self::Bytes { text, hex } => unhex(&hex).map(|bytes| from_bytes(bytes, &text)),
        }
    }
}

#[cfg(unix)]
fn no_text(text: &OsStr) -> StoredOsText<'_> {
    StoredOsText::Bytes {
        text: text.to_string_lossy(),
        hex: hex(text.as_encoded_bytes()),
    }
}

#[cfg(not(unix))]
fn no_text(text: &OsStr) -> StoredOsText<'_> {
    // Names have other units on these systems, so invalid text is kept as it is shown.
    StoredOsText::Text(text.to_string_lossy())
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>, _shown: &str) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn from_bytes(_bytes: Vec<u8>, shown: &str) -> OsString {
    shown.into()
}

/// The rest of the text after this prefix, if it has the prefix.
#[cfg(unix)]
pub(crate) fn strip_prefix<'a>(beginning: &str, text: &'a OsStr) -> Option<&'a OsStr> {
    use std::os::unix::ffi::OsStrExt as _;
    let rest = text.as_bytes().strip_prefix(beginning.as_bytes());
    rest.map(OsStr::from_bytes)
}

#[cfg(not(unix))]
pub(crate) fn strip_prefix<'a>(beginning: &str, text: &'a OsStr) -> Option<&'a OsStr> {
    let rest = text.to_str()?.strip_prefix(beginning);
    rest.map(OsStr::new)
}

/// For `#[serde(with = …)]` on a field.
pub(crate) fn serialize<S: Serializer>(text: &impl AsRef<OsStr>, to: S) -> Result<S::Ok, S::Error> {
    StoredOsText::new(text.as_ref()).serialize(to)
}

/// Reads what [`serialize`] writes.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: From<OsString>>(
    from: D,
) -> Result<T, D::Error> {
    let stored = StoredOsText::deserialize(from)?;
    let read = stored.read();
    read.map(T::from)
        .ok_or_else(|| D::Error::custom("hex is no hexadecimal digits"))
}

/// For fields that map names to texts.
pub(crate) mod values {
    use std::{collections::BTreeMap, ffi::OsString};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// One value.
    #[derive(Serialize, Deserialize)]
    struct NamedOsText(#[serde(with = "super")] OsString);

    pub(crate) fn serialize<S: Serializer>(
        values: &BTreeMap<String, OsString>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_map(
            values
                .iter()
                .map(|(name, text)| (name, NamedOsText(text.clone()))),
        )
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<String, OsString>, D::Error> {
        let values = BTreeMap::<String, NamedOsText>::deserialize(from)?;
        Ok(values
            .into_iter()
            .map(|(name, value)| (name, value.0))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::PathBuf};

    use super::*;
    use crate::os_text;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct File {
        #[serde(with = "os_text")]
        path: PathBuf,
        #[serde(with = "os_text::values")]
        options: BTreeMap<String, OsString>,
    }

    fn file(path: impl Into<PathBuf>) -> File {
        let path = path.into();
        let options = BTreeMap::from([("token_file".to_owned(), path.clone().into())]);
        File { path, options }
    }

    fn read_back(file: &File) -> String {
        let json = serde_json::to_string(file).unwrap();
        assert_eq!(
            serde_json::from_str::<File>(&json).unwrap(),
            *file,
            "{json}"
        );
        json
    }

    #[test]
    fn utf8_is_stored_as_plain_text() {
        for path in ["d/links.csv", "möbius\n\u{fffd}.csv", "", "-"] {
            let text = serde_json::to_string(path).unwrap();
            let expected = format!("{{\"path\":{text},\"options\":{{\"token_file\":{text}}}}}");
            assert_eq!(read_back(&file(path)), expected);
        }
    }

    #[test]
    #[cfg(unix)]
    fn text_that_is_not_utf8_keeps_every_byte() {
        use std::os::unix::ffi::OsStringExt as _;
        let every_byte = (1..=u8::MAX).collect();
        for bytes in [every_byte, b"a\xff".to_vec(), b"\xc3".to_vec()] {
            read_back(&file(OsString::from_vec(bytes)));
        }
        let json = read_back(&file(OsString::from_vec(b"a\xff.csv".to_vec())));
        let shown = "\"path\":{\"text\":\"a\u{fffd}.csv\",\"hex\":\"61ff2e637376\"}";
        assert!(json.contains(shown), "{json}");
    }

    #[test]
    fn the_rest_after_a_prefix_keeps_every_byte() {
        assert_eq!(
            strip_prefix("--a=", OsStr::new("--a=é")),
            Some(OsStr::new("é"))
        );
        assert_eq!(strip_prefix("--a=", OsStr::new("--b=é")), None);
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt as _;
            let word = OsStr::from_bytes(b"--a=\xff");
            assert_eq!(strip_prefix("--a=", word), Some(OsStr::from_bytes(b"\xff")));
            assert_eq!(strip_prefix("--b=", word), None);
        }
    }

    #[test]
    fn invalid_hexadecimal_digits_are_refused() {
        for hex in ["6", "6g", "é", "+1"] {
            let json =
                format!("{{\"path\":{{\"text\":\"a\",\"hex\":\"{hex}\"}},\"options\":{{}}}}");
            assert!(serde_json::from_str::<File>(&json).is_err(), "{hex}");
        }
    }
}
