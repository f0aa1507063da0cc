//! The program at a pseudo-terminal: its output there, and typed input.
#![cfg(unix)]

use std::{
    fs::File,
    io::{Read as _, Write as _},
    process::{Child, Command, Stdio},
};

use super::workdir::{STATE_HOME, TOKEN, Workdir};

/// The program at its own terminal.
pub(crate) struct TerminalSession {
    child: Child,
    terminal: File,
    pub(crate) said: String,
}

impl TerminalSession {
    /// Starts the program with these arguments, split at blanks.
    pub(crate) fn start(workdir: &Workdir, line: &str) -> Self {
        Self::start_with(workdir, line, None)
    }

    /// Starts the program at a terminal on which it can redraw a line.
    pub(crate) fn start_drawing(workdir: &Workdir, line: &str) -> Self {
        Self::start_with(workdir, line, Some(("TERM", "xterm")))
    }

    fn start_with(workdir: &Workdir, line: &str, variable: Option<(&str, &str)>) -> Self {
        let pty = nix::pty::openpty(None, None).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let child = Command::new(env!("CARGO_BIN_EXE_hubassoc"))
            .args(line.split_whitespace())
            .current_dir(workdir.path("."))
            .env_clear()
            .env(STATE_HOME, workdir.state_home())
            .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
            .envs(variable)
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let terminal = File::from(pty.master);
        let said = String::new();
        Self {
            child,
            terminal,
            said,
        }
    }

    /// Reads until the output contains one of these words, or the program has ended.
    pub(crate) fn until(&mut self, words: &[&str]) -> &mut Self {
        let from = self.said.len();
        let mut bytes = [0; 1024];
        while !words.iter().any(|words| self.said[from..].contains(words)) {
            // On Linux, reading a terminal that no process has open is an error.
            match self.terminal.read(&mut bytes) {
                Ok(read) if read > 0 => self.said += &String::from_utf8_lossy(&bytes[..read]),
                Ok(_) | Err(_) => break,
            }
        }
        self
    }

    pub(crate) fn signal(&mut self, signal: &str) -> &mut Self {
        let pid = self.child.id().to_string();
        let kill = Command::new("kill").args([signal, &pid]).status();
        assert!(kill.unwrap().success());
        self
    }

    pub(crate) fn types(&mut self, line: &str) -> &mut Self {
        // It may have ended.
        let _ = self.terminal.write_all(line.as_bytes());
        self
    }

    pub(crate) fn exits(&mut self, code: i32) {
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.code(), Some(code), "{}", self.said);
    }
}

/// A failing test must not leave a process behind.
impl Drop for TerminalSession {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
