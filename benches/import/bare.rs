//! The lowest possible cost of sending: a reqwest loop that reads no file, writes no results and
//! keeps no limits.

use std::error::Error;

use futures_util::{StreamExt as _, stream};
use reqwest::{Client, StatusCode, Url, header::CONTENT_TYPE};

use super::{cost::TOKEN, links};

/// As many requests in flight as `hubassoc import` has by default.
const CONCURRENCY: usize = 16;

/// Sends as many requests as a file with this many rows needs.
pub(crate) fn run(address: &str, rows: u64, per_call: u64) -> Result<(), Box<dyn Error>> {
    let url: Url = format!("http://{address}{}", links::path(per_call)).parse()?;
    // A client is not built without a provider, even if it never uses TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().tls_certs_only([]).build()?;
    let send = |call: u64| {
        let request = client
            .put(url.clone())
            .bearer_auth(TOKEN)
            .header(CONTENT_TYPE, "application/json")
            .body(links::body(call * per_call + 1, per_call));
        async {
            let answer = request.send().await?;
            Ok::<_, reqwest::Error>(answer.status() == StatusCode::NO_CONTENT)
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut answers = stream::iter(0..rows / per_call)
            .map(send)
            .buffer_unordered(CONCURRENCY);
        while let Some(done) = answers.next().await {
            if !done? {
                return Err("an answer other than 204".into());
            }
        }
        Ok(())
    })
}
