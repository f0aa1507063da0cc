//! `check`: the same reading and the same verdicts as `import`, without any
//! connection. Bad rows go to standard output as CSV, words to standard error.

use std::{io, path::Path};

use super::{
    AppError,
    preamble::{self, Plan},
    primaries::Primaries,
    survey::Survey,
};
use crate::{
    cli::CheckArgs,
    config,
    exit::ExitCode,
    input::{self, Input, InputError},
    output::{Results, ResultsError, Screen, Total, number, plural},
    row::RowReport,
};

/// Reads the input to its end.
pub(super) fn check(args: &CheckArgs, screen: &Screen) -> Result<ExitCode, AppError> {
    config::check_batch(args.input.api, args.pace.batch)?;
    let options = config::input(&args.input)?;
    let mut input = input::open(&options)?;
    let shape = input.shape().clone();
    screen.say(&preamble::reading(&options.path, &shape));
    for line in preamble::meaning(&Survey::of(&options, &shape)) {
        screen.say(&line);
    }
    let stdout = io::BufWriter::new(io::stdout().lock());
    let bad_rows = Results::start(
        stdout,
        Path::new("standard output"),
        &shape.header,
        shape.delimiter.byte(),
        shape.bom,
    );
    let mut primaries = Primaries::default();
    let counted =
        bad_rows.and_then(|mut bad_rows| go_through(&mut input, &mut bad_rows, &mut primaries));
    let (rows, bad, ended) = match counted {
        Ok(counted) => counted,
        // Whoever reads the bad rows has seen enough (`| head`).
        Err(error) if error.is_broken_pipe() => return Ok(ExitCode::SomeRowsBad),
        Err(error) => return Err(error.into()),
    };
    screen.say(&format!(
        "{} read: {} can be sent, {} invalid",
        plural(rows, "row", "rows"),
        number(rows - bad),
        number(bad)
    ));
    if let Some(words) = primaries.words() {
        screen.say(&words);
    }
    ended?;
    let total = Total::Exact(rows - bad);
    let plan = Plan::of(
        &args.pace,
        (args.input.api, args.input.api.replaces()),
        &primaries,
    );
    let amount = preamble::amount(&total, &shape, plan);
    screen.say(&format!("import: {amount}"));
    if let Some(words) = preamble::saving(&total, plan) {
        screen.say(&words);
    }
    Ok(if bad > 0 {
        ExitCode::SomeRowsBad
    } else {
        ExitCode::Success
    })
}

type Counted = (u64, u64, Result<(), InputError>);

/// Counts rows and bad rows, and says how reading ended.
fn go_through<W: io::Write>(
    input: &mut Input,
    bad_rows: &mut Results<W>,
    primaries: &mut Primaries,
) -> Result<Counted, ResultsError> {
    let (mut rows, mut bad) = (0, 0);
    let mut row = Input::empty_row();
    let ended = loop {
        match input.next_row(&mut row) {
            Ok(true) => rows += 1,
            Ok(false) => break Ok(()),
            Err(error) => break Err(error),
        }
        primaries.see(&row);
        if let Err(failure) = &row.link {
            bad += 1;
            bad_rows.write(&[RowReport::invalid(row.clone(), failure.clone())])?;
        }
    };
    Ok((rows, bad, ended))
}
