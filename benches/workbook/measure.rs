//! The workbooks, the contenders, and the table of what they took.

use std::{
    error::Error,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use calamine::{DataRef, Reader as _, Xlsx};
use rust_xlsxwriter::Workbook;

use crate::cost::{self, Cost};

/// All rows of a sheet but the header.
const ROWS: u32 = 1_048_575;

/// The median of this many rounds counts.
const ROUNDS: usize = 5;

/// Of openpyxl, which takes minutes, one round is enough.
const PYTHON_ROUNDS: usize = 1;

const PYTHON_SCRIPT: &str = "
import sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)
rows = 0
for row in book.worksheets[0].iter_rows(values_only=True):
    rows += 1
print(rows)
";

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let mut words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let python = words.iter().find_map(|word| word.strip_prefix("python="));
    let python = python.unwrap_or("python3");
    words.retain(|word| !word.starts_with("python="));
    match words.as_slice() {
        ["cost-of", command @ ..] => return cost::run_and_print(command),
        ["calamine", file] => return bare_loop(Path::new(file)),
        _ => {}
    }
    let folder = tempfile::tempdir()?;
    let files = if words.is_empty() {
        vec![
            ("ids as text", write(folder.path(), "text.xlsx", true)?),
            (
                "ids as numbers",
                write(folder.path(), "numbers.xlsx", false)?,
            ),
        ]
    } else {
        words
            .iter()
            .map(|file| (*file, PathBuf::from(file)))
            .collect()
    };
    for (name, file) in files {
        compare(name, &file.to_string_lossy(), python)?;
    }
    Ok(())
}

/// A workbook with two different ids in each row.
fn write(folder: &Path, name: &str, as_text: bool) -> Result<PathBuf, Box<dyn Error>> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, header) in (0..).zip(["from_object_id", "to_object_id", "definition_id"]) {
        sheet.write_string(0, column, header)?;
    }
    for row in 1..=ROWS {
        for (column, first) in [(0, 351_000_000_000_u64), (1, 352_000_000_000)] {
            let id = first + u64::from(row);
            if as_text {
                sheet.write_string(row, column, id.to_string())?;
            } else {
                #[expect(clippy::cast_precision_loss, reason = "twelve digits are exact")]
                sheet.write_number(row, column, id as f64)?;
            }
        }
        sheet.write_number(row, 2, 279)?;
    }
    let path = folder.join(name);
    workbook.save(&path)?;
    Ok(path)
}

/// The least that a reader of all cells can do.
fn bare_loop(file: &Path) -> Result<(), Box<dyn Error>> {
    let mut workbook: Xlsx<_> = calamine::open_workbook(file)?;
    let name = workbook.sheet_names().first().cloned().unwrap_or_default();
    let mut cells = workbook.worksheet_cells_reader(&name)?;
    let (mut count, mut bytes) = (0_u64, 0);
    while let Some(cell) = cells.next_cell()? {
        count += 1;
        if let DataRef::SharedString(text) = cell.get_value() {
            bytes += text.len();
        }
    }
    writeln!(io::stdout(), "{count} cells, {bytes} bytes")?;
    Ok(())
}

fn compare(name: &str, file: &str, python: &str) -> Result<(), Box<dyn Error>> {
    let own = env!("CARGO_BIN_EXE_hubassoc");
    let this = std::env::current_exe()?.to_string_lossy().into_owned();
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(cost::measure(&this, &words(&["calamine", file]))?);
        let check = words(&["check", file, "--api", "2026-09", "--quiet"]);
        ours.push(cost::measure(own, &check)?);
    }
    let mut out = io::stdout();
    writeln!(
        out,
        "{name}: median of {ROUNDS} rounds, processor time and peak memory"
    )?;
    report("hubassoc check", &ours, &bare)?;
    report("calamine, cells only", &bare, &bare)?;
    let has_openpyxl = Command::new(python)
        .args(["-c", "import openpyxl"])
        .output();
    if has_openpyxl.is_ok_and(|ran| ran.status.success()) {
        let script = words(&["-c", PYTHON_SCRIPT, file]);
        let rounds = (0..PYTHON_ROUNDS).map(|_| cost::measure(python, &script));
        report(
            "openpyxl, read-only",
            &rounds.collect::<Result<Vec<_>, _>>()?,
            &bare,
        )?;
    }
    Ok(())
}

fn report(name: &str, costs: &[Cost], bare: &[Cost]) -> Result<(), Box<dyn Error>> {
    let seconds = sorted(costs.iter().map(|cost| cost.cpu_micros / 1e6));
    let of_bare = sorted(bare.iter().map(|cost| cost.cpu_micros / 1e6));
    let elapsed = sorted(costs.iter().map(|cost| cost.wall_micros / 1e6));
    let peak = costs.iter().map(|cost| cost.peak_mib).fold(0.0, f64::max);
    let median = |figures: &[f64]| figures[figures.len() / 2];
    writeln!(
        io::stdout(),
        "  {name:22} {:7.2} s ({:.2} to {:.2}), {:5.2} × calamine, {peak:6.1} MiB, {:.2} s elapsed",
        median(&seconds),
        seconds[0],
        seconds[seconds.len() - 1],
        median(&seconds) / median(&of_bare),
        median(&elapsed),
    )?;
    Ok(())
}

fn sorted(figures: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures
}
