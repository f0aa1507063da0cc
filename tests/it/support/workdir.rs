//! A private directory for one test, where the real program runs with a scrubbed environment, and
//! the files that it leaves.

use std::{
    any::Any,
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use assert_cmd::Command;
use tempfile::TempDir;

/// The token of all runs.
pub(crate) const TOKEN: &str = "pat-na1-of-the-tests";

/// Ends a program that hangs, so that its test fails.
const WATCHDOG: Duration = Duration::from_secs(90);

/// A line of a CSV file, by column name.
pub(crate) type CsvLine = BTreeMap<String, String>;

/// The variable with the folder of the state that runs on a host share.
pub(crate) const STATE_HOME: &str = "XDG_STATE_HOME";

/// A directory that is removed after the test.
#[derive(Debug)]
pub(crate) struct Workdir {
    files: TempDir,
    /// The shared state of its runs, separate from other tests and from the developer's own.
    state: TempDir,
}

impl Workdir {
    pub(crate) fn new() -> Self {
        Self {
            files: TempDir::new().unwrap(),
            state: TempDir::new().unwrap(),
        }
    }

    /// A directory with the file `links.csv`.
    pub(crate) fn with(input: impl AsRef<[u8]>) -> Self {
        let workdir = Self::new();
        workdir.write("links.csv", input);
        workdir
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// The folder of its files.
    #[cfg(target_os = "linux")]
    pub(crate) fn folder(&self) -> &Path {
        self.files.path()
    }

    /// The folder of the state that its runs share.
    pub(crate) fn state_home(&self) -> &Path {
        self.state.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Creates a named pipe.
    #[cfg(unix)]
    pub(crate) fn pipe(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let created = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(created.unwrap().success());
        path
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let path = self.path(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}; there: {:?}", self.names()))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The names of all files, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.files.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    /// The lines of a CSV file.
    pub(crate) fn lines(&self, name: &str) -> Vec<CsvLine> {
        lines(&self.bytes(name))
    }

    /// The lines of `links.results.csv`, in order of the rows.
    pub(crate) fn results(&self) -> Vec<CsvLine> {
        let mut lines = self.lines("links.results.csv");
        lines.sort_by_key(|line| line["assoc_row"].parse::<u64>().unwrap());
        lines
    }

    /// Status and number of attempts of every row, like `succeeded 1`.
    pub(crate) fn endings(&self) -> Vec<String> {
        let results = self.results();
        let endings = results
            .iter()
            .map(|line| format!("{} {}", line["assoc_status"], line["assoc_attempts"]));
        endings.collect()
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    /// A run with this command line, split at blanks.
    pub(crate) fn run(&self, line: &str) -> ProgramRun {
        self.run_by(env!("CARGO_BIN_EXE_hubassoc"), line)
    }

    /// A run of another program with this command line, split at blanks.
    pub(crate) fn run_by(&self, program: &str, line: &str) -> ProgramRun {
        let mut command = self.command(program);
        command.args(line.split_whitespace());
        ProgramRun {
            command,
            line: format!("hubassoc {line}"),
            server: None,
        }
    }

    /// A command line that bash runs, with the program in its `PATH`.
    #[cfg(unix)]
    pub(crate) fn shell(&self, line: &str) -> ProgramRun {
        let program = Path::new(env!("CARGO_BIN_EXE_hubassoc"));
        let mut command = self.command("bash");
        command.args(["-c", "PATH=\"$0:$PATH\"; eval \"$1\""]);
        command.arg(program.parent().unwrap()).arg(line);
        ProgramRun {
            command,
            line: line.to_owned(),
            server: None,
        }
    }

    /// A command that runs in the directory with a scrubbed environment.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.files.path()).timeout(WATCHDOG);
        // The variables are only removed, never read, so that a developer's settings have no
        // effect.
        for (name, _) in env::vars_os().filter(|(name, _)| is_scrubbed(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command.env(STATE_HOME, self.state_home());
        command
    }

    /// `import links.csv` without a rate limit.
    pub(crate) fn import(&self, base_url: &str, options: &str) -> ProgramRun {
        self.import_file("links.csv", base_url, options)
    }

    /// `import` of another file without a rate limit.
    pub(crate) fn import_file(&self, input: &str, base_url: &str, options: &str) -> ProgramRun {
        self.run(&format!(
            "import {input} --base-url {base_url} --rate unlimited {options}"
        ))
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
    }
}

fn is_scrubbed(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let ours = upper.starts_with("HUBSPOT_") || upper.starts_with("HUBASSOC_");
    ours || upper.ends_with("_PROXY")
        || upper.starts_with("RUST_")
        || matches!(upper.as_str(), "NO_COLOR" | "CI" | "COLUMNS")
}

/// A run of the program that has not started yet.
#[derive(Debug)]
pub(crate) struct ProgramRun {
    command: Command,
    line: String,
    server: Option<Box<dyn Any>>,
}

impl ProgramRun {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets a variable to a path, which need not be UTF-8.
    #[cfg(target_os = "linux")]
    pub(crate) fn env_path(mut self, name: &str, path: impl AsRef<Path>) -> Self {
        self.command.env(name, path.as_ref());
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Adds an argument that may contain blanks.
    pub(crate) fn arg(mut self, arg: impl AsRef<Path>) -> Self {
        self.command.arg(arg.as_ref());
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.command.write_stdin(bytes);
        self
    }

    /// Keeps the server alive as long as the run.
    pub(crate) fn keep_alive(mut self, server: impl Any) -> Self {
        self.server = Some(Box::new(server));
        self
    }

    /// Runs the program to its end.
    pub(crate) fn finish(mut self) -> Transcript {
        let output = self.command.output().unwrap();
        Transcript {
            line: self.line,
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs the program to its end and asserts the exit code.
    pub(crate) fn exits(self, code: i32) -> Transcript {
        let ran = self.finish();
        assert_eq!(ran.code, Some(code), "exit code\n{ran}");
        ran
    }
}

/// The output and the exit code of a run.
#[derive(Debug)]
pub(crate) struct Transcript {
    line: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Transcript {
    /// Asserts that standard error contains all these words.
    pub(crate) fn says(&self, words: &[&str]) -> &Self {
        for words in words {
            assert!(self.stderr.contains(words), "'{words}' is not said\n{self}");
        }
        self
    }

    /// Asserts that neither stream contains these words.
    pub(crate) fn never_says(&self, words: &str) -> &Self {
        let everything = self.stdout() + &self.stderr;
        assert!(!everything.contains(words), "'{words}' is said\n{self}");
        self
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

impl std::fmt::Display for Transcript {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            line, code, stderr, ..
        } = self;
        writeln!(out, "$ {line}\nexit code {code:?}")?;
        writeln!(out, "--- standard output\n{}", self.stdout())?;
        writeln!(out, "--- standard error\n{stderr}")
    }
}

/// Parses CSV text with any of the usual delimiters, strictly.
pub(crate) fn lines(bytes: &[u8]) -> Vec<CsvLine> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let header = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let mut delimiters = header.iter().filter(|b| b",;\t|".contains(b));
    let delimiter = *delimiters.next_back().unwrap_or(&b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(bytes);
    reader.deserialize().map(|line| line.unwrap()).collect()
}

/// The values of one column.
pub(crate) fn column<'a>(lines: &'a [CsvLine], name: &str) -> Vec<&'a str> {
    lines.iter().map(|line| line[name].as_str()).collect()
}
