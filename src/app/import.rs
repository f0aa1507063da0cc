//! `import`: reader → delivery → recorder, and the words around it.

use std::{ffi::OsString, sync::Arc};

use futures_util::stream;
use jiff::Timestamp;
use tracing::warn;

use super::{
    AppError, preamble,
    run::{Ended, Run},
    runtime, signals,
    survey::Survey,
};
use crate::{
    cli::ImportArgs,
    config,
    delivery::{Delivery, Pacer, RetryPolicy},
    exit::ExitCode,
    hubspot::{ClientOptions, Credentials, HubSpot, Secret},
    import,
    input::{self, Input},
    output::{Progress, ProgressStyle, Recorder, Results, Screen, Summary, path},
    sandbox::{Sandbox, SandboxOptions},
    stop::{Stop, StopReason},
};

/// Imports a file.
pub(super) fn import(
    args: &ImportArgs,
    screen: &Screen,
    style: ProgressStyle,
    typed: &[OsString],
) -> Result<ExitCode, AppError> {
    let options = config::input(&args.input);
    let results_path = config::results_path(args, &options.path)?;
    config::check_summary(args.summary.as_deref(), &results_path)?;
    let (client, sandbox) = client(args)?;
    let target = if sandbox.is_some() {
        Summary::SANDBOX.to_owned()
    } else {
        client.base_url.to_string()
    };
    let api = HubSpot::new(client)?;
    let input = input::open(&options)?;
    let shape = input.shape().clone();
    let results = Results::create(
        &results_path,
        &shape.header,
        shape.delimiter.byte(),
        shape.bom,
    )?;
    let run = Run {
        options,
        shape,
        results_path,
        target,
        started_at: Timestamp::now(),
        stop: Stop::default(),
        sandbox,
    };
    let ended = runtime()?.block_on(run.go(args, input, api, results, (screen, style)))?;
    run.close(args, screen, typed, &ended)
}

/// What the client needs, and the sandbox if there is to be one.
fn client(args: &ImportArgs) -> Result<(ClientOptions, Option<Sandbox>), AppError> {
    let (base_url, credentials, sandbox) = if args.sandbox {
        let sandbox = Sandbox::start(SandboxOptions::default())?;
        let token = Secret::new("sandbox", "the sandbox").map_err(config::ConfigError::from)?;
        let url = config::base_url(&sandbox.base_url())?;
        (url, Credentials::Token(token), Some(sandbox))
    } else {
        let (credentials, warnings) = config::credentials(args.token_file.as_deref())?;
        for warning in warnings {
            warn!("{warning}");
        }
        (config::base_url(&args.base_url)?, credentials, None)
    };
    let options = ClientOptions {
        base_url,
        credentials,
        timeout: args.timeout.0,
        connect_timeout: args.connect_timeout.0,
        extra_roots: config::extra_roots(args.ca_file.as_deref().filter(|_| !args.sandbox))?,
    };
    Ok((options, sandbox))
}

impl Run {
    /// From the first row to the last.
    async fn go(
        &self,
        args: &ImportArgs,
        input: Input,
        api: HubSpot,
        results: Results<std::fs::File>,
        (screen, style): (&Screen, ProgressStyle),
    ) -> Result<Ended, AppError> {
        let _listening = signals::listen(&self.stop, screen)?;
        let survey = Survey::of(&self.options, &self.shape);
        self.introduce(args, screen, &survey);
        let pacer = Pacer::new(args.rate.0, args.max_wait.0);
        let retry = RetryPolicy {
            max_attempts: args.max_attempts,
        };
        let concurrency = args.concurrency.0.get();
        let delivery = Delivery::new(api, pacer, retry, concurrency, self.stop.clone());
        let delivery = delivery.expecting(None);
        let activity = delivery.activity();
        let mut recorder = Recorder::new(results);
        let shown = (recorder.tally().counts(), Arc::clone(&activity));
        let progress = Progress::start(style, screen.clone(), survey.total, shown);
        let (rows, reader) = input::spawn(input);
        let rows = stream::unfold(rows, async |mut rows| Some((rows.recv().await?, rows)));
        import::run(rows, &delivery, (&self.stop, concurrency), |r| {
            recorder.record(r)
        })
        .await;
        drop(progress);
        let (tally, results) = recorder.finish();
        if let Err(error) = results.sync() {
            self.stop.request(StopReason::Output(error.to_string()));
        }
        let (reading, broken_input) = reader.finish();
        Ok(Ended {
            tally,
            activity,
            reading,
            broken_input,
        })
    }

    fn introduce(&self, args: &ImportArgs, screen: &Screen, survey: &Survey) {
        screen.say(&preamble::reading(&self.options.path, &self.shape));
        let target = if self.sandbox.is_some() {
            "a sandbox inside this program (ids that end in 404 are missing there)".to_owned()
        } else {
            format!("HubSpot (API v1) at {}", self.target)
        };
        screen.say(&format!("sending to {target}"));
        for line in preamble::meaning(survey) {
            screen.say(&line);
        }
        screen.say(&preamble::amount(&survey.total, &self.shape, args.rate.0));
        screen.say(&format!("results go to {}", path(&self.results_path)));
    }
}
