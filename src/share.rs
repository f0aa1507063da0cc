//! A share as people write it: `2.5%`.

/// The share that a percentage above 0 % and up to 100 % stands for.
pub(crate) fn share(text: &str) -> Option<f64> {
    let percent = text.strip_suffix('%')?;
    let plain = percent.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let percent: f64 = percent.parse().ok().filter(|_| plain)?;
    (percent > 0.0 && percent <= 100.0).then_some(percent / 100.0)
}
