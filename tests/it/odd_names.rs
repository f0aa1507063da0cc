//! Names of files and folders that are not UTF-8, begin with `-`, or contain quotes and line ends.
//! Every file is beside the input under a name with the same bytes, every later command finds it,
//! and every printed command works.

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::{Path, PathBuf},
};

use hubassoc::{
    cell::is_hidden,
    output::shell_word,
    sandbox::{Sandbox, SandboxOptions},
};

use crate::support::{
    links,
    sandbox::{start, start_with},
    workdir::{ProgramRun, TOKEN, Transcript, Workdir},
};

/// Bytes that are not UTF-8: alone, before a digit, and as a truncated letter.
const NO_TEXT: &[u8] = b"a\xff7 \xc3(it's)";

/// Names that a shell or a command line parser would misread.
const ODD: [&[u8]; 6] = [
    NO_TEXT,
    b"-links",
    b"--resume",
    b"two\nlines\x1b[1m",
    b"it's \"$(date)\" `x` \\",
    b"=links",
];

fn name(stem: &[u8], ending: &str) -> OsString {
    OsString::from_vec([stem, ending.as_bytes()].concat())
}

/// A folder with an input of this name. Of its three rows the records of rows 1 and 3 exist.
struct Scene {
    workdir: Workdir,
    stem: Vec<u8>,
}

impl Scene {
    fn new(stem: &[u8]) -> Self {
        Self::in_folder(Path::new(""), stem)
    }

    /// An input of this name in another folder.
    fn in_folder(folder: &Path, stem: &[u8]) -> Self {
        let workdir = Workdir::new();
        let folder = workdir.folder().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name(stem, ".csv")), links([1, 404, 3])).unwrap();
        let stem = stem.to_owned();
        Self { workdir, stem }
    }

    /// The file with this ending.
    fn path(&self, ending: &str) -> PathBuf {
        self.workdir.folder().join(name(&self.stem, ending))
    }

    fn run(&self, line: &str) -> ProgramRun {
        self.workdir.run(line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
    }

    fn import(&self, sandbox: &Sandbox, options: &str) -> ProgramRun {
        let url = sandbox.base_url();
        self.run(&format!(
            "import --base-url {url} --rate unlimited --skip-existing {options}"
        ))
    }

    /// Runs a printed command in a shell.
    fn run_printed(&self, command: &str) -> ProgramRun {
        self.workdir
            .shell(command)
            .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
    }

    /// Asserts that only these files exist.
    fn assert_files(&self, endings: &[&str]) {
        let mut expected: Vec<_> = endings.iter().map(|end| name(&self.stem, end)).collect();
        expected.sort();
        assert_eq!(names(self.workdir.folder()), expected);
    }
}

/// The names of all files in a folder, sorted.
fn names(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

/// Corrects the failed row.
fn correct(file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, text.replace("404", "5")).unwrap();
}

/// The single command that the run printed.
fn next_command(ran: &Transcript) -> String {
    let lines = ran.stderr.lines();
    let lines = lines.filter_map(|line| line.strip_prefix("  "));
    let commands: Vec<_> = lines.filter(|line| line.starts_with("hubassoc ")).collect();
    let [command] = commands[..] else {
        panic!("not one command\n{ran}");
    };
    command.to_owned()
}

/// The contacts that have links, sorted.
fn linked(sandbox: &Sandbox) -> Vec<u64> {
    let links = sandbox.links();
    let from = links
        .iter()
        .filter_map(|link| link.strip_prefix("contacts "));
    let mut from: Vec<_> = from
        .map(|rest| rest.split(' ').next().unwrap().parse().unwrap())
        .collect();
    from.sort_unstable();
    from.dedup();
    from
}

#[test]
fn a_shell_reads_every_byte_of_a_printed_word_back() {
    let mut words: Vec<Vec<u8>> = (1..=u8::MAX).map(|byte| vec![byte]).collect();
    // The text after the word is not part of it.
    words.extend((1..=u8::MAX).map(|byte| vec![b'-', byte, b'7', byte, b'f', byte, b'\'']));
    words.extend(ODD.map(<[u8]>::to_vec));
    words.extend(["", "m\u{f6}bius", "\u{202e}x", "~", "a b"].map(Vec::from));
    let quoted: Vec<_> = words
        .iter()
        .map(|word| shell_word(OsStr::from_bytes(word)))
        .collect();
    for word in &quoted {
        assert!(!word.chars().any(is_hidden), "{word:?}");
    }
    let workdir = Workdir::new();
    let printed = workdir.shell(&format!("printf '%s\\0' {}", quoted.join(" ")));
    let read = printed.exits(0).stdout;
    let mut read: Vec<_> = read.split(|byte| *byte == 0).collect();
    assert_eq!(read.pop(), Some(&b""[..]));
    assert_eq!(read, words);
}

#[test]
fn a_run_and_later_commands_keep_the_bytes_of_the_name() {
    let (sandbox, scene) = (start(&[]), Scene::new(NO_TEXT));
    let import = |options: &str| scene.import(&sandbox, options).arg(name(NO_TEXT, ".csv"));
    let of_results = |line: &str| scene.run(line).arg(name(NO_TEXT, ".results.csv"));

    let ran = import("--limit 1").exits(0);
    let ran = scene.run_printed(&next_command(&ran)).exits(1);
    ran.never_says("could not be written");
    let of_run = [".csv", ".failures.csv", ".results.csv", ".results.csv.run"];
    scene.assert_files(&of_run);
    // The recorded failures file is the one that exists.
    import("--resume").exits(1);
    import("--resume --retry-failed").exits(1);
    scene.assert_files(&of_run);
    assert_eq!(linked(&sandbox), [1, 3]);

    correct(&scene.path(".failures.csv"));
    scene.run_printed(&next_command(&ran)).exits(0);
    assert_eq!(linked(&sandbox), [1, 3, 5]);

    let ran = of_results("verify").exits(0);
    let undo = format!("{} --yes", next_command(&ran));
    let ran = scene.run_printed(&undo).exits(0);
    ran.never_says("could not be written");
    assert_eq!(linked(&sandbox), [5]);
    of_results("verify").exits(1).says(&["was undone"]);
    scene.assert_files(&[
        ".csv",
        ".failures.csv",
        ".failures.results.csv",
        ".failures.results.csv.run",
        ".results.csv",
        ".results.csv.run",
        ".undo.csv",
        ".undo.csv.run",
        ".verify-2.csv",
        ".verify.csv",
    ]);
}

#[test]
fn every_printed_command_treats_an_odd_name_as_a_file() {
    for stem in ODD {
        let (sandbox, scene) = (start(&[]), Scene::new(stem));
        let results = Path::new(".").join(name(stem, ".results.csv"));
        // Arguments after `--` are not options.
        let import = scene.import(&sandbox, "--limit 1 -o").arg(&results);
        let ran = import.arg("--").arg(name(stem, ".csv")).exits(0);
        let ran = scene.run_printed(&next_command(&ran)).exits(1);
        correct(&scene.path(".failures.csv"));
        scene.run_printed(&next_command(&ran)).exits(0);
        assert_eq!(linked(&sandbox), [1, 3, 5]);
        let verify = scene.run("verify --").arg(name(stem, ".results.csv"));
        let undo = format!("{} --yes", next_command(&verify.exits(0)));
        scene.run_printed(&undo).exits(0);
        assert_eq!(linked(&sandbox), [5]);
        for name in names(scene.workdir.folder()) {
            assert!(name.as_bytes().starts_with(stem), "{name:?}");
        }
    }
}

#[test]
fn a_rehearsal_of_an_odd_name_prints_the_command_for_the_real_run() {
    for stem in ODD {
        let (sandbox, scene) = (start(&[]), Scene::new(stem));
        fs::write(scene.path(".csv"), links([1, 3])).unwrap();
        let results = Path::new(".").join(name(stem, ".csv.csv"));
        let rehearsal = scene.run("import --sandbox --rate unlimited -o");
        let rehearsal = rehearsal.arg(results).arg("--");
        let ran = rehearsal.arg(name(stem, ".csv")).exits(0);
        let real = scene.run_printed(&next_command(&ran));
        real.env("HUBASSOC_BASE_URL", &sandbox.base_url()).exits(0);
        assert_eq!(linked(&sandbox), [1, 3]);
        scene.assert_files(&[
            ".csv",
            ".csv-2.csv",
            ".csv-2.csv.run",
            ".csv.csv",
            ".csv.csv.run",
        ]);
    }
}

#[test]
fn missing_links_are_imported_again_with_odd_names() {
    for stem in ODD {
        let scene = Scene::new(stem);
        let records = scene.path(".unwritten");
        fs::write(&records, "contact,3\n").unwrap();
        let sandbox = start_with(SandboxOptions {
            unwritten: Some(records),
            ..SandboxOptions::default()
        });
        fs::write(scene.path(".token"), TOKEN).unwrap();
        let mut token = OsString::from("--token-file=");
        token.push(name(stem, ".token"));
        let import = scene.import(&sandbox, "").arg(token).arg("--");
        let import = import.arg(name(stem, ".csv"));
        import.without_env("HUBSPOT_ACCESS_TOKEN").exits(1);
        // Both find the token only through the run log.
        let verify = scene.workdir.run("verify --");
        let ran = verify.arg(name(stem, ".results.csv")).exits(1);
        let address = sandbox.address();
        drop(sandbox);
        let sandbox = start_with(SandboxOptions {
            listen: address,
            ..SandboxOptions::default()
        });
        scene.workdir.shell(&next_command(&ran)).exits(0);
        assert_eq!(linked(&sandbox), [3]);
        scene.assert_files(&[
            ".csv",
            ".failures.csv",
            ".missing.csv",
            ".missing.results.csv",
            ".missing.results.csv.run",
            ".results.csv",
            ".results.csv.run",
            ".token",
            ".unwritten",
            ".verify.csv",
        ]);
    }
}

#[test]
fn folders_may_have_any_name_and_later_commands_find_the_input_there() {
    let folder = Path::new(OsStr::from_bytes(b"d\xfe"));
    for is_absolute in [false, true] {
        let scene = Scene::in_folder(folder, b"links");
        let there = scene.workdir.folder().join(folder);
        let given = if is_absolute { &there } else { folder };
        let sandbox = start(&[]);
        let results = Path::new("results\u{e9}.csv");
        let import = scene.import(&sandbox, "--api 2026-09 -o");
        let import = import.arg(results).arg(given.join("links.csv"));
        let ran = import.exits(1);
        correct(&scene.workdir.path("results\u{e9}.failures.csv"));
        scene.run_printed(&next_command(&ran)).exits(0);
        // A spreadsheet has shortened an id, which the input still has.
        let results = scene.workdir.folder().join(results);
        let text = fs::read_to_string(&results).unwrap();
        fs::write(&results, text.replace("\n3,7,1", "\r\n3E+00,7,1")).unwrap();
        for line in ["verify", "undo --yes"] {
            scene.run(line).arg(&results).exits(0);
        }
        assert_eq!(linked(&sandbox), [5]);
        assert_eq!(names(&there), [OsStr::new("links.csv")]);
    }
}

#[test]
fn a_summary_of_any_name_is_written_even_for_an_invalid_command_line() {
    let (sandbox, scene) = (start(&[]), Scene::new(NO_TEXT));
    let input = name(NO_TEXT, ".csv");
    let import = |options: &str| scene.import(&sandbox, options).arg("--summary");
    let written = |code: i32| {
        let summary = fs::read(scene.path(".json")).unwrap();
        fs::remove_file(scene.path(".json")).unwrap();
        let summary: serde_json::Value = serde_json::from_slice(&summary).unwrap();
        assert_eq!(summary["exit_code"], code);
    };
    for (options, code) in [("", 1), ("--rate fast", 2)] {
        let import = import(options).arg(name(NO_TEXT, ".json"));
        import.arg(&input).exits(code);
        written(code);
    }
    let mut word = OsString::from("--summary=");
    word.push(name(NO_TEXT, ".json"));
    let import_so = scene.import(&sandbox, "--rate fast").arg(word);
    import_so.arg(&input).exits(2);
    written(2);
    // The file that the command line names is not replaced.
    let before = "{\"version\":";
    fs::write(scene.path(".csv"), before).unwrap();
    import("--rate fast").arg(&input).arg(&input).exits(2);
    assert_eq!(fs::read_to_string(scene.path(".csv")).unwrap(), before);
}

#[test]
fn a_secret_may_be_in_a_file_of_any_name() {
    let (sandbox, scene) = (start(&[]), Scene::new(NO_TEXT));
    for part in ["id", "secret", "refresh"] {
        fs::write(scene.path(part), "of-the-tests").unwrap();
    }
    let import = scene.import(&sandbox, "").arg(name(NO_TEXT, ".csv"));
    import
        .without_env("HUBSPOT_ACCESS_TOKEN")
        .env_path("HUBSPOT_CLIENT_ID_FILE", name(NO_TEXT, "id"))
        .env_path("HUBSPOT_CLIENT_SECRET_FILE", name(NO_TEXT, "secret"))
        .env_path("HUBSPOT_REFRESH_TOKEN_FILE", name(NO_TEXT, "refresh"))
        .exits(1);
    assert_eq!(linked(&sandbox), [1, 3]);
}
