//! How fast a recorded run is read again: `cargo bench --bench resume [-- ROWS]`.
//!
//! Records this many rows, reads them back, and checks the input against them. Prints figures, and
//! judges nothing.

use std::{
    collections::BTreeMap,
    error::Error,
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
    time::Instant,
};

use hubassoc::{
    app::AppError,
    http_status::HttpStatus,
    input::{self, InputOptions, InputPath, InputReader},
    journal::{self, ApiTarget, InputInfo, InputProof, RecordedRun, ResultsFormat, RunInfo},
    messages,
    row::{Outcome, RowReport},
    stop::StopSwitch,
};
use jiff::Timestamp;

/// The number of rows by default.
const ROWS: u64 = 5_000_000;

/// Rows per write, in reverse order.
const BATCH: usize = 16;

/// The best of this many runs counts.
const RUNS: u32 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args().find_map(|arg| arg.parse().ok());
    let rows = rows.unwrap_or(ROWS);
    let folder = tempfile::tempdir()?;
    let (links, results) = (folder.path().join("links.csv"), folder.path().join("r.csv"));
    write_input(&links, rows)?;
    let options = InputOptions::new(InputPath::File(links));
    record(&options, &results)?;
    let (mut scan, mut proof) = (f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        let start = Instant::now();
        let locked = journal::lock(&results, |_| {}).map_err(AppError::from)?;
        let past = locked
            .recorded_run()
            .map_err(AppError::from)?
            .ok_or("nothing is recorded")?;
        scan = scan.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        prove(&past, &options)?;
        proof = proof.min(start.elapsed().as_secs_f64());
        assert_eq!(past.rows().recorded.len(), rows);
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure to be looked at")]
    let rate = |seconds: f64| rows as f64 / seconds / 1e6;
    writeln!(
        io::stdout(),
        "results read back: {:.1} million rows/s; input proven: {:.1} million rows/s",
        rate(scan),
        rate(proof)
    )?;
    Ok(())
}

fn write_input(path: &Path, rows: u64) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "from_object_id,to_object_id,definition_id")?;
    for n in 1..=rows {
        writeln!(file, "{},{},1", 10_000_000_000 + n, 20_000_000_000 + n)?;
    }
    file.flush()
}

fn record(options: &InputOptions, results: &Path) -> Result<(), Box<dyn Error>> {
    let mut input = input::open(options).map_err(AppError::from)?;
    let shape = input.shape();
    let begun = RunInfo {
        format: RunInfo::FORMAT,
        version: String::new(),
        at: Timestamp::now(),
        input: InputInfo::inspect("links.csv".to_owned(), None, None),
        server: ApiTarget {
            api: "v1".to_owned(),
            target: "sandbox".to_owned(),
        },
        results_format: ResultsFormat {
            columns: shape.header.iter().map(str::to_owned).collect(),
            result_columns: ResultsFormat::new_result_columns(),
            key_columns: shape.key_columns.clone(),
            delimiter: shape.delimiter.byte().into(),
            bom: shape.bom,
        },
        options: BTreeMap::new(),
        reads_before_write: false,
        subject: None,
    };
    let (mut journal, mut lines) = journal::lock(results, |_| {})
        .and_then(|locked| locked.begin(&begun, &StopSwitch::default()))
        .map_err(AppError::from)?;
    let mut batch = Vec::with_capacity(BATCH);
    let mut row = InputReader::empty_row();
    let mut more = true;
    while more {
        more = input.next_row(&mut row).map_err(AppError::from)?;
        if more {
            let succeeded = Outcome::Succeeded {
                http_status: HttpStatus::NO_CONTENT,
            };
            batch.push(RowReport {
                attempts: 1,
                ..RowReport::without_write(row.clone(), succeeded)
            });
        }
        if batch.len() == BATCH || !more {
            batch.reverse();
            let written = lines.write(&batch, messages::failure);
            written.map_err(AppError::from)?;
            batch.clear();
        }
    }
    journal.sync().map_err(AppError::from)?;
    Ok(())
}

fn prove(past: &RecordedRun, options: &InputOptions) -> Result<(), Box<dyn Error>> {
    let mut input = input::open(options).map_err(AppError::from)?;
    let proof = InputProof::new(past, &input.shape().header);
    let mut proof = proof.map_err(AppError::from)?;
    let mut row = InputReader::empty_row();
    while proof.needs_more() && input.next_row(&mut row).map_err(AppError::from)? {
        proof.add(&row).map_err(AppError::from)?;
    }
    proof.finish().map_err(AppError::from)?;
    Ok(())
}
