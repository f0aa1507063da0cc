//! A contender: how it is started, how many rows it sends, and to which server.
//!
//! Knows this bench's own contenders. The programs of others are in `peers`.

use std::error::Error;

use tempfile::TempDir;

use super::{
    cost::{self, Cost},
    links::{BATCH, write_input},
    program::{self, remove_run, results},
    server::{Answers, Server},
};

/// What all contenders of a table share.
pub(crate) struct BenchCourse {
    pub(crate) folder: TempDir,
    plain: Server,
    with_quota: Server,
    /// Rows per call.
    pub(crate) per_call: u64,
    /// Rows for fast contenders.
    long_rows: u64,
    /// Rows for slow contenders, enough to outweigh the start of a process.
    pub(crate) short_rows: u64,
}

impl BenchCourse {
    /// One row per call.
    pub(crate) fn single_calls() -> Result<Self, Box<dyn Error>> {
        Self::new(1, 60_000, 20_000)
    }

    /// As many rows per call as the batch endpoint takes.
    pub(crate) fn batches() -> Result<Self, Box<dyn Error>> {
        Self::new(BATCH, 1_000_000, 200_000)
    }

    fn new(per_call: u64, long: u64, short: u64) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            plain: Server::start(Answers::Plain)?,
            with_quota: Server::start(Answers::WithQuota)?,
            per_call,
            long_rows: long,
            short_rows: short,
        })
    }

    /// The address of the server with these responses.
    pub(crate) fn address(&self, answers: Answers) -> &str {
        &self.server(answers).address
    }

    fn server(&self, answers: Answers) -> &Server {
        match answers {
            Answers::Plain => &self.plain,
            Answers::WithQuota => &self.with_quota,
        }
    }

    /// The bare loop and `hubassoc import`, and both again with the headers of real responses to
    /// read, in the order of the positions.
    pub(crate) fn our_own(&self) -> Result<Vec<Contender>, Box<dyn Error>> {
        let input = write_input(self.folder.path(), self.long_rows)?;
        let import = |name, answers| {
            Ok::<_, Box<dyn Error>>(Contender {
                name,
                program: program::PATH.to_owned(),
                args: program::args(&input, self.server(answers), self.per_call)?,
                answers,
                rows: Some(self.long_rows),
            })
        };
        Ok(vec![
            self.bare("bare reqwest loop", Answers::Plain)?,
            import("hubassoc import", Answers::Plain)?,
            self.bare("bare, quota headers", Answers::WithQuota)?,
            import("import, quota headers", Answers::WithQuota)?,
        ])
    }

    fn bare(&self, name: &'static str, answers: Answers) -> Result<Contender, Box<dyn Error>> {
        let bench = std::env::current_exe()?;
        let bench = bench.to_str().ok_or("the bench's path is no text")?;
        let rows = self.long_rows.to_string();
        let per_call = self.per_call.to_string();
        let args = ["bare", self.address(answers), &rows, &per_call];
        Ok(Contender {
            name,
            program: bench.to_owned(),
            args: args.map(str::to_owned).into(),
            answers,
            rows: Some(self.long_rows),
        })
    }

    /// Lets one contender send its rows once.
    pub(crate) fn run(&self, contender: &Contender) -> Result<RunCost, Box<dyn Error>> {
        let (name, server) = (contender.name, self.server(contender.answers));
        server.take_calls()?;
        let cost = cost::measure(&contender.program, &contender.args)?;
        let calls = server.take_calls()?;
        remove_run(&results(
            &self.folder.path().join(format!("{}.csv", self.long_rows)),
        ));
        let sent = calls * self.per_call;
        let rows = contender.rows.unwrap_or(sent);
        if sent < rows || sent == 0 {
            return Err(format!("{name} sent {calls} calls, which are too few").into());
        }
        Ok(RunCost { cost, rows, calls })
    }
}

/// One of the programs that are measured.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) program: String,
    pub(crate) args: Vec<String>,
    /// The responses that it gets.
    pub(crate) answers: Answers,
    /// How many rows it sends. None if it sends as much as it can in a given time.
    pub(crate) rows: Option<u64>,
}

/// The result of one run.
pub(crate) struct RunCost {
    cost: Cost,
    rows: u64,
    calls: u64,
}

#[expect(clippy::cast_precision_loss, reason = "figures to be looked at")]
impl RunCost {
    /// Processor time.
    pub(crate) fn micros_per_row(&self) -> f64 {
        self.cost.cpu_micros / self.rows as f64
    }

    /// Elapsed time.
    pub(crate) fn thousands_per_second(&self) -> f64 {
        self.rows as f64 * 1000.0 / self.cost.wall_micros
    }

    pub(crate) fn rows_per_call(&self) -> f64 {
        self.rows as f64 / self.calls as f64
    }
}
