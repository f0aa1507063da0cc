//! What users would use instead of `hubassoc import`, if it is installed.
//!
//! The scripts are in `peers/`. They read and send, 16 requests at a time, and write no results.
//! Nothing is downloaded.

use std::{
    error::Error,
    fs::File,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    contender::{BenchCourse, Contender},
    cost::TOKEN,
    links::{self, write_input},
    server::Answers,
};

/// As many requests in flight as `hubassoc import` has by default.
const IN_FLIGHT: &str = "16";

/// How long wrk sends, because it takes no number of requests.
const WRK_TIME: &str = "1s";

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/import/peers");

/// Names the interpreter that has the Python clients.
const PYTHON: &str = "HUBASSOC_BENCH_PYTHON";

/// Names the folder that has HubSpot's client for Node.js.
const NODE_MODULES: &str = "HUBASSOC_BENCH_NODE_MODULES";

/// The npm name of HubSpot's client.
const NODE_CLIENT: &str = "@hubspot/api-client";

/// A contender or, if it is not installed, how to install it.
pub(crate) type Peer = Result<Contender, String>;

/// All of them, beginning with the one that does the least.
pub(crate) fn all(course: &BenchCourse) -> Result<Vec<Peer>, Box<dyn Error>> {
    let input = write_input(course.folder.path(), course.short_rows)?;
    let input = input.to_str().ok_or("a path is no text")?;
    Ok(vec![
        wrk(course),
        curl(course)?,
        python(course, input, "Python, pycurl", "pycurl"),
        python(course, input, "Python, aiohttp", "aiohttp"),
        node(course, input),
    ])
}

fn wrk(course: &BenchCourse) -> Peer {
    if !starts("wrk", &["-v"]) {
        return Err("wrk: apt-get install wrk".to_owned());
    }
    let script = format!("{SCRIPTS}/wrk_links.lua");
    let pace = ["-t", "1", "-c", IN_FLIGHT, "-d", WRK_TIME, "-s", &script];
    let what = [&base(course), "--", &course.per_call.to_string()];
    let mut wrk = contender(
        course,
        "wrk, the floor",
        "wrk",
        &[&pace[..], &what[..]].concat(),
    );
    wrk.rows = None;
    Ok(wrk)
}

fn curl(course: &BenchCourse) -> Result<Peer, Box<dyn Error>> {
    if !starts("curl", &["-V"]) {
        return Ok(Err("curl: apt-get install curl".to_owned()));
    }
    let config = write_curl_config(course)?;
    let config = config.to_str().ok_or("a path is no text")?;
    let args = ["--config", config];
    Ok(Ok(contender(course, "curl --parallel", "curl", &args)))
}

fn python(course: &BenchCourse, input: &str, name: &'static str, module: &str) -> Peer {
    let python = named(PYTHON).unwrap_or_else(|| "python3".to_owned());
    if !starts(&python, &["-c", &format!("import {module}")]) {
        return Err(format!(
            "{name}: pip install {module}, and {PYTHON} names the interpreter"
        ));
    }
    let script = format!("{SCRIPTS}/{module}_links.py");
    let args = [&script, &base(course), input, &course.per_call.to_string()];
    Ok(contender(course, name, &python, &args))
}

fn node(course: &BenchCourse, input: &str) -> Peer {
    let name = "Node.js, HubSpot's client";
    let modules = named(NODE_MODULES).unwrap_or_default();
    if !Path::new(&modules).join(NODE_CLIENT).is_dir() || !starts("node", &["-v"]) {
        return Err(format!(
            "{name}: npm install {NODE_CLIENT}, and {NODE_MODULES} names the node_modules"
        ));
    }
    let script = format!("{SCRIPTS}/hubspot_links.mjs");
    let size = course.per_call.to_string();
    let args = [&script, &modules, &base(course), input, &size];
    Ok(contender(course, name, "node", &args))
}

#[expect(
    clippy::disallowed_methods,
    reason = "where others are is no setting of the program, whose rule this is"
)]
fn named(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

/// One that sends the shorter number of rows.
fn contender(course: &BenchCourse, name: &'static str, program: &str, args: &[&str]) -> Contender {
    Contender {
        name,
        program: program.to_owned(),
        args: args.iter().copied().map(str::to_owned).collect(),
        answers: Answers::Plain,
        rows: Some(course.short_rows),
    }
}

fn base(course: &BenchCourse) -> String {
    format!("http://{}", course.address(Answers::Plain))
}

/// Whether a program exists and ends well. wrk prints its version and then ends with a failure, so
/// it is an exception.
fn starts(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success() || program == "wrk")
}

/// Writes what curl is to send: a block of options for each request.
fn write_curl_config(course: &BenchCourse) -> io::Result<PathBuf> {
    let path = course.folder.path().join("curl.config");
    let url = base(course) + links::path(course.per_call);
    let mut file = BufWriter::new(File::create(&path)?);
    writeln!(
        file,
        "no-progress-meter\nnoproxy = *\nparallel\nparallel-immediate\nparallel-max = {IN_FLIGHT}"
    )?;
    for call in 0..course.short_rows / course.per_call {
        let body = links::body(call * course.per_call + 1, course.per_call);
        let next = if call > 0 { "next\n" } else { "" };
        writeln!(
            file,
            "{next}url = {url}\nrequest = PUT\ndata = {body}\n\
             header = \"Authorization: Bearer {TOKEN}\"\n\
             header = \"Content-Type: application/json\"",
        )?;
    }
    file.flush()?;
    Ok(path)
}
