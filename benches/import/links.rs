//! The associations that are sent: input files and request bodies.
//!
//! Does not know who sends them.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

/// The most rows that a call of the batch endpoint takes.
pub(crate) const BATCH: u64 = 100;

/// The first ids of a file. Real ids have as many digits.
const FROM: u64 = 10_000_000_000;
const TO: u64 = 20_000_000_000;

/// Writes a file with this many links.
pub(crate) fn write_input(folder: &Path, rows: u64) -> io::Result<PathBuf> {
    let path = folder.join(format!("{rows}.csv"));
    let mut file = BufWriter::new(File::create(&path)?);
    writeln!(file, "from_object_id,to_object_id,definition_id")?;
    for row in 1..=rows {
        writeln!(file, "{},{},1", FROM + row, TO + row)?;
    }
    file.flush()?;
    Ok(path)
}

/// The path for calls with this many rows.
pub(crate) fn path(per_call: u64) -> &'static str {
    if per_call > 1 {
        "/crm-associations/v1/associations/create-batch"
    } else {
        "/crm-associations/v1/associations"
    }
}

/// The body of the call that begins with row `first`: an object, or an array of objects.
pub(crate) fn body(first: u64, per_call: u64) -> String {
    if per_call == 1 {
        let mut body = String::new();
        push_link(&mut body, first);
        return body;
    }
    let mut body = String::from("[");
    for row in first..first + per_call {
        if row > first {
            body.push(',');
        }
        push_link(&mut body, row);
    }
    body.push(']');
    body
}

fn push_link(body: &mut String, row: u64) {
    let (from, to) = (FROM + row, TO + row);
    // Writing to a string never fails.
    let _ = write!(
        body,
        r#"{{"fromObjectId":{from},"toObjectId":{to},"category":"HUBSPOT_DEFINED","definitionId":1}}"#
    );
}
