//! The files of a plan: rows for people in the order of the file, a document with a digest, and
//! nothing that is half done.

use super::{plan, planned};
use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::start,
    workdir::{TOKEN, Workdir, column},
};

const API: &str = "--api 2026-09";

#[test]
fn the_rows_are_those_of_the_input_in_its_order_with_what_would_be_done() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(
        "from_object_id;to_object_id;definition_id;who\n1;7;1;Ann\n1;8;1;\"B;b\"\n1;8;279;=1+1\nx;7;1;\n",
    );
    plan(&workdir, &sandbox.base_url(), API).exits(1);
    let rows = workdir.text("links.plan.csv");
    assert_eq!(
        rows,
        "from_object_id;to_object_id;definition_id;who;assoc_row;plan_action;plan_code;plan_message;plan_before\n\
         1;7;1;Ann;1;create;;;\n\
         1;8;1;\"B;b\";2;replace_primary;;;primary or parent: 7\n\
         1;8;279;'=1+1;3;none;repeats_row;row 2 creates the same link;\"1 (contact_to_company); 279 (contact_to_company_unlabeled)\"\n\
         x;7;1;;4;cannot;invalid_id;from_object_id: 'x' is not a HubSpot ID (a number such as 123456);\n"
    );
}

#[test]
fn the_rows_of_a_plan_are_an_input_without_the_columns_of_the_plan() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    let options = format!("{API} -o again.csv");
    let import = workdir.import_file("links.plan.csv", &sandbox.base_url(), &options);
    import.exits(0);
    let header = workdir.text("again.csv");
    let header = header.lines().next().unwrap();
    assert!(header.starts_with("from_object_id,to_object_id,definition_id,assoc_row,assoc_line,"));
}

#[test]
fn a_second_plan_gets_other_names() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    for _ in 0..2 {
        plan(&workdir, &sandbox.base_url(), API).exits(0);
    }
    let names: Vec<_> = workdir.names();
    assert_eq!(
        names,
        [
            "links.csv",
            "links.plan-2.csv",
            "links.plan-2.json",
            "links.plan-2.log",
            "links.plan.csv",
            "links.plan.json",
            "links.plan.log",
        ]
    );
    assert_eq!(
        workdir.json("links.plan-2.json")["files"]["log"],
        "links.plan-2.log"
    );
}

#[test]
fn a_dry_run_is_a_plan() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    let options = format!("{API} --dry-run");
    workdir.import(&sandbox.base_url(), &options).exits(0);
    assert_eq!(planned(&workdir.lines("links.plan.csv")), ["create"; 3]);
    assert_eq!(sandbox.request_log().applied, 0);
    assert!(!workdir.has("links.results.csv"));
}

#[test]
fn the_page_has_counts_first_and_adds_up() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(
        "from_object_id,to_object_id,definition_id\n1,7,279\n1,7,279\n1,7,1\n404,7,279\nx,7,1\n",
    );
    let ran = plan(&workdir, &sandbox.base_url(), API).exits(1);
    ran.says(&[
        "planned: 5 rows\n\
         \x20         1  create a link\n\
         \x20         1  add a label to records that are linked already\n\
         \x20         1  need nothing: 1 as in an earlier row\n\
         \x20         2  cannot be imported: 1 invalid_id, 1 record_not_found\n",
        "row 4 (line 5) record_not_found: this account has no contact 404",
        "row 5 (line 6) invalid_id: from_object_id: 'x' is not a HubSpot ID",
        "\nan apply sends 2 calls to write, and 1 to read (1 in the associations window, 2 in the \
         general window)\n",
    ]);
    let document = workdir.json("links.plan.json");
    assert_eq!(document["rows"]["total"], 5);
    assert_eq!(document["rows"]["actions"]["cannot"], 2);
}

#[test]
fn a_stream_is_refused() {
    let workdir = Workdir::new();
    let ran = workdir
        .run("plan - --sandbox --api 2026-09")
        .stdin(links([1]));
    ran.exits(2).says(&["a plan needs a file"]);
    assert!(workdir.names().is_empty());
}

#[test]
fn a_plan_that_stops_leaves_no_files() {
    let hubspot = FakeHubSpot::with_handler(|_, _| 401.into());
    let workdir = Workdir::with(links(1..=3));
    plan(&workdir, &hubspot.base_url(), API).exits(3);
    assert_eq!(workdir.names(), ["links.csv"]);
}

#[test]
fn each_of_several_inputs_has_a_plan_and_the_gravest_end_counts() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    workdir.write("more.csv", links([404]));
    let line = format!(
        "plan links.csv more.csv missing.csv --base-url {} --rate unlimited {API}",
        sandbox.base_url()
    );
    let ran = workdir
        .run(&line)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(2);
    ran.says(&[
        "input 1 of 3: links.csv\n",
        "input 3 of 3: missing.csv\n",
        "each input is planned as if the others were not imported",
    ]);
    assert_eq!(planned(&workdir.lines("links.plan.csv")), ["create"; 3]);
    assert_eq!(
        planned(&workdir.lines("more.plan.csv")),
        ["cannot record_not_found"]
    );
}

#[test]
fn rows_by_v1_are_planned_too() {
    let sandbox = start(&[]);
    let workdir =
        Workdir::with("from_object_id,to_object_id,definition_id\n1,7,1\n1,7,1\n1,8,1\n2404,7,1\n");
    plan(&workdir, &sandbox.base_url(), "--api v1").exits(1);
    let rows = planned(&workdir.lines("links.plan.csv"));
    let expected = [
        "create",
        "none repeats_row",
        "replace_primary",
        "cannot record_not_found",
    ];
    assert_eq!(rows, expected);
    workdir
        .import(&sandbox.base_url(), "--api v1 --skip-existing")
        .exits(1);
    let results = workdir.results();
    assert_eq!(
        column(&results, "assoc_status"),
        ["succeeded", "already", "succeeded", "failed"]
    );
}

#[test]
fn rows_that_replace_each_other_are_counted_one_by_one_in_the_effort() {
    let sandbox = start(&[]);
    let header = "from_object_id,to_object_id,definition_id\n".to_owned();
    let rows = (1..=30).map(|company| format!("1,{company},1\n"));
    let workdir = Workdir::with(header + &rows.collect::<String>());
    let options = format!("{API} --batch max");
    plan(&workdir, &sandbox.base_url(), &options).exits(0);
    let effort = workdir.json("links.plan.json")["effort"].clone();
    assert_eq!(effort["write_calls"], 30);
    assert_eq!(effort["read_calls"], 30);
}
