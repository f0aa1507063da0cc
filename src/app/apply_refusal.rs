//! Why a plan is not carried out. Nothing was sent.

use std::{io, path::PathBuf, time::Duration};

use crate::{
    account::AccountId,
    messages,
    output::{duration, path as shown},
    plan::{PlanDocument, PlanLogError},
};

/// Why a plan is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ApplyRefusal {
    /// The document or the input cannot be read.
    #[error("cannot read {}: {_1}", shown(.0))]
    Unreadable(PathBuf, io::Error),
    /// The file is not a document of a plan.
    #[error(
        "{} is not a plan that this version can read ({why}); give the file that ends in .plan.json, \
         or make a new plan",
        shown(path)
    )]
    NoPlan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The document is not as it was written.
    #[error(
        "{} was changed after the plan was made: its digest does not fit; nothing was sent; make a \
         new plan", shown(.0)
    )]
    Changed(PathBuf),
    /// The log is not as it was written, or missing.
    #[error(
        "the log of the plan, {}, cannot be used: {}; nothing was sent; put the file back that was \
         written with the plan, or make a new plan",
        shown(.0), .1.as_ref().map_or_else(|| "it was changed".to_owned(), messages::plan_log_fault)
    )]
    Log(PathBuf, Option<PlanLogError>),
    /// The input is another one.
    #[error(
        "{} is not the file that was planned: it was changed, or it is another one; nothing was \
         sent; make a new plan", shown(.0)
    )]
    OtherInput(PathBuf),
    /// It is too old.
    #[error(
        "the plan was made {} ago, and --max-age is {}: the account may have changed; nothing was \
         sent; make a new plan", duration(*age), duration(*max_age)
    )]
    TooOld {
        /// Its age.
        age: Duration,
        /// The age that is allowed.
        max_age: Duration,
    },
    /// The token belongs to another account.
    #[error(
        "the plan is for account {planned}, but the token belongs to account {found}; nothing was \
         sent; use a token of account {planned}"
    )]
    OtherAccount {
        /// The account of the plan.
        planned: u64,
        /// The account of the token.
        found: AccountId,
    },
    /// The server is another one.
    #[error("the plan was made for {planned}, but --base-url is {given}; leave it out")]
    OtherServer {
        /// The server of the plan.
        planned: String,
        /// The given one.
        given: String,
    },
    /// A label has another type now.
    #[error(
        "the label from {label} was {then} when the plan was made, and is {now} now; nothing was \
         sent; make a new plan"
    )]
    OtherLabel {
        /// The object types and the label.
        label: String,
        /// Its type in the plan.
        then: String,
        /// Its type now.
        now: String,
    },
    /// Nobody can be asked.
    #[error(
        "nobody can be asked here whether to carry out this plan; give --approve {}",
        .0.short_digest()
    )]
    NotApproved(Box<PlanDocument>),
    /// Another plan was approved.
    #[error(
        "--approve is {given}, but this plan has the digest {digest}; nothing was sent; look at the \
         plan, and approve the one that you mean (at least {} characters)",
        PlanDocument::SHORT_DIGEST
    )]
    OtherApproval {
        /// The digest that was given.
        given: String,
        /// The digest of the plan.
        digest: String,
    },
    /// It was made in a sandbox.
    #[error(
        "the plan was made in a sandbox (--sandbox), whose account is gone; make a plan for the \
         real account"
    )]
    OfSandbox,
    /// The results belong to a run without this plan.
    #[error(
        "{} records another run than that of this plan; choose other results with -o, or continue \
         that run with its own command", shown(.0)
    )]
    OtherRun(PathBuf),
    /// The run applies a plan.
    #[error(
        "this run carries out a plan, and does nothing else; to continue it: hubassoc apply {} \
         --resume", shown(.0)
    )]
    RunOfPlan(PathBuf),
}
