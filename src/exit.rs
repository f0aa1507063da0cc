//! The codes that the program ends with. They are a promise to scripts.

use crate::stop::{Signal, StopReason};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Every row succeeded, or there was none.
    Success = 0,
    /// The whole file was processed, and some rows failed or were invalid. Also if `doctor` found
    /// a problem that has no code of its own.
    SomeRowsBad = 1,
    /// Refused before anything was sent: usage, input, results file, another account. Also stopped
    /// because the reserve is larger than the daily quota.
    Refused = 2,
    /// Stopped: token or permission refused.
    Credentials = 3,
    /// Stopped: too many errors, the server could not be reached, is not HubSpot, or its certificate
    /// was refused. Also if some rows got no usable answer.
    Unavailable = 4,
    /// Stopped: results could not be written, or an internal error.
    Internal = 5,
    /// The input could not be read to its end; what was read is recorded.
    InputBroken = 6,
    /// The results are in use by another run: run again later.
    InUse = 8,
    /// Stopped: the daily quota is used up; run again later.
    DayQuota = 75,
    /// Interrupted by SIGHUP.
    Hangup = 129,
    /// Interrupted by SIGINT.
    Interrupt = 130,
    /// Interrupted by SIGTERM.
    Terminate = 143,
}

impl ExitCode {
    /// Every code, by its number.
    pub const ALL: &[Self] = &[
        Self::Success,
        Self::SomeRowsBad,
        Self::Refused,
        Self::Credentials,
        Self::Unavailable,
        Self::Internal,
        Self::InputBroken,
        Self::InUse,
        Self::DayQuota,
        Self::Hangup,
        Self::Interrupt,
        Self::Terminate,
    ];

    /// What it means, for the help and the documents.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "every row succeeded (or the file has no rows)",
            Self::SomeRowsBad => "finished, but some rows failed or were invalid",
            Self::Refused => "refused before anything was sent: options, input or results file",
            Self::Credentials => "stopped: HubSpot refused the token or its permissions",
            Self::Unavailable => "stopped: too many errors, or HubSpot could not be reached",
            Self::Internal => "stopped: results could not be written, or an internal error",
            Self::InputBroken => "the input could not be read to its end",
            Self::InUse => "another run is using the results; run again later",
            Self::DayQuota => "stopped: the daily quota is used up; run again later",
            Self::Hangup => "interrupted by SIGHUP",
            Self::Interrupt => "interrupted by SIGINT (Ctrl-C)",
            Self::Terminate => "interrupted by SIGTERM",
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u8 {
        self as u8
    }

    /// The code of a run that stopped for this reason.
    #[must_use]
    pub fn of_stop(reason: &StopReason) -> Self {
        match reason {
            StopReason::Output(_) => Self::Internal,
            StopReason::Credentials(_) | StopReason::WrongAccount { has_sent: true, .. } => {
                Self::Credentials
            }
            StopReason::WrongAccount {
                has_sent: false, ..
            }
            | StopReason::ReserveTooLarge { .. } => Self::Refused,
            StopReason::DayQuota { .. } => Self::DayQuota,
            StopReason::NotHubSpot(_)
            | StopReason::Unreachable(_)
            | StopReason::TooManyErrors(_)
            | StopReason::Certificate(_) => Self::Unavailable,
            StopReason::Signal(signal) => Self::of_signal(*signal),
        }
    }

    /// The code of a run that a signal ended.
    #[must_use]
    pub fn of_signal(signal: Signal) -> Self {
        match signal {
            Signal::Hangup => Self::Hangup,
            Signal::Interrupt => Self::Interrupt,
            Signal::Terminate => Self::Terminate,
        }
    }

    /// Of several codes the one that counts: 5, 3, 2, 8, 6, 75, 4, signal, 1.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        if self.rank() <= other.rank() {
            self
        } else {
            other
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Internal => 0,
            Self::Credentials => 1,
            Self::Refused => 2,
            Self::InUse => 3,
            Self::InputBroken => 4,
            Self::DayQuota => 5,
            Self::Unavailable => 6,
            Self::Hangup | Self::Interrupt | Self::Terminate => 7,
            Self::SomeRowsBad => 8,
            Self::Success => 9,
        }
    }

    /// Exits at once, without cleaning up, as the second signal demands.
    pub fn leave_now(self) -> ! {
        std::process::exit(i32::from(self.get()))
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.get())
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU64, time::Duration};

    use super::*;
    use crate::{
        account::AccountId,
        code::Code,
        error_threshold::ThresholdExceeded,
        failure::{AccessDenied, CertificateFault, Failure, ResponseFault, UntrustedCertificate},
        stop::{AccountMismatch, UnreachableReason, UsedUpQuota},
    };

    #[test]
    fn of_two_reasons_to_stop_the_one_counts_whose_code_counts() {
        let mismatch = AccountMismatch::DiffersFromExpected {
            found: AccountId::new(1),
            wanted: AccountId::new(2),
        };
        let wrong = |has_sent| StopReason::WrongAccount {
            mismatch: mismatch.clone(),
            has_sent,
        };
        let (bad, most) = (1, NonZeroU64::MIN);
        let max_wait = Duration::ZERO;
        let broken = || Failure::new(Code::ConnectionFailed, ResponseFault::BrokenOff);
        let untrusted = UntrustedCertificate {
            cause: String::new(),
            fault: CertificateFault::Other,
        };
        let reasons = [
            StopReason::Output(String::new().into()),
            StopReason::Credentials(AccessDenied::Expired.into()),
            wrong(true),
            wrong(false),
            StopReason::ReserveTooLarge { all: 1, kept: 1 },
            StopReason::DayQuota {
                used_up: UsedUpQuota::All(broken().into()),
                resets_at: None,
            },
            StopReason::NotHubSpot(broken().into()),
            StopReason::Unreachable(UnreachableReason::OnlyThrottled { max_wait }),
            StopReason::TooManyErrors(ThresholdExceeded::Rows { bad, limit: most }.into()),
            StopReason::Certificate(untrusted.into()),
            StopReason::Signal(Signal::Interrupt),
        ];
        for graver in &reasons {
            for milder in reasons.iter().filter(|other| graver.rank() < other.rank()) {
                let (code, other) = (ExitCode::of_stop(graver), ExitCode::of_stop(milder));
                assert_eq!(code.graver(other), code, "{graver:?}, {milder:?}");
            }
        }
    }

    #[test]
    fn the_gravest_code_counts_whatever_the_order() {
        use ExitCode::{
            Credentials, DayQuota, InUse, InputBroken, Internal, Interrupt, Refused, SomeRowsBad,
            Success, Unavailable,
        };
        let by_gravity = [
            Internal,
            Credentials,
            Refused,
            InUse,
            InputBroken,
            DayQuota,
            Unavailable,
            Interrupt,
            SomeRowsBad,
            Success,
        ];
        for (i, graver) in by_gravity.iter().enumerate() {
            for milder in &by_gravity[i..] {
                assert_eq!(graver.graver(*milder), *graver);
                assert_eq!(milder.graver(*graver), *graver);
            }
        }
    }
}
