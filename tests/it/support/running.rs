//! A running program: its output so far, and signals to it.
#![cfg(unix)]

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStderr, Command, Stdio},
};

use super::workdir::{STATE_HOME, Workdir};

pub(crate) struct RunningProgram {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl RunningProgram {
    pub(crate) fn start(workdir: &Workdir, base_url: &str, options: &str) -> Self {
        Self::start_by(&[], workdir, base_url, options)
    }

    /// Starts an import through another program.
    pub(crate) fn start_by(
        starter: &[&str],
        workdir: &Workdir,
        base_url: &str,
        options: &str,
    ) -> Self {
        let words = [starter, &[env!("CARGO_BIN_EXE_hubassoc")]].concat();
        Self::start_words(&words, workdir, base_url, options)
    }

    /// Starts an import with this program and these first arguments.
    pub(crate) fn start_words(
        words: &[&str],
        workdir: &Workdir,
        base_url: &str,
        options: &str,
    ) -> Self {
        let mut words = words.iter();
        let mut child = Command::new(words.next().unwrap())
            .args(words)
            .current_dir(workdir.path("."))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env(STATE_HOME, workdir.state_home())
            .env("HUBSPOT_ACCESS_TOKEN", "t")
            .args(["import", "links.csv", "--base-url", base_url])
            .args(options.split_whitespace())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr }
    }

    /// Reads the output until a line contains these words.
    pub(crate) fn until(&mut self, words: &str) -> &mut Self {
        let mut said = String::new();
        loop {
            let from = said.len();
            assert!(
                self.stderr.read_line(&mut said).unwrap() > 0,
                "'{words}' never came\n{said}"
            );
            if said[from..].contains(words) {
                return self;
            }
        }
    }

    /// The rest of the output.
    pub(crate) fn read_to_end(&mut self) -> String {
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        said
    }

    pub(crate) fn signal(&mut self, signal: &str) -> &mut Self {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        self
    }

    /// Waits until the program has ended, in any way.
    pub(crate) fn wait(&mut self) {
        self.child.wait().unwrap();
    }

    pub(crate) fn exits(&mut self, code: i32) {
        assert_eq!(self.child.wait().unwrap().code(), Some(code));
    }
}

/// A failing test must not leave a process behind.
impl Drop for RunningProgram {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
