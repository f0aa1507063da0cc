//! The cost of a program: its processor time, elapsed time and peak memory, on one core.
//!
//! A small process starts the program as its only child, so the kernel's sums over children are the
//! program's figures.

use std::{
    error::Error,
    io::{self, Write as _},
    process::{Command, Stdio},
    time::Instant,
};

use nix::{
    sched::{CpuSet, sched_setaffinity},
    sys::{
        resource::{UsageWho, getrusage},
        time::TimeValLike as _,
    },
    unistd::Pid,
};

/// The core of the measured program.
const CLIENT_CORE: usize = 1;

/// What one run of a program took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Processor time of all its threads and of the processes that it started and waited for, in
    /// user and kernel mode.
    pub(crate) cpu_micros: f64,
    /// Elapsed time from its start to its end.
    pub(crate) wall_micros: f64,
    pub(crate) peak_mib: f64,
}

/// Runs a program to its end on the client's core.
pub(crate) fn measure(program: &str, args: &[String]) -> Result<Cost, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args(["cost-of", program])
        .args(args)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut figures = text.split_whitespace().map(str::parse::<f64>);
    let (Some(cpu), Some(wall), Some(peak), true) = (
        figures.next(),
        figures.next(),
        figures.next(),
        output.status.success(),
    ) else {
        return Err(format!("{program} did not end well").into());
    };
    Ok(Cost {
        cpu_micros: cpu?,
        wall_micros: wall?,
        peak_mib: peak? / 1024.0,
    })
}

/// As long as HubSpot's.
pub(crate) const TOKEN: &str = "pat-na1-00000000-0000-0000-0000-000000000000";

/// Runs the program and prints what it took: twice microseconds, and KiB.
pub(crate) fn run_and_print(command: &[&str]) -> Result<(), Box<dyn Error>> {
    pin(CLIENT_CORE)?;
    let started = Instant::now();
    let status = Command::new(command[0])
        .args(&command[1..])
        .stdout(Stdio::null())
        .status()?;
    let wall = started.elapsed();
    if !status.success() {
        return Err(format!("{} ended with {status}", command[0]).into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time() + usage.system_time();
    writeln!(
        io::stdout(),
        "{} {} {}",
        cpu.num_microseconds(),
        wall.as_micros(),
        usage.max_rss()
    )?;
    Ok(())
}

/// Keeps this process and its children on one core, if there are several.
pub(crate) fn pin(core: usize) -> Result<(), Box<dyn Error>> {
    if core < std::thread::available_parallelism()?.get() {
        let mut cores = CpuSet::new();
        cores.set(core)?;
        sched_setaffinity(Pid::from_raw(0), &cores)?;
    }
    Ok(())
}
