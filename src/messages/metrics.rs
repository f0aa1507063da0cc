//! The metrics of a command: their names, what they mean, and their labels.
//!
//! Knows nothing of the text format. A file of one of these names is this program's.

use jiff::Timestamp;

use crate::{
    caller::{CallKind, CallKindStats, CallLatency},
    output::{
        CallFigures, GoodEnds, MetricFamily, MetricKind, MetricLabels, MetricSample, RunFigures,
        StatusCounts, sample_value,
    },
};

/// How a metrics file of this program begins.
pub const METRICS_FILE_BEGINS: &str = "# HELP hubassoc_run_";

const IN_PROGRESS: &str = "hubassoc_run_in_progress";
const LAST_SUCCESS: &str = "hubassoc_run_last_success_timestamp_seconds";
const LAST_COMPLETION: &str = "hubassoc_run_last_completion_timestamp_seconds";

/// The metrics with these figures. What is not known has no samples: unknown is not 0.
#[must_use]
pub fn metric_families(figures: &RunFigures<'_>) -> Vec<MetricFamily> {
    let labels = labels(figures.run, figures.command);
    let mut families = times(figures, &labels);
    families.extend(rows(figures, &labels));
    families.extend(calls(&figures.calls, &labels));
    families
}

/// When a command last ended well, as the text of an earlier metrics file of it says.
#[must_use]
pub fn earlier_good_ends(text: &str, run: &str, command: &'static str) -> GoodEnds {
    let labels = labels(run, command);
    GoodEnds {
        success: sample_value(text, LAST_SUCCESS, &labels),
        completion: sample_value(text, LAST_COMPLETION, &labels),
    }
}

/// Whether the text of a metrics file says that a run is in progress, of whatever command.
#[must_use]
pub fn says_in_progress(text: &str) -> bool {
    let mut samples = text
        .lines()
        .filter_map(|line| line.strip_prefix(IN_PROGRESS));
    samples.any(|sample| sample.ends_with("} 1"))
}

/// A time as Prometheus has it: seconds since 1970.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this age are exact"
)]
pub fn unix_seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1e3
}

/// The labels of every sample. A label `job` would clash with the one that Prometheus gives.
fn labels(run: &str, command: &str) -> MetricLabels {
    vec![("run", run.to_owned()), ("command", command.to_owned())]
}

/// When it began and ended, and how.
fn times(figures: &RunFigures<'_>, labels: &MetricLabels) -> Vec<MetricFamily> {
    let gauge = |name, help, value: Option<f64>| gauge(name, help, labels, value);
    let end = figures.end;
    vec![
        gauge(
            IN_PROGRESS,
            "1 while a run is in progress, 0 when it has ended.",
            Some(if end.is_none() { 1.0 } else { 0.0 }),
        ),
        gauge(
            "hubassoc_run_start_timestamp_seconds",
            "When the latest run began.",
            Some(unix_seconds(figures.started_at)),
        ),
        gauge(
            "hubassoc_run_last_update_timestamp_seconds",
            "When these metrics were written. A run in progress writes them every 15 seconds.",
            Some(unix_seconds(figures.at)),
        ),
        gauge(
            "hubassoc_run_end_timestamp_seconds",
            "When the latest run ended.",
            end.map(|_| unix_seconds(figures.at)),
        ),
        gauge(
            "hubassoc_run_exit_code",
            "The exit code of the latest run: 0 means success, 1 that some rows are bad.",
            end.map(|end| f64::from(end.exit_code)),
        ),
        gauge(
            LAST_SUCCESS,
            "When a run last ended with exit code 0.",
            figures.good_ends.success,
        ),
        gauge(
            LAST_COMPLETION,
            "When a run last ended with exit code 0 or 1, with an outcome of every row.",
            figures.good_ends.completion,
        ),
        gauge(
            "hubassoc_run_duration_seconds",
            "How long the latest run has taken so far, or took.",
            Some(figures.duration.as_secs_f64()),
        ),
    ]
}

/// How its rows ended.
fn rows(figures: &RunFigures<'_>, labels: &MetricLabels) -> [MetricFamily; 2] {
    let rows = figures.rows.iter().flat_map(StatusCounts::iter);
    let samples = rows.map(|(status, rows)| MetricSample {
        suffix: "",
        labels: with(labels, "status", status.word()),
        value: count(rows),
    });
    [
        MetricFamily {
            name: "hubassoc_run_rows",
            help: "Rows of the latest run by status, those of earlier sessions included.",
            kind: MetricKind::Gauge,
            samples: samples.collect(),
        },
        gauge(
            "hubassoc_run_rows_unsettled",
            "Rows of the latest run that were not sent, or whose outcome is not known.",
            labels,
            figures.end.and_then(|end| end.unsettled).map(count),
        ),
    ]
}

/// What it took.
fn calls(calls: &CallFigures, labels: &MetricLabels) -> [MetricFamily; 5] {
    let by_kind = CallKind::ALL.into_iter().map(|kind| {
        let counted = calls.by_kind.iter().find(|stats| stats.kind == kind);
        MetricSample {
            suffix: "",
            labels: with(labels, "kind", kind.as_str()),
            value: count(counted.map_or(0, |stats| stats.calls)),
        }
    });
    let ended = calls.by_kind.iter().filter(|stats| stats.latency.ended > 0);
    let durations = ended.flat_map(|stats| durations(stats, labels));
    [
        MetricFamily {
            name: "hubassoc_run_calls",
            help: "Requests that the latest run sent, by kind.",
            kind: MetricKind::Gauge,
            samples: by_kind.collect(),
        },
        gauge(
            "hubassoc_run_retries",
            "Requests of the latest run that were sent again after a passing fault.",
            labels,
            Some(count(calls.retries)),
        ),
        gauge(
            "hubassoc_run_throttled_calls",
            "Answers with status 429 in the latest run.",
            labels,
            Some(count(calls.throttled)),
        ),
        gauge(
            "hubassoc_run_daily_calls_remaining",
            "Calls that the account had left for the day, as HubSpot said last in this run.",
            labels,
            calls.daily_remaining.map(count),
        ),
        MetricFamily {
            name: "hubassoc_run_call_duration_seconds",
            help: "How long requests of the latest run took, by kind.",
            kind: MetricKind::Summary,
            samples: durations.collect(),
        },
    ]
}

/// The quantiles of one kind, their sum and their count.
fn durations(stats: &CallKindStats, labels: &MetricLabels) -> Vec<MetricSample> {
    let labels = with(labels, "kind", stats.kind.as_str());
    let latency = &stats.latency;
    let quantiles = CallLatency::PERCENTS.iter().zip(latency.quantiles);
    let mut samples: Vec<_> = quantiles
        .map(|(percent, took)| MetricSample {
            suffix: "",
            labels: with(&labels, "quantile", &(count(*percent) / 100.0).to_string()),
            value: took.as_secs_f64(),
        })
        .collect();
    let of_all = [
        ("_sum", latency.total.as_secs_f64()),
        ("_count", count(latency.ended)),
    ];
    samples.extend(of_all.map(|(suffix, value)| MetricSample {
        suffix,
        labels: labels.clone(),
        value,
    }));
    samples
}

/// A family with one sample, or with none.
fn gauge(
    name: &'static str,
    help: &'static str,
    labels: &MetricLabels,
    value: Option<f64>,
) -> MetricFamily {
    let sample = value.map(|value| MetricSample {
        suffix: "",
        labels: labels.clone(),
        value,
    });
    MetricFamily {
        name,
        help,
        kind: MetricKind::Gauge,
        samples: sample.into_iter().collect(),
    }
}

/// These labels and one more.
fn with(labels: &MetricLabels, name: &'static str, value: &str) -> MetricLabels {
    let mut labels = labels.clone();
    labels.push((name, value.to_owned()));
    labels
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
fn count(count: u64) -> f64 {
    count as f64
}
