//! The ways to look for a record, one after the other. Pure.
//!
//! Every step is later in the order than the one before it, so the search for a record ends.

use std::time::Duration;

use super::finding::KeyFinding;
use crate::association::KeyKind;

/// The places to look for a record, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LookupStage {
    /// Among the records of the account.
    First,
    /// Once more: by a search when its index must have all records, or because a read said nothing
    /// about the key.
    Again,
    /// By the id of a merged record, which only a read of this record follows.
    Merged,
    /// Among deleted records.
    Archived,
}

/// A call for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LookupStep {
    pub(super) stage: LookupStage,
    /// Whether the key is asked for without others, because a response to several left it in doubt.
    pub(super) is_alone: bool,
}

impl LookupStep {
    /// The first step for every key.
    pub(super) const FIRST: Self = Self::together(LookupStage::First);

    /// A call for several keys.
    pub(super) const fn together(stage: LookupStage) -> Self {
        Self {
            stage,
            is_alone: false,
        }
    }

    /// The step after this one, and the time until then; `None` if the finding is final.
    /// `search_lag` is how long a search may miss a new record.
    pub(super) fn after(
        self,
        kind: KeyKind,
        finding: &KeyFinding,
        search_lag: Option<Duration>,
    ) -> Option<(Self, Duration)> {
        let at_once = |step| Some((step, Duration::ZERO));
        match finding {
            KeyFinding::Answered(_) | KeyFinding::Failed(_) => None,
            KeyFinding::Doubtful
                if self.stage == LookupStage::First && kind == KeyKind::RecordUrl =>
            {
                at_once(Self::together(LookupStage::Merged))
            }
            KeyFinding::Doubtful if self.is_alone => None,
            KeyFinding::Doubtful => at_once(Self {
                is_alone: true,
                ..self
            }),
            KeyFinding::LeftOut if self == Self::FIRST && kind != KeyKind::RecordUrl => {
                at_once(Self::together(LookupStage::Again))
            }
            KeyFinding::LeftOut | KeyFinding::Missed => {
                let stage = match (self.stage, kind) {
                    (LookupStage::First, KeyKind::Domain) => {
                        return Some((Self::together(LookupStage::Again), search_lag?));
                    }
                    (LookupStage::First, KeyKind::RecordUrl) => LookupStage::Merged,
                    (LookupStage::Again, KeyKind::Domain) | (LookupStage::Archived, _) => {
                        return None;
                    }
                    (LookupStage::First | LookupStage::Again | LookupStage::Merged, _) => {
                        LookupStage::Archived
                    }
                };
                at_once(Self::together(stage))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        association::{KeyAnswer, RecordId},
        code::Code,
        failure::{Failure, ResponseFault},
    };

    const KINDS: [KeyKind; 4] = [
        KeyKind::Email,
        KeyKind::Domain,
        KeyKind::RecordUrl,
        KeyKind::Unique,
    ];

    const LAG: Duration = Duration::from_secs(10);

    /// The steps for a key of which this is found each time.
    fn steps(kind: KeyKind, finding: &KeyFinding) -> Vec<(LookupStage, bool)> {
        let mut steps = Vec::new();
        let mut next = Some(LookupStep::FIRST);
        while let Some(step) = next {
            steps.push((step.stage, step.is_alone));
            next = step.after(kind, finding, Some(LAG)).map(|(step, _)| step);
        }
        steps
    }

    #[test]
    fn a_missing_record_is_looked_for_in_each_place() {
        use LookupStage::{Again, Archived, First, Merged};
        for (kind, named, left_out) in [
            (
                KeyKind::Email,
                &[First, Archived][..],
                &[First, Again, Archived][..],
            ),
            (
                KeyKind::Unique,
                &[First, Archived],
                &[First, Again, Archived],
            ),
            (KeyKind::Domain, &[First, Again], &[First, Again]),
            (
                KeyKind::RecordUrl,
                &[First, Merged, Archived],
                &[First, Merged, Archived],
            ),
        ] {
            for (finding, stages) in [(KeyFinding::Missed, named), (KeyFinding::LeftOut, left_out)]
            {
                let together = stages.iter().map(|stage| (*stage, false));
                assert_eq!(steps(kind, &finding), together.collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn doubt_is_resolved_alone_wherever_it_is_and_every_step_is_a_later_one() {
        use LookupStage::{Again, Archived, First, Merged};
        for kind in KINDS {
            for stage in [First, Again, Merged, Archived] {
                for is_alone in [false, true] {
                    let step = LookupStep { stage, is_alone };
                    for finding in [
                        KeyFinding::Missed,
                        KeyFinding::LeftOut,
                        KeyFinding::Doubtful,
                    ] {
                        let next = step.after(kind, &finding, Some(LAG));
                        assert!(next.is_none_or(|(next, _)| next > step), "{step:?}");
                        let is_doubtful = finding == KeyFinding::Doubtful;
                        assert!(!is_doubtful || is_alone || next.is_some(), "{step:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_search_is_repeated_only_after_its_index_has_all_records() {
        let first = LookupStep::FIRST;
        let after = |lag| first.after(KeyKind::Domain, &KeyFinding::Missed, lag);
        let again = LookupStep::together(LookupStage::Again);
        assert_eq!(after(Some(LAG)), Some((again, LAG)));
        assert_eq!(after(None), None);
    }

    #[test]
    fn an_answer_or_a_failure_is_final() {
        let id = RecordId::new(7).unwrap();
        let failure = Failure::new(Code::NotRead, ResponseFault::IdMissing);
        for finding in [
            KeyFinding::Answered(KeyAnswer::Found(id)),
            KeyFinding::Failed(failure),
        ] {
            for kind in KINDS {
                assert_eq!(LookupStep::FIRST.after(kind, &finding, Some(LAG)), None);
            }
        }
    }
}
