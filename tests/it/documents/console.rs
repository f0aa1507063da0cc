//! The `console` blocks of the pages: what they show is what the program says.
//!
//! The blocks of a page are run one after the other in one folder, which holds the sample
//! data, up to a comment `<!-- scene -->`: there another folder and another account begin.
//! Other comments prepare what the page does not show: `<!-- run: COMMAND -->`, and
//! `<!-- account: OPTIONS -->` for an account with these options of `hubassoc sandbox`.

use std::{collections::BTreeMap, fmt::Write as _, fs, thread};

use super::{account::Account, mask::masked, page};
use crate::support::workdir::Workdir;

/// What commands of the pages begin with.
const COMMANDS: [&str; 6] = ["hubassoc", "cat", "head", "printf", "export", "cp"];

const FENCE: &str = "```";

/// Where another folder and another account begin.
const SCENE: &str = "<!-- scene -->\n";

/// A command, and what the page shows of it.
struct Shown {
    command: String,
    output: String,
}

/// Where the examples of one page are run.
struct Place {
    workdir: Workdir,
    account: Account,
    environment: BTreeMap<String, String>,
}

impl Place {
    fn new() -> Self {
        let workdir = Workdir::new();
        let samples = workdir.path("sample-data");
        fs::create_dir(&samples).unwrap();
        for entry in fs::read_dir(page::root().join("sample-data")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), samples.join(entry.file_name())).unwrap();
        }
        let account = Account::start("", &workdir.path(""));
        let token = (
            "HUBSPOT_ACCESS_TOKEN".to_owned(),
            "pat-na1-example".to_owned(),
        );
        Self {
            workdir,
            account,
            environment: BTreeMap::from([token]),
        }
    }

    /// What a command says, with its exit code where it is not 0.
    fn run(&mut self, command: &str) -> String {
        let first = command.split_whitespace().next().unwrap_or_default();
        assert!(COMMANDS.contains(&first), "no command of a page: {command}");
        if let Some((name, value)) = command
            .strip_prefix("export ")
            .and_then(|set| set.split_once('='))
        {
            self.environment.insert(name.to_owned(), value.to_owned());
            return String::new();
        }
        let mut run = self.workdir.shell(&format!("exec 2>&1; {command}"));
        run = run.env("HUBASSOC_BASE_URL", &self.account.base_url());
        for (name, value) in &self.environment {
            run = run.env(name, value);
        }
        let ran = run.finish();
        let mut said = self.account.hide_in(&ran.stdout());
        if !said.is_empty() && !said.ends_with('\n') {
            said.push('\n');
        }
        match ran.code {
            Some(0) => {}
            Some(code) => writeln!(said, "[exit {code}]").unwrap(),
            None => writeln!(said, "[killed]").unwrap(),
        }
        said
    }

    /// Does what a comment of the page asks for.
    fn prepare(&mut self, line: &str) {
        let Some(wish) = line.strip_prefix("<!-- ") else {
            return;
        };
        let wish = wish.strip_suffix(" -->").unwrap_or(wish);
        if let Some(command) = wish.strip_prefix("run: ") {
            let said = self.run(command);
            assert!(!said.contains("[exit 2]"), "{command}\n{said}");
        } else if let Some(options) = wish.strip_prefix("account:") {
            self.account = Account::start(options, &self.workdir.path(""));
        }
    }
}

/// The page with its examples as they are now. Scenes know nothing of each other.
fn played(text: &str) -> String {
    let mut scenes = text.split(SCENE);
    let first = scenes.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = scenes
            .map(|scene| scope.spawn(|| SCENE.to_owned() + &played_scene(scene)))
            .collect();
        let others = others.into_iter().map(|scene| scene.join().unwrap());
        played_scene(first) + &others.collect::<String>()
    })
}

fn played_scene(text: &str) -> String {
    let mut place = Place::new();
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        writeln!(out, "{line}").unwrap();
        place.prepare(line);
        if line != "```console" {
            continue;
        }
        let block: Vec<_> = lines.by_ref().take_while(|line| *line != FENCE).collect();
        for shown in commands(&block) {
            writeln!(out, "$ {}", shown.command).unwrap();
            // Lines of one command that go on after a backslash are one to the shell.
            let now = place.run(&shown.command.replace("\\\n", " "));
            let is_same = masked(&now) == masked(&shown.output);
            out += if is_same { &shown.output } else { &now };
        }
        writeln!(out, "{FENCE}").unwrap();
    }
    out
}

/// The commands of a block, each with the lines after it.
fn commands(block: &[&str]) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut goes_on = false;
    for line in block {
        if let Some(command) = line.strip_prefix("$ ") {
            all.push(Shown {
                command: command.to_owned(),
                output: String::new(),
            });
            goes_on = command.ends_with('\\');
            continue;
        }
        let last = all.last_mut().expect("a block begins with a command");
        if goes_on {
            last.command += "\n";
            last.command += line;
            goes_on = line.ends_with('\\');
        } else {
            last.output += line;
            last.output += "\n";
        }
    }
    all
}

fn holds(name: &str) {
    let text = page::read(name);
    page::hold(name, &played(&text), "an example shows something else");
}

macro_rules! pages {
    ($($test:ident = $page:literal,)+) => {
        $(#[test]
        fn $test() {
            holds($page);
        })+

        #[test]
        fn every_page_with_an_example_is_played() {
            let played = [$($page),+];
            for page in page::all() {
                let has_one = page::read(&page).lines().any(|line| line == "```console");
                assert!(!has_one || played.contains(&page.as_str()), "{page} is not played");
            }
        }
    };
}

pages! {
    readme = "README.md",
    behaviour = "docs/behaviour.md",
    excel = "docs/excel.md",
    guide = "docs/guide.md",
    operations = "docs/operations.md",
    plan = "docs/plan.md",
    reference_definitions = "docs/reference/definitions.md",
    reference_logs = "docs/reference/logs.md",
    reference_summary = "docs/reference/summary.md",
    sandbox = "docs/sandbox.md",
    troubleshooting = "docs/troubleshooting.md",
}

#[test]
fn an_example_that_shows_something_else_is_noticed() {
    let text = "```console\n$ printf 'one\\ntwo\\n'\none\nthree\n$ cat nothing.csv\n```\n";
    let now = played(text);
    assert!(now.contains("one\ntwo\n$ cat nothing.csv\n"), "{now}");
    assert!(now.contains("[exit 1]\n```\n"), "{now}");
    assert_eq!(played(&now), now);
}
