//! A server that holds back one answer, so that a test can interrupt an import meanwhile.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering::SeqCst},
    mpsc::{Receiver, Sender, channel},
};

use super::{
    account::Account,
    call::{Answer, Call},
    server::KeyedServer,
};
use crate::support::{running::RunningProgram, workdir::Workdir};

/// An answer that waits for the test.
pub(super) struct HeldAnswer {
    arrived: Receiver<()>,
    release: Sender<()>,
}

impl HeldAnswer {
    /// Holds back the first answer to a call of which `is_held` is true.
    pub(super) fn hold(account: Account, is_held: fn(&Call) -> bool) -> (KeyedServer, Self) {
        Self::hold_and_spoil(account, is_held, |answer| answer)
    }

    /// Also changes this answer: what it was about is done in the account nevertheless.
    pub(super) fn hold_and_spoil(
        account: Account,
        is_held: fn(&Call) -> bool,
        spoiled: fn(Answer) -> Answer,
    ) -> (KeyedServer, Self) {
        let (has_arrived, arrived) = channel();
        let (release, is_released) = channel::<()>();
        let is_released = Mutex::new(is_released);
        let was_held = AtomicBool::new(false);
        let spoil = move |call: &Call, answer: Answer| {
            if is_held(call) && !was_held.swap(true, SeqCst) {
                has_arrived.send(()).unwrap();
                is_released.lock().unwrap().recv().unwrap();
                return spoiled(answer);
            }
            answer
        };
        (
            KeyedServer::with_fault(account, spoil),
            Self { arrived, release },
        )
    }

    /// Starts an import, interrupts it when the call has come, and answers then.
    pub(super) fn interrupt(&self, workdir: &Workdir, server: &KeyedServer, options: &str) {
        let mut run = RunningProgram::start(workdir, &server.base_url(), options);
        self.arrived.recv().unwrap();
        run.signal("-INT").until("stopping: waiting up to 8 s");
        self.release.send(()).unwrap();
        run.exits(130);
    }

    /// Starts an import, and kills it when the call has come. The answer goes to nobody.
    pub(super) fn kill(&self, workdir: &Workdir, server: &KeyedServer, options: &str) {
        let mut run = RunningProgram::start(workdir, &server.base_url(), options);
        self.arrived.recv().unwrap();
        run.signal("-KILL").wait();
        self.release.send(()).unwrap();
    }
}
