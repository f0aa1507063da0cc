//! What an import costs: processor time per row against a bare reqwest loop,
//! peak memory, and the time from start to first request.
//!
//! `cargo bench --bench import [-- [cpu] [memory] [start] [ROWS]]`; `ROWS` is the
//! size of the large file of `memory`. Prints figures, judges nothing.

#[cfg(target_os = "linux")]
mod bare;
#[cfg(target_os = "linux")]
mod cost;
#[cfg(target_os = "linux")]
mod cpu;
#[cfg(target_os = "linux")]
mod first_request;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod spread;

use std::error::Error;

/// Rows of the large file unless told otherwise.
#[cfg(target_os = "linux")]
const LARGE: u64 = 1_000_000;

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        // What this program starts itself as.
        ["serve"] => return server::serve(),
        ["cost-of", ..] => return cost::wrap(&args[1..]),
        ["bare", address, rows] => return bare::run(address, rows.parse()?),
        _ => {}
    }
    let named = |part| args.contains(&part);
    let all = !["cpu", "memory", "start"].into_iter().any(named);
    let large = args.iter().find_map(|arg| arg.parse().ok());
    if all || named("cpu") {
        cpu::measure()?;
    }
    if all || named("start") {
        first_request::measure()?;
    }
    if all || named("memory") {
        memory::measure(large.unwrap_or(LARGE))?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "as on Linux, where it can fail")]
fn main() -> Result<(), Box<dyn Error>> {
    // Pinning to a core and a child's peak memory are asked of Linux.
    Ok(())
}
