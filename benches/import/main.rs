//! The cost of an import, compared with a bare reqwest loop and with what users would use instead:
//! processor time per row, peak memory, and the time to the first request.
//!
//! `cargo bench --bench import [-- [cpu] [peers] [batch] [flat] [start] [memory] [ROWS]]`; `ROWS`
//! is the size of the large file of `memory`, and of one more file of `flat` if it is above a
//! million. Prints figures, judges nothing.
//!
//! `peers` and `batch` measure `curl` and `wrk` if they are installed, the Python clients of the
//! interpreter that `HUBASSOC_BENCH_PYTHON` names (else `python3`), and HubSpot's client for
//! Node.js from the folder `node_modules` that `HUBASSOC_BENCH_NODE_MODULES` names. Nothing is
//! downloaded. What is not installed is left out, and a line says so.

#[cfg(target_os = "linux")]
mod bare;
#[cfg(target_os = "linux")]
mod comparison;
#[cfg(target_os = "linux")]
mod contender;
#[cfg(target_os = "linux")]
mod cost;
#[cfg(target_os = "linux")]
mod first_request;
#[cfg(target_os = "linux")]
mod flat;
#[cfg(target_os = "linux")]
mod links;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod spread;

use std::error::Error;

/// Rows of the large file by default.
#[cfg(target_os = "linux")]
const LARGE: u64 = 1_000_000;

#[cfg(target_os = "linux")]
const PARTS: [&str; 6] = ["cpu", "peers", "batch", "flat", "start", "memory"];

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        // How this program starts itself.
        ["serve"] => return server::serve(server::Answers::Plain),
        ["serve-with-quota"] => return server::serve(server::Answers::WithQuota),
        ["cost-of", ..] => return cost::run_and_print(&args[1..]),
        ["bare", address, rows, per_call] => {
            return bare::run(address, rows.parse()?, per_call.parse()?);
        }
        _ => {}
    }
    let rows = args.iter().find_map(|arg| arg.parse().ok());
    let named: Vec<_> = PARTS
        .into_iter()
        .filter(|part| args.contains(part))
        .collect();
    for part in if named.is_empty() {
        PARTS.to_vec()
    } else {
        named
    } {
        match part {
            "cpu" => comparison::cpu()?,
            "peers" => comparison::peers()?,
            "batch" => comparison::batch()?,
            "flat" => flat::measure(rows)?,
            "start" => first_request::measure()?,
            _ => memory::measure(rows.unwrap_or(LARGE))?,
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "as on Linux, where it can fail")]
fn main() -> Result<(), Box<dyn Error>> {
    // Pinning to a core and a child's peak memory need Linux.
    Ok(())
}
