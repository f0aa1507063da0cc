//! One process of the program, from its start to its end or its death.

use std::{
    fs::File,
    io::Write as _,
    os::unix::process::ExitStatusExt as _,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::support::workdir::{STATE_HOME, TOKEN, Workdir};

/// A program that hangs is ended, so that its test fails.
const WATCHDOG: Duration = Duration::from_secs(60);

/// How often it is looked whether the moment has come; the moment itself is
/// told by what was seen, not by this.
const POLL_INTERVAL: Duration = Duration::from_micros(200);

/// What standard error is kept in.
pub(super) const STDERR_FILE: &str = "said.txt";

/// How a leg is cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KillSignal {
    Kill,
    Terminate,
    Interrupt,
}

/// How a leg ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProcessEnd {
    /// By a signal that it did not catch.
    Died,
    /// With this exit code.
    Exited(i32),
}

impl KillSignal {
    /// The exit code of a run that it interrupted.
    pub(super) fn exit_code(self) -> Option<i32> {
        match self {
            Self::Kill => None,
            Self::Terminate => Some(143),
            Self::Interrupt => Some(130),
        }
    }
}

/// A running program.
#[derive(Debug)]
pub(super) struct RunProcess {
    child: Child,
    pub(super) started: Instant,
}

impl RunProcess {
    /// Starts the program in the directory, with nothing of this environment.
    /// `piped` is what comes through standard input.
    pub(super) fn start(workdir: &Workdir, line: &str, piped: Option<Vec<u8>>) -> Self {
        let said = File::create(workdir.path(STDERR_FILE)).unwrap();
        let started = Instant::now();
        let input = if piped.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        let mut child = Command::new(env!("CARGO_BIN_EXE_hubassoc"))
            .current_dir(workdir.path("."))
            .env_clear()
            .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
            .env(STATE_HOME, workdir.state_home())
            .args(line.split_whitespace())
            .stdin(input)
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .unwrap();
        if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), piped) {
            // Whoever is killed does not read to the end.
            thread::spawn(move || pipe.write_all(&bytes).is_ok());
        }
        Self { child, started }
    }

    /// Waits for the moment; `false` if the program ended before.
    pub(super) fn until(&mut self, mut moment: impl FnMut(&Self) -> bool) -> bool {
        while !moment(self) {
            if self.has_ended() {
                return false;
            }
            thread::sleep(POLL_INTERVAL);
        }
        true
    }

    pub(super) fn signal(&mut self, signal: KillSignal) {
        match signal {
            KillSignal::Kill => self.child.kill().unwrap(),
            KillSignal::Terminate => self.send("-TERM"),
            KillSignal::Interrupt => self.send("-INT"),
        }
    }

    /// Any signal by its name.
    pub(super) fn send(&self, name: &str) {
        let pid = self.child.id().to_string();
        // It may have ended meanwhile; then there is nobody to be told.
        let mut kill = Command::new("kill");
        kill.args([name, &pid]).stderr(Stdio::null());
        kill.status().unwrap();
    }

    /// Waits for its end, whatever that is.
    pub(super) fn wait(&mut self) -> ProcessEnd {
        self.until(|_| false);
        let status: ExitStatus = self.child.wait().unwrap();
        match status.code() {
            Some(code) => ProcessEnd::Exited(code),
            None if status.signal().is_some() => ProcessEnd::Died,
            None => panic!("{status}"),
        }
    }

    pub(super) fn has_ended(&mut self) -> bool {
        if self.started.elapsed() > WATCHDOG {
            self.child.kill().unwrap();
            panic!("the program hangs after {WATCHDOG:?}");
        }
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for RunProcess {
    fn drop(&mut self) {
        // A test that failed leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
