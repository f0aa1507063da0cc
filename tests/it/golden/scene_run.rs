//! A run of one scene: the program's commands against a sandbox, and their results.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use hubassoc::sandbox::Sandbox;

use super::{
    mask::{assert_same, masked, masked_hash_of_input},
    run_log,
    scenes::GoldenScene,
};
use crate::support::{
    running::RunningProgram,
    sandbox::{arrivals, link, start_with},
    workdir::{TOKEN, Transcript, Workdir},
};

/// The tested program.
const TESTED_PROGRAM: &str = env!("CARGO_BIN_EXE_hubassoc");

/// A finished run of a scene.
pub(super) struct SceneRun {
    workdir: Workdir,
    program: String,
    text: String,
    /// Whether calls overlap, so that lines have no order.
    in_any_order: bool,
}

impl SceneRun {
    pub(super) fn new(scene: &GoldenScene, program: Option<&str>) -> (Self, Sandbox) {
        let workdir = Workdir::with(scene.input);
        for (name, text) in scene.files {
            workdir.write(name, text);
        }
        let sandbox = start_with((scene.sandbox)(&workdir));
        let mut scene_run = Self {
            workdir,
            program: program.unwrap_or(TESTED_PROGRAM).to_owned(),
            text: String::new(),
            in_any_order: scene.in_any_order,
        };
        for step in &scene.steps {
            scene_run.run(step, &sandbox);
        }
        if let Some((options, request)) = scene.killed_at {
            scene_run.kill_during_import(options, request, &sandbox);
        }
        scene_run.append_server_state(&sandbox);
        (scene_run, sandbox)
    }

    /// Its output and what it sent.
    pub(super) fn text(&self) -> String {
        self.text.clone()
    }

    /// Runs another command on the existing files, and returns its results as text.
    pub(super) fn follow_up(mut self, line: &str, sandbox: &Sandbox) -> String {
        let before = self.files();
        let sent = arrivals(sandbox).len();
        self.text.clear();
        self.run(line, sandbox);
        self.append_arrivals(sandbox, sent);
        self.append_links(sandbox);
        let mut files = self.files();
        files.retain(|name, text| before.get(name) != Some(text));
        self.append_files(&files);
        self.text
    }

    fn run(&mut self, line: &str, sandbox: &Sandbox) {
        let line = line.replace("{url}", &sandbox.base_url());
        let mut run = self.workdir.run_by(&self.program, &line);
        if line.contains("import -") {
            run = run.stdin(self.workdir.bytes("links.csv"));
        }
        let ran = run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).finish();
        self.append_transcript(&ran);
    }

    fn append_transcript(&mut self, ran: &Transcript) {
        let mut said = ran.to_string();
        if self.in_any_order {
            said = sorted(&said, |line| line.starts_with("row "));
        }
        self.text += &masked(&said);
    }

    /// An import that is killed while this request has no answer.
    fn kill_during_import(&mut self, options: &str, request: u64, sandbox: &Sandbox) {
        let url = sandbox.base_url();
        let mut run = RunningProgram::start_words(&[&self.program], &self.workdir, &url, options);
        while sandbox.request_log().requests < request {
            std::thread::yield_now();
        }
        run.signal("-KILL");
        run.wait();
        writeln!(self.text, "$ hubassoc import links.csv {options} (killed)").unwrap();
    }

    /// Appends the requests and the links of the server.
    fn append_server_state(&mut self, sandbox: &Sandbox) {
        let log = sandbox.request_log();
        writeln!(
            self.text,
            "--- requests {}\nanswers {:?}\naccounts {}, reads {}, records {}, removes {}, labels {}, limits {}",
            log.requests,
            log.responses.statuses,
            log.counts.accounts,
            log.counts.reads,
            log.counts.records,
            log.counts.removes,
            log.counts.labels,
            log.counts.limits
        )
        .unwrap();
        self.append_arrivals(sandbox, 0);
        self.append_links(sandbox);
    }

    fn append_arrivals(&mut self, sandbox: &Sandbox, from: usize) {
        self.text += "--- sent\n";
        let arrivals = &arrivals(sandbox)[from..];
        let tell = |arrival| {
            let (from, to, definition) = link(arrival);
            let status = arrival.status.map(|status| status.as_u16().to_string());
            let status = status.unwrap_or_default();
            format!("{from} {to} {definition} {status}\n")
        };
        let mut lines: Vec<_> = arrivals.iter().map(tell).collect();
        if self.in_any_order {
            lines.sort();
        }
        self.text += &lines.concat();
    }

    fn append_links(&mut self, sandbox: &Sandbox) {
        self.text += "--- linked\n";
        for link in sandbox.links() {
            writeln!(self.text, "{link}").unwrap();
        }
    }

    fn append_files(&mut self, files: &BTreeMap<String, String>) {
        for (name, text) in files.iter().filter(|(name, _)| is_written(name)) {
            let text = self.normalised(name, text);
            writeln!(self.text, "--- {name}\n{text}").unwrap();
        }
    }

    /// The text of a file for the comparison.
    fn normalised(&self, name: &str, text: &str) -> String {
        let mut text = text.to_owned();
        if kind(name) == "run" {
            text = run_log::with_combined_syncs(&text);
        }
        text = masked(&text);
        if name.ends_with(".undo.csv.run") {
            text = masked_hash_of_input(&text);
        }
        match (self.in_any_order, kind(name)) {
            (true, "run") => run_log::with_combined_snapshots(&text),
            (true, "csv") => {
                let mut is_row = false;
                sorted(&text, |_| std::mem::replace(&mut is_row, true))
            }
            (true | false, _) => text,
        }
    }

    /// All files, by name.
    fn files(&self) -> BTreeMap<String, String> {
        let names = self.workdir.names().into_iter();
        names
            .map(|name| (name.clone(), self.workdir.text(&name)))
            .collect()
    }

    /// Records the files.
    pub(super) fn write_files(&self, folder: &Path) {
        let folder = folder.join("files");
        // The folder need not exist.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in self.files() {
            fs::write(folder.join(name), text).unwrap();
        }
    }

    /// Asserts that the files are those of the recording, except for what is masked.
    pub(super) fn assert_files(&self, folder: &Path) {
        let recorded = recorded(folder);
        let now = self.files();
        assert!(recorded.keys().eq(now.keys()), "{:?}", now.keys());
        for (name, then) in recorded {
            assert_same(
                &name,
                &self.normalised(&name, &then),
                &self.normalised(&name, &now[&name]),
            );
        }
    }

    /// Replaces the files by the recorded ones, with the address of this server.
    pub(super) fn replace_files(&self, folder: &Path, sandbox: &Sandbox) {
        for name in self.workdir.names() {
            fs::remove_file(self.workdir.path(&name)).unwrap();
        }
        let url = sandbox.base_url();
        for (name, text) in recorded(folder) {
            self.workdir.write(&name, with_url(&text, &url));
        }
    }
}

/// The recorded files of a scene.
fn recorded(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder.join("files")).unwrap();
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read_to_string(entry.path()).unwrap())
    };
    entries.map(|entry| file(entry.unwrap())).collect()
}

/// Replaces the address of the recorded server by this one.
fn with_url(text: &str, url: &str) -> String {
    let begin = "http://127.0.0.1:";
    let mut parts = text.split(begin);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += url;
        out += part.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out
}

/// The extension of a file name.
fn kind(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

/// Whether the program writes files of this name.
fn is_written(name: &str) -> bool {
    let is_input = matches!(name, "links.csv" | "before.csv");
    !is_input && kind(name) != "txt"
}

/// Sorts the selected lines and puts them at the position of the first one.
fn sorted(text: &str, mut is_sorted: impl FnMut(&str) -> bool) -> String {
    let (mut some, others): (Vec<_>, Vec<_>) = text
        .split_inclusive('\n')
        .enumerate()
        .partition(|(_, line)| is_sorted(line));
    let at = some.first().map_or(0, |(at, _)| *at);
    some.sort_by_key(|(_, line)| *line);
    let before = others.iter().filter(|(other, _)| *other < at);
    let after = others.iter().filter(|(other, _)| *other > at);
    let all = before.chain(&some).chain(after);
    all.map(|(_, line)| *line).collect()
}
