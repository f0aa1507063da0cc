//! The bodies of batch responses.
//!
//! Only the wording. Other modules decide the result of each input.

use axum::http::StatusCode;
use jiff::Timestamp;

use super::super::response::SandboxResponse;

/// The results and errors of a batch, each entry as JSON.
#[derive(Debug, Default)]
pub(super) struct BatchResponse {
    pub(super) results: Vec<String>,
    pub(super) errors: Vec<String>,
}

impl BatchResponse {
    /// The response. As with HubSpot, its entries are not in the order of the inputs; the random
    /// `bits` choose the order.
    pub(super) fn into_response(
        mut self,
        status: StatusCode,
        date: Timestamp,
        bits: u128,
    ) -> SandboxResponse {
        let low = bits
            .to_le_bytes()
            .first_chunk()
            .map_or(0, |low| u64::from_le_bytes(*low));
        let mut rng = fastrand::Rng::with_seed(low);
        shuffle(&mut self.results, &mut rng);
        shuffle(&mut self.errors, &mut rng);
        let (results, errors) = (self.results.join(","), self.errors.join(","));
        let errors = match self.errors.len() {
            0 => String::new(),
            count => format!(r#","numErrors":{count},"errors":[{errors}]"#),
        };
        let body = format!(
            r#"{{"status":"COMPLETE","results":[{results}]{errors},"startedAt":"{date:.3}","completedAt":"{date:.3}"}}"#
        );
        SandboxResponse::JsonWithId { status, body }
    }
}

/// Several entries never keep their order.
fn shuffle(entries: &mut Vec<String>, rng: &mut fastrand::Rng) {
    let mut order: Vec<_> = (0..entries.len()).collect();
    rng.shuffle(&mut order);
    if order.len() > 1 && order.is_sorted() {
        order.rotate_left(1);
    }
    *entries = order
        .into_iter()
        .map(|index| std::mem::take(&mut entries[index]))
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_never_keep_their_order() {
        for seed in 0..200 {
            for count in [2, 3, 10] {
                let inputs: Vec<_> = (0..count).map(|index| index.to_string()).collect();
                let mut entries = inputs.clone();
                shuffle(&mut entries, &mut fastrand::Rng::with_seed(seed));
                assert_ne!(entries, inputs);
                entries.sort();
                assert_eq!(entries, inputs, "none is lost");
            }
        }
    }
}
