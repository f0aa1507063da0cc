//! One process of the program, from its start to its end or kill.

use std::{
    fs::File,
    io::Write as _,
    os::unix::process::ExitStatusExt as _,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::support::workdir::{STATE_HOME, TOKEN, Workdir};

/// Ends a program that hangs, so that its test fails.
const WATCHDOG: Duration = Duration::from_secs(60);

/// How often the condition is checked. Only the condition decides, so this interval is not
/// critical.
const POLL_INTERVAL: Duration = Duration::from_micros(200);

/// The file with the standard error.
pub(super) const STDERR_FILE: &str = "said.txt";

/// How a process is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KillSignal {
    Kill,
    Terminate,
    Interrupt,
}

/// How a process ended.
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
    /// Starts the program in the directory with an empty environment. `piped` is its standard
    /// input.
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
            // A killed process does not read everything.
            thread::spawn(move || pipe.write_all(&bytes).is_ok());
        }
        Self { child, started }
    }

    /// Waits until the condition holds; `false` if the process ended before.
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

    /// Sends a signal by its name.
    pub(super) fn send(&self, name: &str) {
        let pid = self.child.id().to_string();
        // The process may have ended already.
        let mut kill = Command::new("kill");
        kill.args([name, &pid]).stderr(Stdio::null());
        kill.status().unwrap();
    }

    /// Waits for its end.
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
        // A failing test must not leave a process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
