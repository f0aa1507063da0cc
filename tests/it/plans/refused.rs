//! A plan is carried out only as it was made: another file, account, label or server, a changed or
//! old plan, and a missing approval are refused before anything is sent.

use std::{fs, path::Path};

use hubassoc::sandbox::{Sandbox, SandboxOptions};

use super::{apply, digest, plan};
use crate::support::{
    links,
    sandbox::{arrivals, start, start_with},
    workdir::{TOKEN, Workdir},
};

const API: &str = "--api 2026-09";

/// A plan of three rows.
fn planned() -> (Sandbox, Workdir) {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    (sandbox, workdir)
}

/// The apply is refused with these words, and leaves nothing behind.
fn assert_refused(workdir: &Workdir, sandbox: &Sandbox, options: &str, words: &str) {
    let ran = apply(workdir, &digest(workdir), options).exits(2);
    ran.says(&[words]);
    assert!(arrivals(sandbox).is_empty(), "{ran}");
    let left = workdir
        .names()
        .into_iter()
        .find(|name| name.contains("results"));
    assert_eq!(left, None, "{ran}");
}

#[test]
fn another_input_is_refused() {
    let (sandbox, workdir) = planned();
    for input in [links(1..=4), links(1..=2), links([1, 2, 4])] {
        workdir.write("links.csv", input);
        assert_refused(
            &workdir,
            &sandbox,
            "",
            "links.csv is not the file that was planned",
        );
    }
    fs::remove_file(workdir.path("links.csv")).unwrap();
    assert_refused(&workdir, &sandbox, "", "cannot read links.csv: ");
}

#[test]
fn a_changed_plan_is_refused() {
    let (sandbox, workdir) = planned();
    let (document, log) = (
        workdir.text("links.plan.json"),
        workdir.text("links.plan.log"),
    );
    workdir.write(
        "links.plan.json",
        document.replace("\"create\": 3", "\"create\": 4"),
    );
    assert_refused(
        &workdir,
        &sandbox,
        "",
        "links.plan.json was changed after the plan was made",
    );
    workdir.write("links.plan.json", document);
    for (changed, why) in [
        (log.replace("\t7\t", "\t8\t"), "it was changed"),
        (log.replace("create", "remove"), "line 2 is damaged"),
        (log[..log.len() - 2].to_owned(), "line 4 is damaged"),
    ] {
        workdir.write("links.plan.log", changed);
        let words = format!("the log of the plan, links.plan.log, cannot be used: {why}");
        assert_refused(&workdir, &sandbox, "", &words);
    }
    fs::remove_file(workdir.path("links.plan.log")).unwrap();
    assert_refused(
        &workdir,
        &sandbox,
        "",
        "the log of the plan, links.plan.log, cannot be used",
    );
}

#[test]
fn an_old_plan_is_refused() {
    let (sandbox, workdir) = planned();
    let words = "and --max-age is 0.0 s: the account may have changed";
    assert_refused(&workdir, &sandbox, "--max-age 1ms", words);
}

#[test]
fn a_missing_or_wrong_approval_is_refused() {
    let (sandbox, workdir) = planned();
    let approved = digest(&workdir);
    for (given, words) in [
        (
            "",
            format!(
                "nobody can be asked here whether to carry out this plan; give --approve {approved}"
            ),
        ),
        (
            "--approve 0123456789ab",
            "--approve is 0123456789ab, but this plan has the digest ".to_owned(),
        ),
        (
            &format!("--approve {}", &approved[..11]),
            "at least 12 characters".to_owned(),
        ),
    ] {
        let line = format!("apply links.plan.json {given}");
        let ran = workdir
            .run(&line)
            .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
            .exits(2);
        ran.says(&[&words]);
    }
    assert!(arrivals(&sandbox).is_empty());
    let whole = workdir.json("links.plan.json")["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    apply(&workdir, &whole, "").exits(0);
}

#[test]
fn another_server_or_account_is_refused() {
    let (sandbox, workdir) = planned();
    let other = start(&[]);
    let options = format!("--base-url {}", other.base_url());
    let words = format!(
        "the plan was made for {}/, but --base-url is ",
        sandbox.base_url()
    );
    assert_refused(&workdir, &sandbox, &options, &words);

    let port = sandbox.base_url().rsplit(':').next().unwrap().to_owned();
    drop(sandbox);
    let sandbox = start_with(SandboxOptions {
        listen: format!("127.0.0.1:{port}").parse().unwrap(),
        account: 4712,
        ..SandboxOptions::default()
    });
    let words = "the plan is for account 62515, but the token belongs to account 4712";
    assert_refused(&workdir, &sandbox, "", words);
}

#[test]
fn a_label_with_another_type_is_refused() {
    let labels = |names: &[&str]| SandboxOptions {
        labels: names.iter().map(|name| name.parse().unwrap()).collect(),
        ..SandboxOptions::default()
    };
    let sandbox = start_with(labels(&["contacts,companies,Boss"]));
    let workdir = Workdir::with(
        "from_object_id,to_object_id,from_object_type,to_object_type,label\n\
         1,7,contacts,companies,Boss\n",
    );
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    let port = sandbox.base_url().rsplit(':').next().unwrap().to_owned();
    drop(sandbox);
    let sandbox = start_with(SandboxOptions {
        listen: format!("127.0.0.1:{port}").parse().unwrap(),
        ..labels(&["contacts,companies,Assistant", "contacts,companies,Boss"])
    });
    let words = "the label from contacts to companies, 'Boss' was USER_DEFINED=";
    assert_refused(&workdir, &sandbox, "", words);
}

#[test]
fn what_is_no_plan_is_refused_with_the_file_to_give() {
    let (_sandbox, workdir) = planned();
    for file in ["links.csv", "links.plan.csv", "links.plan.log"] {
        let ran = workdir.run(&format!("apply {file} --approve 0")).exits(2);
        ran.says(&["give the file that ends in .plan.json"]);
    }
    let ran = workdir.run("apply none.json --approve 0").exits(2);
    ran.says(&["cannot read none.json: "]);
    assert!(
        !workdir
            .names()
            .iter()
            .any(|name| Path::new(name).ends_with("results.csv"))
    );
}

#[test]
fn a_plan_of_a_rehearsal_is_not_carried_out() {
    let workdir = Workdir::with(links(1..=3));
    let ran = workdir
        .run(&format!("plan links.csv {API} --sandbox"))
        .exits(0);
    ran.never_says("hubassoc apply");
    let line = "apply links.sandbox.plan.json --approve 0";
    let ran = workdir.run(line).exits(2);
    ran.says(&["the plan was made in a sandbox"]);
}

#[test]
fn a_resume_needs_no_approval_only_if_this_plan_was_begun() {
    let (sandbox, workdir) = planned();
    for log in ["", "{}\n"] {
        workdir.write("links.results.csv.run", log);
        let line = "apply links.plan.json --resume --max-age 1ms";
        let ran = workdir.run(line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
        ran.exits(2).says(&["and --max-age is 0.0 s"]);
        let line = "apply links.plan.json --resume";
        let ran = workdir.run(line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
        ran.exits(2).says(&["nobody can be asked here"]);
    }
    assert!(arrivals(&sandbox).is_empty());
}
