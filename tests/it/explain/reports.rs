//! Reports of `verify` and `undo`, and commands with options.

use super::{causes, commands, explained};
use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::start,
    workdir::{ProgramRun, TOKEN, Workdir},
};

fn with_token(run: ProgramRun) -> ProgramRun {
    run.env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

#[test]
fn reports_are_explained_with_commands_about_their_run() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 2]));
    workdir.import(&sandbox.base_url(), "").exits(0);
    let other = start(&[]);
    let log = workdir.text("links.results.csv.run");
    let elsewhere = log.replace(
        sandbox.base_url().trim_end_matches('/'),
        other.base_url().trim_end_matches('/'),
    );
    workdir.write("links.results.csv.run", elsewhere);
    with_token(workdir.run("verify links.results.csv --rate unlimited")).exits(1);
    let page = explained(&workdir, "links.verify.csv");
    assert_eq!(causes(&page), ["2 rows link_not_found"]);
    assert_eq!(commands(&page), ["hubassoc verify links.results.csv"]);
    assert!(
        page.contains("run:        verify of links.results.csv (import of links.csv, started"),
        "{page}"
    );
    with_token(workdir.shell(commands(&page)[0])).exits(1);

    workdir.write("links.results.csv.run", log);
    with_token(workdir.run("undo links.results.csv --yes --rate unlimited")).exits(0);
    let page = explained(&workdir, "links.undo.csv");
    assert_eq!(causes(&page), ["2 rows not_checked"]);
    let undo = "hubassoc undo links.results.csv --include-unchecked";
    assert_eq!(commands(&page), [undo]);
    assert!(
        page.contains("run:        undo of links.results.csv (import of links.csv, started"),
        "{page}"
    );
    with_token(workdir.shell(&format!("{undo} --yes"))).exits(0);
    let page = explained(&workdir, "links.undo.csv");
    assert!(
        page.ends_with("\nnothing to explain: no link was kept, and no row failed\n"),
        "{page}"
    );
}

#[test]
fn the_failures_file_has_the_commands_of_its_run() {
    let sandbox = start(&[]);
    let workdir = Workdir::with("A;B\n404;7\n2;7\n");
    let options = "--from-column A --to-column B --definition 1 --batch 10 --api 2026-09";
    workdir.import(&sandbox.base_url(), options).exits(1);
    let url = sandbox.base_url();
    for file in ["links.results.csv", "links.failures.csv"] {
        let page = explained(&workdir, file);
        let command = format!(
            "hubassoc import links.failures.csv --api 2026-09 --base-url {url}/ --batch 10 \
             --definition 1 --from-column A --rate unlimited --to-column B"
        );
        assert_eq!(commands(&page), [command]);
    }
}

#[test]
fn commands_do_not_depend_on_what_the_environment_names() {
    let server = FakeHubSpot::with_responses([423, 422]);
    let workdir = Workdir::with(links([1, 2]));
    let options = "--max-attempts 1 --concurrency 1 -o out.csv";
    workdir.import(&server.base_url(), options).exits(1);
    let explain = workdir
        .run("explain out.csv")
        .env("HUBASSOC_RESULTS", "out.csv");
    let page = explain
        .env("HUBASSOC_ENCODING", "utf-16le")
        .exits(0)
        .stdout();
    let printed = commands(&page);
    assert_eq!(
        printed[0],
        "hubassoc import links.csv --resume -o out.csv --retry-failed"
    );
    let correct = printed[1];
    assert!(
        correct.starts_with("hubassoc import out.failures.csv --encoding auto "),
        "{page}"
    );
    assert!(correct.ends_with(" -o out.failures.results.csv"), "{page}");
}

#[test]
fn a_command_from_another_folder_names_the_files_there() {
    let sandbox = start(&["423=100%"]);
    let workdir = Workdir::new();
    std::fs::create_dir(workdir.path("sub")).unwrap();
    workdir.write("sub/-links.csv", links([1]));
    let line = format!(
        "cd sub && hubassoc import ./-links.csv --max-attempts 1 --base-url {}",
        sandbox.base_url()
    );
    with_token(workdir.shell(&line)).exits(1);
    let page = explained(&workdir, "sub/-links.results.csv");
    let [command] = commands(&page)[..] else {
        panic!("{page}");
    };
    assert_eq!(
        command,
        "hubassoc import sub/-links.csv --resume --retry-failed"
    );
    with_token(workdir.shell(command)).exits(1);
}

#[test]
fn a_run_that_was_undone_is_not_resumed_by_a_command() {
    let server = FakeHubSpot::with_responses([423, 204]);
    let workdir = Workdir::with(links([1, 2]));
    let options = "--max-attempts 1 --concurrency 1";
    workdir.import(&server.base_url(), options).exits(1);
    let undo = "undo links.results.csv --yes --include-unchecked --rate unlimited";
    // It has begun, although this server answers nothing that it understands.
    with_token(workdir.run(undo)).exits(4);
    let page = explained(&workdir, "links.results.csv");
    assert!(page.contains("undone:     20"), "{page}");
    let [command] = commands(&page)[..] else {
        panic!("{page}");
    };
    assert!(
        command.starts_with("hubassoc import links.failures.csv "),
        "{page}"
    );
    with_token(workdir.shell(command)).exits(0);
}

#[test]
fn rows_of_a_plan_are_sent_again_by_an_apply_and_corrected_by_another_plan() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([404, 1]));
    let url = sandbox.base_url();
    let line = format!("plan links.csv --api 2026-09 --base-url {url} --rate unlimited");
    with_token(workdir.run(&line)).exits(1);
    let digest = workdir.json("links.plan.json")["digest"].clone();
    let digest = digest.as_str().unwrap();
    let line = format!("apply links.plan.json --approve {digest} --rate unlimited");
    with_token(workdir.run(&line)).exits(1);
    let page = explained(&workdir, "links.results.csv");
    let [command] = commands(&page)[..] else {
        panic!("{page}");
    };
    assert!(
        command.starts_with("hubassoc plan links.failures.csv "),
        "{page}"
    );
    with_token(workdir.shell(command)).exits(1);
    let busy = workdir
        .text("links.results.csv")
        .replace("record_not_found", "locked");
    workdir.write("links.results.csv", busy);
    let log = workdir.text("links.results.csv.run");
    let unsynced = log.lines().filter(|line| !line.starts_with("{\"synced\""));
    workdir.write(
        "links.results.csv.run",
        unsynced
            .map(|line| line.to_owned() + "\n")
            .collect::<String>(),
    );
    let page = explained(&workdir, "links.results.csv");
    let resend = "hubassoc apply links.plan.json --resume --retry-failed";
    assert_eq!(commands(&page), [resend]);
    with_token(workdir.shell(resend))
        .exits(1)
        .says(&["1 failed row is sent again"]);
}
