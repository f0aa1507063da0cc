//! A request of the API. Plain data; does not know who sends it.

use std::borrow::Cow;

use reqwest::Method;

/// Method, path with query, and body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ApiRequest {
    pub(super) method: Method,
    pub(super) path: Cow<'static, str>,
    pub(super) query: Option<String>,
    pub(super) body: Vec<u8>,
}

impl ApiRequest {
    pub(super) fn get(path: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Method::GET, path, Vec::new())
    }

    pub(super) fn put(path: impl Into<Cow<'static, str>>, body: Vec<u8>) -> Self {
        Self::new(Method::PUT, path, body)
    }

    pub(super) fn post(path: impl Into<Cow<'static, str>>, body: Vec<u8>) -> Self {
        Self::new(Method::POST, path, body)
    }

    pub(super) fn new(method: Method, path: impl Into<Cow<'static, str>>, body: Vec<u8>) -> Self {
        Self {
            method,
            path: path.into(),
            query: None,
            body,
        }
    }
}
