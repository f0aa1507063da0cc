//! How many rows are read per second: `cargo bench --bench check`.
//!
//! Prints one figure for each kind of file, and judges nothing.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    time::Instant,
};

use hubassoc::{
    app::AppError,
    input::{self, InputOptions, InputPath, InputReader},
};

/// Enough to outweigh opening the file, and few enough for the page cache.
const ROWS: u64 = 5_000_000;

/// The best of this many runs counts.
const RUNS: u32 = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plain = |n: u64| format!("{},{},1\n", 10_000_000_000 + n, 20_000_000_000 + n);
    let worded = |n: u64| format!("{n},contact_to_company,{},\"Müller, {n}\"\r\n", 2 * n);
    measure(
        "plain",
        "from_object_id,to_object_id,definition_id\n",
        plain,
    )?;
    measure(
        "quoted",
        "from_object_id,definition_id,to_object_id,note\r\n",
        worded,
    )?;
    Ok(())
}

fn measure(
    name: &str,
    header: &str,
    line: impl Fn(u64) -> String,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut text = header.to_owned();
    for n in 1..=ROWS {
        write!(text, "{}", line(n))?;
    }
    let file = std::env::temp_dir().join(format!("hubassoc-bench-{}.csv", std::process::id()));
    std::fs::write(&file, &text)?;
    let options = InputOptions::new(InputPath::File(file.clone()));
    let (mut alone, mut threaded) = (f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        alone = alone.min(read(&options)?);
        threaded = threaded.min(read_in_thread(&options)?);
    }
    std::fs::remove_file(file)?;
    #[expect(clippy::cast_precision_loss, reason = "a figure to be looked at")]
    let rate = |seconds: f64| ROWS as f64 / seconds / 1e6;
    writeln!(
        io::stdout(),
        "{name}: {:.1} million rows/s in place, {:.1} through the thread ({} bytes a row)",
        rate(alone),
        rate(threaded),
        text.len() as u64 / ROWS
    )?;
    Ok(())
}

fn read(options: &InputOptions) -> Result<f64, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut input = input::open(options).map_err(AppError::from)?;
    let (mut row, mut links) = (InputReader::empty_row(), 0);
    while input.next_row(&mut row).map_err(AppError::from)? {
        links += u64::from(row.link.is_ok());
    }
    assert_eq!(links, ROWS);
    Ok(start.elapsed().as_secs_f64())
}

fn read_in_thread(options: &InputOptions) -> Result<f64, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let (mut chunks, reader) =
        input::spawn_reader(input::open(options).map_err(AppError::from)?, |_| true);
    let mut links = 0;
    while let Some(chunk) = chunks.blocking_recv() {
        links += chunk.iter().filter(|row| row.link.is_ok()).count() as u64;
    }
    assert!(reader.finish().0.reached_end && links == ROWS);
    Ok(start.elapsed().as_secs_f64())
}
