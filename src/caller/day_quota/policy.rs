//! How the daily quota may be used: plain values and their text form.

use std::str::FromStr;

use crate::rate::{digits_only, parse_percentage};

/// What happens when the daily quota is used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnQuotaExhausted {
    /// The run stops. It can be continued later.
    #[default]
    Stop,
    /// It waits for the next day's quota.
    Wait,
}

/// How much of the daily quota is reserved for others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DailyReserve {
    /// This many calls.
    Calls(u64),
    /// This share of the quota, above 0 and below 1.
    Share(f64),
}

/// How the daily quota may be used.
#[derive(Clone, Copy, Debug, Default)]
pub struct DayPolicy {
    /// What is reserved for others.
    pub reserve: Option<DailyReserve>,
    /// What happens when the rest is used up.
    pub on_quota: OnQuotaExhausted,
}

impl DailyReserve {
    /// The reserved calls, of `all` calls a day.
    pub(super) fn reserved_calls(self, all: u64) -> u64 {
        match self {
            Self::Calls(calls) => calls,
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of a number of calls, rounded up"
            )]
            // The rounding error of the decimal fraction must not cost a call.
            Self::Share(share) => (all as f64 * share - 1e-6).ceil() as u64,
        }
    }
}

impl FromStr for DailyReserve {
    type Err = &'static str;

    /// `50000` or `20%`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const PROBLEM: &str = "write a number of calls, or a share of the daily quota such as 20% \
                               (above 0%, below 100%)";
        if text.ends_with('%') {
            let share = parse_percentage(text).filter(|share| *share < 1.0);
            return share.map(Self::Share).ok_or(PROBLEM);
        }
        digits_only(text).map(Self::Calls).ok_or(PROBLEM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_up_to_whole_calls() {
        let reserve = "2.5%".parse::<DailyReserve>();
        assert_eq!(reserve.map(|reserve| reserve.reserved_calls(1_001)), Ok(26));
    }

    #[test]
    fn a_reserve_is_a_number_of_calls_or_a_share_of_the_quota() {
        for (text, kept) in [
            ("0", Some(0)),
            ("5000", Some(5_000)),
            ("2.5%", Some(6_250)),
            ("7%", Some(17_500)),
        ] {
            let reserve = text.parse::<DailyReserve>().ok();
            assert_eq!(
                reserve.map(|reserve| reserve.reserved_calls(250_000)),
                kept,
                "{text}"
            );
        }
        for text in ["", "-1", "100%", "0%", "x%", "1.5", "%"] {
            assert!(text.parse::<DailyReserve>().is_err(), "{text}");
        }
    }
}
