//! How much processor time and memory it takes to read a large workbook:
//! `cargo bench --bench workbook`.
//!
//! Side by side in one run: `hubassoc check`, a bare loop over the cells with calamine, and
//! openpyxl in read-only mode, if `python3` has it (another interpreter: `-- python=PATH`). The
//! workbooks are written by `rust_xlsxwriter`, or are those that are given as arguments.

#[cfg(target_os = "linux")]
#[path = "../import/cost.rs"]
mod cost;
#[cfg(target_os = "linux")]
mod measure;

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    measure::run()
}

/// Other systems do not say what a process has taken.
#[cfg(not(target_os = "linux"))]
fn main() {}
