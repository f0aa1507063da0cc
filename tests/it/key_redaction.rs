//! Keys of records are personal data: what the program says has them only if it is asked for, whoever
//! repeats them and wherever they stand.

use std::fmt::Write as _;

use rust_xlsxwriter::Workbook;

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    sandbox::start,
    workdir::Workdir,
};

const KEYS: &str = "from_email,to_domain,definition_id\n\
                    ann@x.com,acme.com,contact_to_company\n\
                    bob@x.com,beta.org,contact_to_company\n\
                    cy@x.com,acme.com,contact_to_company\n";

/// What an answer may repeat: the keys of the call, and the address of another record.
const REPEATED: [&str; 6] = [
    "ann@x.com",
    "bob@x.com",
    "cy@x.com",
    "acme.com",
    "beta.org",
    "other@y.com",
];

/// The values of a call by keys, in capitals, as one text.
fn repeated(request: &ReceivedRequest) -> String {
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    let inputs = body["inputs"].as_array().into_iter().flatten();
    let groups = body["filterGroups"].as_array().into_iter().flatten();
    let searched = groups.flat_map(|group| group["filters"][0]["values"].as_array().unwrap());
    let values = inputs.map(|input| &input["id"]).chain(searched);
    let mut text = "Other@y.com".to_owned();
    for value in values {
        write!(text, ", {}", value.as_str().unwrap().to_uppercase()).unwrap();
    }
    text
}

/// A HubSpot that answers every call by keys with these statuses in turn, and repeats the keys.
fn repeating(statuses: &'static [u16]) -> FakeHubSpot {
    FakeHubSpot::with_handler(move |call, request| {
        let status = *statuses.get(call).unwrap_or(statuses.last().unwrap());
        let is_search = request.uri.ends_with("/search");
        let status = if status == 207 && is_search {
            400
        } else {
            status
        };
        let message = format!("cannot look up [{}]", repeated(request));
        let error = serde_json::json!({
            "status": "error",
            "category": "VALIDATION_ERROR",
            "message": message,
            "context": {"ids": ["unnamed"]},
            "errors": [{"message": message, "context": {"requiredGranularScopes": [message]}}],
        });
        let body = match status {
            200 => serde_json::json!({"status": "COMPLETE", "results": [{"id": message}]}),
            207 => serde_json::json!({
                "status": "COMPLETE",
                "results": [],
                "numErrors": 1,
                "errors": [error],
            }),
            _ => error,
        };
        let text = if status == 502 {
            format!("<title>{message}</title>")
        } else {
            body.to_string()
        };
        FakeResponse::from(status).body("application/json", text)
    })
}

#[test]
fn what_hubspot_repeats_of_keys_is_said_nowhere() {
    for (statuses, code) in [
        (&[200][..], 4),
        (&[207], 1),
        (&[400], 1),
        (&[401], 3),
        (&[403], 3),
        (&[404], 1),
        (&[429, 400], 1),
        (&[500, 500, 500, 500, 400], 1),
        (&[502, 400], 1),
    ] {
        for options in ["", "--redact -vvv"] {
            let workdir = Workdir::with(KEYS);
            let hubspot = repeating(statuses);
            let options = format!("--max-attempts 2 {options}");
            let run = workdir.import(&hubspot.base_url(), &options).exits(code);
            let said = (run.stdout() + &run.stderr).to_lowercase();
            for key in REPEATED {
                assert!(!said.contains(key), "{statuses:?}: {key} is said\n{run}");
            }
        }
    }
}

#[test]
fn addresses_in_answers_to_writes_and_reads_of_links_are_said_nowhere() {
    let links = "from_object_id,to_object_id,definition_id\n1,7,1\n";
    for status in [400, 403, 409, 500] {
        for options in [
            "--api v1",
            "--api 2026-09",
            "--api 2026-09 --log-format json -vvv",
        ] {
            let hubspot = FakeHubSpot::with_handler(move |_, _| {
                let message = "Contact Ann.Secret@foo.com cannot be associated";
                let error = serde_json::json!({"status": "error", "message": message});
                FakeResponse::from(status).body("application/json", error.to_string())
            });
            let workdir = Workdir::with(links);
            let options = format!("{options} --max-attempts 1 --max-wait 1s");
            let run = workdir.import(&hubspot.base_url(), &options);
            let run = run.exits(if status == 403 { 3 } else { 1 });
            run.says(&["Contact … cannot be associated"]);
            run.never_says("Secret");
        }
    }
}

#[test]
fn the_message_of_a_row_has_no_key_of_another_row() {
    for statuses in [&[207][..], &[400], &[404]] {
        let workdir = Workdir::with(KEYS);
        let hubspot = repeating(statuses);
        workdir.import(&hubspot.base_url(), "").exits(1);
        let lines = workdir.results();
        assert_eq!(lines.len(), 3);
        for line in lines {
            let message = line["assoc_message"].to_lowercase();
            assert!(message.contains("cannot look up …"), "{message}");
            let own = [&line["from_email"], &line["to_domain"]];
            let others = REPEATED
                .iter()
                .filter(|key| !own.contains(&&(**key).to_owned()));
            for key in others {
                assert!(!message.contains(key), "{statuses:?}: {message}");
            }
        }
    }
}

#[test]
fn a_log_has_no_addresses_that_stand_in_the_wrong_column() {
    let ids = "from_object_id,to_object_id,definition_id\n";
    let keys = "from_email,to_email,definition_id\n";
    for (input, options, said) in [
        (
            format!("{ids}ann@x.com,7,1\n"),
            "",
            "from_object_id: the cell is not a HubSpot ID (a number such as 123456)",
        ),
        (
            format!("{ids}351,7,ann@x.com\n"),
            "",
            "definition_id: the cell is not the id or name of a definition; ",
        ),
        (
            format!("{ids}351,7,1,ann@x.com\n"),
            "",
            "the row has 4 cells, the header has 3; put cells that contain a comma in quotes",
        ),
        (
            format!("{keys}ann@x.com;b@x.com,c@x.com;d@x.com,16\n"),
            " --split ;",
            "both cells name several records, so which of them belong together is not known; ",
        ),
        (
            format!("{keys}=ann@x.com,c@x.com,16\n"),
            "",
            "from_email: the cell is a formula without a result in the file; ",
        ),
    ] {
        let workdir = Workdir::with(input);
        let ran = workdir.run(&format!(
            "import links.csv --sandbox --rate unlimited --redact -v{options}"
        ));
        let ran = ran.exits(1);
        ran.says(&[said]);
        ran.never_says("ann@x.com");
        let results = workdir.text("links.sandbox.results.csv");
        assert!(results.contains("ann@x.com"));
    }
}

#[test]
fn a_key_in_the_wrong_column_is_not_said() {
    let by_definition = "from_email,to_domain,definition_id";
    let by_types = "from_email,to_domain,from_object_type,label";
    let of_2026 = "--api 2026-09 --to-type companies";
    for (header, row, options, said) in [
        (
            by_definition,
            "ann@x.com,acme.com,beta.org",
            "",
            "definition_id: the cell is not the id or name of a definition; ",
        ),
        (
            by_types,
            "ann@x.com,acme.com,beta.org,",
            of_2026,
            "from_object_type: the cell is not an object type; ",
        ),
        (
            by_definition,
            "acme.com,beta.org,contact_to_company",
            "",
            "from_email: the cell is not an e-mail address (such as ann@example.com); ",
        ),
    ] {
        for shown in ["", "--redact -vvv"] {
            let workdir = Workdir::with(format!("{header}\n{row}\n"));
            let command = format!("import links.csv --sandbox --rate unlimited {options} {shown}");
            let run = workdir.run(&command).exits(1);
            run.says(&[said]);
            run.never_says("acme.com").never_says("beta.org");
        }
    }
}

#[test]
fn with_redact_unknown_labels_and_types_are_named_by_their_line() {
    let header = "from_email,to_domain,from_object_type,label";
    let of_2026 = "--api 2026-09 --to-type companies";
    for (row, command, code, said, redacted) in [
        (
            "a@x.com,acme.com,contacts,beta.org",
            "import links.csv --sandbox --rate unlimited",
            2,
            "line 2: this account has no label 'beta.org' from contacts to companies; ",
            "line 2: this account has no such label from contacts to companies; ",
        ),
        (
            "a@x.com,acme.com,beta,",
            "check links.csv",
            2,
            "line 2: 'beta' is not an object type of HubSpot",
            "line 2: the cell is not an object type of HubSpot",
        ),
        (
            "a@x.com,acme.com,contacts,beta.org",
            "check links.csv",
            0,
            "these labels: contacts to companies, 'beta.org' (first on line 2)",
            "whether the account has the labels of the rows",
        ),
    ] {
        let workdir = Workdir::with(format!("{header}\n{row}\n"));
        let command = format!("{command} {of_2026}");
        workdir.run(&command).exits(code).says(&[said]);
        let run = workdir.run(&format!("{command} --redact -vvv")).exits(code);
        run.says(&[redacted]).never_says("beta");
    }
}

#[test]
fn with_redact_no_cell_is_said_and_without_it_ids_are() {
    let ids = "from_object_id,to_object_id,definition_id\nacme.com,ann@x.com,1\n";
    for (options, said) in [
        ("", "from_object_id: 'acme.com' is not a HubSpot ID"),
        ("--redact", "from_object_id: the cell is not a HubSpot ID"),
        (
            "--redact -v",
            "from_object_id: the cell is not a HubSpot ID",
        ),
    ] {
        let workdir = Workdir::with(ids);
        let command = format!("import links.csv --sandbox --rate unlimited {options}");
        workdir.run(&command).exits(1).says(&[said]);
    }
}

#[test]
fn a_log_does_not_show_a_surplus_cell_that_may_be_a_key() {
    let keys = "from_email,to_domain,definition_id\na@x.com,7,1,acme.com\n";
    let ids = "from_object_id,to_object_id,definition_id\n351,7,1,acme.com\n";
    let said = "the row has 4 cells, the header has 3; put cells that contain a comma in quotes";
    let shown = "the first extra cell is 'acme.com': put cells that contain a comma in quotes";
    for (input, options, is_shown) in [
        (keys, "", false),
        (keys, "-v --redact", false),
        (keys, "-v", true),
        (ids, "", true),
    ] {
        let workdir = Workdir::with(input);
        let ran = workdir.run(&format!(
            "import links.csv --sandbox --rate unlimited {options}"
        ));
        let ran = ran.exits(1);
        ran.says(&[if is_shown { shown } else { said }]);
        assert_eq!(ran.stderr.contains("acme.com"), is_shown, "{}", ran.stderr);
        let results = workdir.text("links.sandbox.results.csv");
        assert!(results.contains(shown), "{results}");
    }
}

#[test]
fn a_log_does_not_show_a_key_beside_the_table_of_a_sheet() {
    let workdir = Workdir::new();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(["from_email", "to_domain", "definition_id"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (column, cell) in (0..).zip(["a@x.com", "x.com", "1", "acme.com"]) {
        sheet.write_string(1, column, cell).unwrap();
    }
    workbook.save(workdir.path("links.xlsx")).unwrap();
    let ran = workdir.run("import links.xlsx --sandbox --rate unlimited");
    let ran = ran.exits(1);
    ran.says(&["there is a text in column D, which has no name in the header; "]);
    ran.never_says("acme.com");
}

#[test]
fn a_changed_row_is_shown_without_cells_that_have_an_address() {
    let header = "from_object_id,to_object_id,definition_id,note\n";
    let workdir = Workdir::with(format!("{header}351,7,1,Ann Smith <ann@x.com>\n"));
    let sandbox = start(&[]);
    workdir.import(&sandbox.base_url(), "").exits(0);
    workdir.write("links.csv", format!("{header}352,7,1,Bob <bob@x.com>\n"));
    let row = "row 1 (line 2) has changed since the run";
    for (options, said) in [
        ("", " (it was: 351,7,1,…); "),
        ("-v", " (it was: 351,7,1,Ann Smith <ann@x.com>); "),
        ("--redact", "; "),
        ("--redact -v", "; "),
    ] {
        let run = workdir.import(&sandbox.base_url(), &format!("--resume {options}"));
        run.exits(2).says(&[&format!("{row}{said}")]);
    }
}

#[test]
fn of_records_that_are_not_understood_only_the_form_is_said() {
    let emails = "from_email,to_object_id,definition_id\nbob@x.com,7,1\n";
    let domains = "from_object_id,to_domain,definition_id\n7,acme.com,1\n";
    let no_id = r#"{"total":1,"results":[{"properties":{"firstname":"Ann Maria"}}]}"#;
    let is_object = "understood: results[0] is an object (missing field `id`);";
    let name_as_id = r#"{"total":1,"results":[{"id":"Ann Maria"}]}"#;
    let is_text = "results[0].id is a text (expected an id as a number or as a text);";
    let cut = r#"{"total":1,"results":[{"id":"1","properties":{"firstname":"Ann Maria"#;
    let is_cut = "results[0].properties.firstname is cut off (EOF while parsing a string);";
    let list = r#"["Ann Maria"]"#;
    for (input, body, said) in [
        (emails, no_id, is_object),
        (domains, no_id, is_object),
        (emails, name_as_id, is_text),
        (domains, cut, is_cut),
        (emails, list, "HTTP 200 without records;"),
        (domains, list, "[0] is a text (expected u64);"),
    ] {
        let workdir = Workdir::with(input);
        let hubspot = FakeHubSpot::with_handler(move |_, _| {
            FakeResponse::from(200).body("application/json", body)
        });
        let run = workdir.import(&hubspot.base_url(), "-vvv").exits(4);
        run.says(&[said]);
        for words in ["Ann", "Maria"] {
            run.never_says(words);
        }
    }
}
