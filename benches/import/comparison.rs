//! Contenders side by side. Each round runs all of them, so that other load on the machine affects
//! all.

use std::{
    error::Error,
    io::{self, Write as _},
};

use super::{
    contender::{BenchCourse, Contender, RunCost},
    peers,
    server::Answers,
    spread::Spread,
};

/// Rounds for the few contenders whose ratio has to be exact.
const ROUNDS_OF_OUR_OWN: u32 = 9;

/// Rounds with those that take a second or more each.
const ROUNDS_OF_ALL: u32 = 5;

/// The positions of the contenders that others are compared with. The bare loop is the one with the
/// same responses.
const BARE: usize = 0;
const IMPORT: usize = 1;
const BARE_WITH_QUOTA: usize = 2;

/// Prints the cost per row of `hubassoc import` and of a bare reqwest loop.
pub(crate) fn cpu() -> Result<(), Box<dyn Error>> {
    let course = BenchCourse::single_calls()?;
    writeln!(
        io::stdout(),
        "\none PUT per row (wanted: import at most 1.15 × bare loop)"
    )?;
    measure(&course, ROUNDS_OF_OUR_OWN, &course.our_own()?)
}

/// Prints the cost per row of these and of what users would use instead.
pub(crate) fn peers() -> Result<(), Box<dyn Error>> {
    let course = BenchCourse::single_calls()?;
    writeln!(io::stdout(), "\none PUT per row, beside others")?;
    measure_with_peers(&course)
}

/// Prints these costs for batches of a hundred.
pub(crate) fn batch() -> Result<(), Box<dyn Error>> {
    let course = BenchCourse::batches()?;
    writeln!(
        io::stdout(),
        "\nbatches of {} (wanted: import at most 2 µs per row, half a million rows a second)",
        course.per_call
    )?;
    measure_with_peers(&course)
}

fn measure_with_peers(course: &BenchCourse) -> Result<(), Box<dyn Error>> {
    let mut contenders = course.our_own()?;
    let mut absent = Vec::new();
    for peer in peers::all(course)? {
        match peer {
            Ok(peer) => contenders.push(peer),
            Err(how) => absent.push(how),
        }
    }
    measure(course, ROUNDS_OF_ALL, &contenders)?;
    for how in absent {
        writeln!(io::stdout(), "  left out, as it is not here: {how}")?;
    }
    Ok(())
}

/// The figures of one contender.
#[derive(Default)]
struct Figures {
    micros: Spread,
    to_bare: Spread,
    to_import: Spread,
    thousands_per_second: Spread,
    rows_per_call: f64,
}

fn measure(course: &BenchCourse, rounds: u32, all: &[Contender]) -> Result<(), Box<dyn Error>> {
    let mut figures: Vec<Figures> = all.iter().map(|_| Figures::default()).collect();
    for _ in 0..rounds {
        let runs: Vec<RunCost> = all
            .iter()
            .map(|contender| course.run(contender))
            .collect::<Result<_, _>>()?;
        let import = runs[IMPORT].micros_per_row();
        for ((contender, figures), run) in all.iter().zip(&mut figures).zip(&runs) {
            let bare = match contender.answers {
                Answers::Plain => BARE,
                Answers::WithQuota => BARE_WITH_QUOTA,
            };
            let bare = runs[bare].micros_per_row();
            let micros = run.micros_per_row();
            figures.micros.push(micros);
            figures.to_bare.push(micros / bare);
            figures.to_import.push(micros / import);
            figures
                .thousands_per_second
                .push(run.thousands_per_second());
            figures.rows_per_call = run.rows_per_call();
        }
    }
    print(rounds, all, &figures)?;
    Ok(())
}

fn print(rounds: u32, all: &[Contender], figures: &[Figures]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "  processor time, {rounds} rounds, 204 from a raw server\n  \
         {:<28}{:<26}{:<24}{:<24}{:<32}rows per call",
        "", "µs per row", "× bare loop", "× import", "thousand rows per second"
    )?;
    for (contender, figures) in all.iter().zip(figures) {
        let column = Spread::to_string;
        writeln!(
            out,
            "  {:<28}{:<26}{:<24}{:<24}{:<32}{:.1}",
            contender.name,
            column(&figures.micros),
            column(&figures.to_bare),
            column(&figures.to_import),
            column(&figures.thousands_per_second),
            figures.rows_per_call
        )?;
    }
    Ok(())
}
