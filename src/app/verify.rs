//! `verify`: reads back every link that a run says stands.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    AppError, connect,
    past_run::{PastRun, beside, once},
    report::{About, Left, close},
    runtime, signals,
};
use crate::{
    association::Association,
    cli::VerifyArgs,
    code::Code,
    config,
    delivery::{Delivery, Looked, Standing, Task},
    exit::ExitCode,
    hubspot::HubSpot,
    import::{self, Command, Next},
    input::{self, Input},
    output::{
        Progress, ProgressStyle, Recorder, Results, ResultsError, Screen, Tally, Total, path,
        plural,
    },
    row::{Failure, Outcome, RowReport, Status},
    stop::Stop,
};

/// So many earlier reports are stepped over.
const MOST_FILES: u32 = 10_000;

/// Verifies a run.
pub(super) fn verify(
    args: &VerifyArgs,
    (screen, style): (&Screen, ProgressStyle),
    typed: &[OsString],
) -> Result<ExitCode, AppError> {
    let mut run = PastRun::open(&args.results)?;
    let connection = run.connection(&args.sending.connection)?;
    config::check_summary(args.sending.summary.as_deref(), run.path())?;
    let (client, _) = connect::client(run.dialect, &connection, false)?;
    let stop = Stop::default();
    let delivery = connect::delivery(client, &args.sending, (false, true), &stop)?
        .insisting_on_that_of_the_run(run.past.account());
    let runtime = runtime()?;
    let started = (Timestamp::now(), Instant::now());
    runtime.block_on(async {
        signals::listen(&stop, screen, "the next verify begins anew")?;
        run.resolve_labels((&delivery, &stop)).await
    })?;
    let input = input::open(&run.options)?;
    let (report, file) = create(args, run.path())?;
    let begun = run.past.begun();
    let shape = input.shape().clone();
    let delimiter = begun.delimiter_byte();
    let results = Results::start(file, &report, &shape.header, delimiter, begun.bom)?;
    let rows = run.past.rows().standing().len();
    introduce(&run, rows, &report, screen);
    let recorder = Recorder::new(results, Tally::default());
    let about = About {
        command: "verify",
        statuses: Status::OF_VERIFY,
        report,
        rows,
        started_at: started.0,
        started: started.1,
    };
    let looks = (&delivery, &stop);
    let left = runtime.block_on(read_back(
        args,
        &run,
        input,
        recorder,
        looks,
        (screen, style),
    ));
    if left.is_in_vain(stop.reason().as_ref()) {
        // It may stay if it cannot go: it has no rows.
        let _ = fs::remove_file(&about.report);
    }
    close(about, &run, &left, (&args.sending, &stop), (screen, typed))
}

fn introduce(run: &PastRun, rows: u64, report: &Path, screen: &Screen) {
    let begun = run.past.begun();
    screen.say(&format!(
        "reading back what the run of {:.0} recorded in {}: {}",
        begun.at,
        path(run.path()),
        plural(rows, "link", "links"),
    ));
    screen.say(&format!(
        "asking HubSpot (API {}) at {}",
        run.dialect, begun.target
    ));
    screen.say(&format!("what is found goes to {}", path(report)));
}

/// A new file: what an earlier one says stays.
fn create(args: &VerifyArgs, results: &Path) -> Result<(PathBuf, File), AppError> {
    let mut n = 1;
    loop {
        let path = args.output.clone();
        let path = path.unwrap_or_else(|| beside(results, "verify", n));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists
                    && args.output.is_none()
                    && n < MOST_FILES =>
            {
                n += 1;
            }
            Err(error) => return Err(ResultsError::Create(path, error).into()),
        }
    }
}

async fn read_back(
    args: &VerifyArgs,
    run: &PastRun,
    input: Input,
    mut recorder: Recorder<File>,
    (delivery, stop): (&Delivery<HubSpot>, &Stop),
    (screen, style): (&Screen, ProgressStyle),
) -> Left {
    let standing = run.past.rows().standing();
    let total = Total::Exact(standing.len());
    let activity = delivery.activity();
    let shown = (recorder.tally().counts(), delivery.activity());
    let progress = Progress::start(style, screen.clone(), total, Status::OF_VERIFY, shown);
    let (rows, reader) = input::spawn(input, once(standing));
    let bounds = connect::bounds(&args.sending, run.dialect);
    let command = Verifying(&mut recorder);
    import::run_command(input::chunks(rows), delivery, (stop, bounds), command).await;
    drop(progress);
    Left {
        tally: recorder.finish(),
        activity,
        account: delivery.account(),
        broken_input: reader.finish().1,
    }
}

/// What a verification does with its rows.
struct Verifying<'a>(&'a mut Recorder<File>);

impl Command for Verifying<'_> {
    fn looks(&self) -> bool {
        true
    }

    fn first(&self, _link: &Association) -> Task {
        Task::Look
    }

    fn decide(&mut self, looked: Vec<Looked>) -> Result<Vec<Next>, String> {
        let ended = |looked: Looked| {
            let outcome = outcome(&looked);
            Next::Ended(RowReport::unsent(looked.row, outcome))
        };
        Ok(looked.into_iter().map(ended).collect())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        self.0.record(reports).map_err(|error| error.to_string())
    }
}

fn outcome(looked: &Looked) -> Outcome {
    match &looked.found {
        Err(failure) => Outcome::Unreadable(Failure {
            // Which read it was that told nothing is worth knowing.
            code: if failure.code == Code::RecordNotRead {
                failure.code
            } else {
                Code::NotRead
            },
            ..failure.clone()
        }),
        Ok(_) if looked.stands() => Outcome::Present,
        Ok(standing) => Outcome::Missing(missing(&looked.link, standing)),
    }
}

/// What is there instead.
fn missing(link: &Association, standing: &Standing) -> Failure {
    let instead = match &standing.primary {
        Some((company, _)) => format!("; the primary one is {company}"),
        None if standing.specs.is_empty() => String::new(),
        None => "; the two are linked otherwise".to_owned(),
    };
    let message = format!(
        "HubSpot does not have {link} under definition {}{instead}",
        link.definition
    );
    Failure::new(Code::NotStanding, message)
}
