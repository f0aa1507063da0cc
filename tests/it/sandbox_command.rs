//! The sandbox as a program of its own: what it says when it starts, and when it refuses to.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use crate::support::workdir::Workdir;

const LISTED: &str = "object_type,id,email\ncontacts,101,ann@example.com\n";

/// The first two lines that the sandbox says with these options, without its port.
fn first_lines(workdir: &Workdir, options: &[&str]) -> [String; 2] {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hubassoc"))
        .args(["sandbox", "--listen", "127.0.0.1:0"])
        .args(options)
        .current_dir(workdir.folder())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let lines = [(); 2].map(|()| lines.next().map(Result::unwrap).unwrap_or_default());
    child.kill().unwrap();
    child.wait().unwrap();
    lines.map(|line| {
        let (text, port) = line.rsplit_once(':').unwrap_or((&line, ""));
        let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        if is_port { text.to_owned() } else { line }
    })
}

#[test]
fn it_says_which_records_exist() {
    let workdir = Workdir::new();
    workdir.write("records.csv", LISTED);
    let listening = "a local HubSpot is listening on http://127.0.0.1";
    assert_eq!(
        first_lines(&workdir, &[]),
        [
            listening,
            "every record exists, except ids that end in 404; press Ctrl-C to stop"
        ]
    );
    assert_eq!(
        first_lines(&workdir, &["--records", "records.csv"]),
        [
            listening,
            "the object types in records.csv have only the records listed there; of all others \
             every record exists, except ids that end in 404; press Ctrl-C to stop"
        ]
    );
}

#[test]
fn a_file_of_records_with_a_fault_is_refused_before_it_listens() {
    let workdir = Workdir::new();
    workdir.write(
        "records.csv",
        format!("{LISTED}contacts,102,Ann@example.com\n"),
    );
    let ran = workdir.run("sandbox --listen 127.0.0.1:0 --records records.csv");
    ran.exits(2).says(&[
        "records.csv, line 3: this contact has the same email or hs_additional_emails as the one \
         in line 2, and these values are unique; change one of them, or set archived to true",
    ]);
}
