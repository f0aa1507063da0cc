//! The recorded scenes: their inputs, servers and commands.

use hubassoc::sandbox::SandboxOptions;

use crate::support::workdir::Workdir;

/// Commands that run after each scene on its recorded files.
pub(super) const FOLLOW_UPS: [(&str, &str); 5] = [
    (
        "resume",
        "import links.csv --resume --limit off --rate unlimited --concurrency 1",
    ),
    (
        "retry",
        "import links.csv --resume --retry-failed --rate unlimited --concurrency 1 --max-attempts 1 \
         --summary summary.json",
    ),
    (
        "verify",
        "verify links.results.csv --rate unlimited --concurrency 1 --summary summary.json",
    ),
    (
        "undo",
        "undo links.results.csv --yes --rate unlimited --concurrency 1 --summary summary.json",
    ),
    (
        "undo-all",
        "undo links.results.csv --yes --include-unchecked --rate unlimited --concurrency 1",
    ),
];

/// One row after another, with one attempt each.
const IMPORT: &str =
    "import links.csv --base-url {url} --rate unlimited --concurrency 1 --max-attempts 1";

/// Commands that run against a server in sequence.
pub(super) struct GoldenScene {
    pub(super) name: &'static str,
    pub(super) input: &'static str,
    /// More files: name and text.
    pub(super) files: &'static [(&'static str, &'static str)],
    pub(super) sandbox: fn(&Workdir) -> SandboxOptions,
    pub(super) steps: Vec<String>,
    /// An import with these options is killed while this request has no answer.
    pub(super) killed_at: Option<(&'static str, u64)>,
    /// Whether calls overlap, so that lines have no order.
    pub(super) in_any_order: bool,
    /// Whether its files are kept as they are, because an older version has written them.
    pub(super) is_kept: bool,
}

impl GoldenScene {
    /// An import of these rows with these options.
    fn import(name: &'static str, input: &'static str, options: &str) -> Self {
        Self {
            name,
            input,
            files: &[],
            sandbox: |_| SandboxOptions::default(),
            steps: vec![format!("{IMPORT} {options}")],
            killed_at: None,
            in_any_order: false,
            is_kept: false,
        }
    }

    /// Adds another command.
    fn then(mut self, line: &str) -> Self {
        self.steps.push(line.to_owned());
        self
    }
}

/// Several types, a repeated record, a displaced primary company, and both directions.
const ROWS: &str = "from_object_id,to_object_id,definition_id\n\
    1,7,1\n2,7,1\n3,7,3\n2,8,1\n2,8,1\n9,3,4\n4,5,15\n7,4,2\n11,12,279\n6,5,contact_to_deal\n";

/// The links that exist before.
const BEFORE: &str = "from_object_id,to_object_id,definition_id\n\
    1,7,1\n2,100,1\n3,100,279\n9,3,4\n7,5,280\n";

/// Invalid rows, rows with missing records, and valid rows between them.
const BAD: &str = "from_object_id,to_object_id,definition_id,note\n\
    1,7,1,good\nx,7,1,no id\n404,7,1,nobody\n2,7,1,\"=1+1, good\"\n3,7,77777,no definition\n\
    3,,1,no id\n5,1404,3,nobody\n4,7,1,\"two\nlines\"\n1.23457E+11,7,1,spoilt\n5,8,3,good\n";

const LABELS: &str = "from_object_id,to_object_id,from_object_type,to_object_type,label\n\
    1,10,contacts,companies,Decision maker\n1,10,contacts,companies,Billing contact\n\
    2,10,contacts,companies,\n3,10,contacts,companies,decision maker\n\
    5,1,deals,contacts,Champion\n1,7,contacts,2-123456,Owner\n404,10,contacts,companies,\n";

fn with_initial_links(workdir: &Workdir) -> SandboxOptions {
    SandboxOptions {
        links: Some(workdir.path("before.csv")),
        ..SandboxOptions::default()
    }
}

fn faults(faults: &[&str]) -> SandboxOptions {
    SandboxOptions {
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..SandboxOptions::default()
    }
}

pub(super) fn v1() -> GoldenScene {
    GoldenScene::import("v1", ROWS, "--summary summary.json")
}

pub(super) fn single() -> GoldenScene {
    GoldenScene {
        files: &[("before.csv", BEFORE)],
        sandbox: with_initial_links,
        ..GoldenScene::import("single", ROWS, "--api 2026-09 --summary summary.json")
    }
}

pub(super) fn batches() -> GoldenScene {
    GoldenScene {
        files: &[("before.csv", BEFORE)],
        sandbox: with_initial_links,
        ..GoldenScene::import("batches", ROWS, "--api 2026-09 --batch max")
    }
}

pub(super) fn many_at_once() -> GoldenScene {
    let options = "--api 2026-09 --concurrency 8";
    let mut scene = GoldenScene::import("many_at_once", ROWS, "");
    scene.steps = vec![format!("{IMPORT} {options}").replace("--concurrency 1 ", "")];
    scene.in_any_order = true;
    scene
}

pub(super) fn skips_what_stands() -> GoldenScene {
    GoldenScene {
        files: &[("before.csv", BEFORE)],
        sandbox: with_initial_links,
        ..GoldenScene::import("skips_what_stands", ROWS, "--skip-existing")
    }
}

pub(super) fn skips_in_batches() -> GoldenScene {
    let options = "--api 2026-09 --skip-existing --batch 4 --summary summary.json";
    GoldenScene {
        files: &[("before.csv", BEFORE)],
        sandbox: with_initial_links,
        ..GoldenScene::import("skips_in_batches", ROWS, options)
    }
}

pub(super) fn bad_rows() -> GoldenScene {
    GoldenScene::import("bad_rows", BAD, "--summary summary.json")
}

pub(super) fn bad_rows_in_batches() -> GoldenScene {
    GoldenScene::import("bad_rows_in_batches", BAD, "--api 2026-09 --batch max")
}

pub(super) fn labels() -> GoldenScene {
    GoldenScene::import("labels", LABELS, "--api 2026-09 --batch max")
}

pub(super) fn merged() -> GoldenScene {
    GoldenScene {
        files: &[
            (
                "before.csv",
                "from_object_id,to_object_id,definition_id\n1001,70,279\n",
            ),
            ("merged.txt", "contacts,101,1001\ncompanies,7,70\n"),
        ],
        sandbox: |workdir| SandboxOptions {
            merged: Some(workdir.path("merged.txt")),
            ..with_initial_links(workdir)
        },
        ..GoldenScene::import(
            "merged",
            "from_object_id,to_object_id,definition_id\n101,7,1\n1001,7,1\n101,8,279\n2,70,1\n2,7,279\n",
            "--api 2026-09",
        )
    }
}

pub(super) fn parents() -> GoldenScene {
    GoldenScene {
        files: &[(
            "before.csv",
            "from_object_id,to_object_id,definition_id\n11,99,14\n13,99,14\n99,12,450\n",
        )],
        sandbox: with_initial_links,
        ..GoldenScene::import(
            "parents",
            "from_object_id,to_object_id,definition_id\n11,100,14\n101,11,13\n12,100,14\n13,99,14\n",
            "--api 2026-09 --skip-existing --batch 2",
        )
    }
}

pub(super) fn limit_of_one() -> GoldenScene {
    GoldenScene {
        sandbox: |_| SandboxOptions {
            association_limits: vec!["deals,contacts,1,Champion".parse().unwrap()],
            ..SandboxOptions::default()
        },
        ..GoldenScene::import(
            "limit_of_one",
            "from_object_id,to_object_id,from_object_type,to_object_type,label\n\
             1,10,deals,contacts,Champion\n1,11,deals,contacts,Champion\n2,10,deals,contacts,Champion\n",
            "--api 2026-09",
        )
    }
}

pub(super) fn limited() -> GoldenScene {
    GoldenScene::import("limited", ROWS, "--api 2026-09 --limit 4")
}

/// The account, three reads and three writes; the last write has no answer.
pub(super) fn interrupted() -> GoldenScene {
    let mut scene = GoldenScene::import("interrupted", ROWS, "");
    scene.steps.clear();
    scene.sandbox = |_| faults(&["silence=#5"]);
    scene.killed_at = Some(("--rate unlimited --concurrency 1 --max-attempts 1", 5));
    scene
}

pub(super) fn interrupted_in_batches() -> GoldenScene {
    let mut scene = GoldenScene::import("interrupted_in_batches", ROWS, "");
    scene.steps.clear();
    scene.files = &[("before.csv", BEFORE)];
    scene.sandbox = |workdir| SandboxOptions {
        links: Some(workdir.path("before.csv")),
        ..faults(&["silence=#9"])
    };
    let options = "--api 2026-09 --batch 3 --rate unlimited --concurrency 1 --max-attempts 1";
    scene.killed_at = Some((options, 9));
    scene
}

/// A token that is refused during the run.
pub(super) fn stopped() -> GoldenScene {
    GoldenScene {
        sandbox: |_| faults(&["401=#9-10"]),
        ..GoldenScene::import("stopped", ROWS, "--api 2026-09 --summary summary.json")
    }
}

pub(super) fn retried() -> GoldenScene {
    let again = format!("{IMPORT} --resume --retry-failed");
    GoldenScene {
        sandbox: |_| faults(&["500=#3", "503=#6"]),
        ..GoldenScene::import("retried", ROWS, "").then(&again)
    }
}

pub(super) fn verified() -> GoldenScene {
    let line = "verify links.results.csv --rate unlimited --concurrency 1 --summary summary.json";
    GoldenScene {
        files: &[("unwritten.txt", "contact,2\n9\n")],
        sandbox: |workdir| SandboxOptions {
            unwritten: Some(workdir.path("unwritten.txt")),
            ..SandboxOptions::default()
        },
        ..GoldenScene::import("verified", ROWS, "").then(line)
    }
}

pub(super) fn undone() -> GoldenScene {
    let line = "undo links.results.csv --yes --rate unlimited --concurrency 1";
    GoldenScene {
        files: &[("before.csv", BEFORE)],
        sandbox: with_initial_links,
        ..GoldenScene::import("undone", ROWS, "--api 2026-09 --skip-existing").then(line)
    }
}

/// An undo that a refused token stops.
pub(super) fn undo_stopped() -> GoldenScene {
    let line = "undo links.results.csv --yes --rate unlimited --concurrency 1 --max-attempts 1";
    GoldenScene {
        files: &[("before.csv", BEFORE)],
        sandbox: |workdir| SandboxOptions {
            links: Some(workdir.path("before.csv")),
            ..faults(&["401=#31-32"])
        },
        ..GoldenScene::import("undo_stopped", ROWS, "--api 2026-09").then(line)
    }
}

/// A stopped undo, as version 0.1.0 recorded it before five codes were renamed.
pub(super) fn former_codes() -> GoldenScene {
    GoldenScene {
        name: "former_codes",
        is_kept: true,
        ..undo_stopped()
    }
}

/// A rehearsal with the program's own sandbox.
pub(super) fn rehearsal() -> GoldenScene {
    let mut scene = GoldenScene::import("rehearsal", ROWS, "");
    scene.steps = vec![
        "import links.csv --sandbox --rate unlimited --concurrency 1 -o links.results.csv"
            .to_owned(),
    ];
    scene
}

pub(super) fn streamed() -> GoldenScene {
    let mut scene = GoldenScene::import("streamed", ROWS, "");
    let line = IMPORT.replace("links.csv", "-");
    scene.steps = vec![format!("{line} --api 2026-09 -o links.results.csv")];
    scene
}

/// A byte order mark, semicolons, columns of other names, cells of several lines.
pub(super) fn odd_file() -> GoldenScene {
    GoldenScene::import(
        "odd_file",
        "\u{feff}a;note;b\n1;\"x;y\n\"\"z\"\"\";7\n2;;7\n\n3;=1;8\n;;\n4;ok;404\n",
        "--from-column a --to-column b --definition contact_to_company --api 2026-09 --batch max",
    )
}

/// Files of version 0.1.0, which did not list the columns of the results.
pub(super) fn format_1() -> GoldenScene {
    GoldenScene {
        is_kept: true,
        ..GoldenScene::import("format_1", BAD, "")
    }
}

/// Files of a run of that version with read-before-write.
pub(super) fn format_2() -> GoldenScene {
    GoldenScene {
        is_kept: true,
        files: &[("before.csv", BEFORE)],
        sandbox: with_initial_links,
        ..GoldenScene::import("format_2", ROWS, "--api 2026-09 --batch 3 --limit 8")
    }
}
