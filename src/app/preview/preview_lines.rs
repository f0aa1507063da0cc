//! The lines of the preview before the first row: where the rows go, in which direction, what
//! else they change, and how long it will take.

use std::time::Duration;

use super::{input_preview::InputPreview, single_link_conflicts::SingleLinkConflicts};
use crate::{
    association::{Category, Definition},
    caller::Pace,
    cell::clean,
    cli::{ImportArgs, PaceArgs},
    hubspot::ApiVersion,
    input::{InputFormat, InputOptions, InputPath, InputShape},
    messages::KeysInLog,
    output::{TotalRows, duration, number, plural},
    rate::Rate,
    redaction::without_addresses,
};

/// Above this many definitions, only their number is shown.
const DEFINITIONS_NAMED: usize = 5;

/// From this many rows on, batches save minutes.
const LARGE: u64 = 1_000;

/// The most characters that the name of a sheet can have.
const SHEET_CHARS: usize = 31;

/// How an input is read: its kind of file, its columns, its cells.
pub(crate) fn reading_lines(
    options: &InputOptions,
    shape: &InputShape,
) -> impl Iterator<Item = String> {
    let input = [input_line(&options.path, shape)].into_iter();
    input
        .chain(columns_line(shape))
        .chain(split_line(options, shape))
}

/// How an input is read, and what its rows mean.
pub(crate) fn what_is_read(
    options: &InputOptions,
    shape: &InputShape,
    keys_in_log: KeysInLog,
) -> impl Iterator<Item = String> {
    let mut preview = InputPreview::new(options, shape);
    if keys_in_log.is_redacted() && options.labels.is_none() {
        // As long as the labels of the account are not known, a label is any text of a cell.
        let is_published = |definition: &Definition| {
            definition.association_type().category == Category::HubSpotDefined
        };
        preview.definitions.retain(is_published);
        preview
            .first
            .take_if(|link| !is_published(&link.definition));
    }
    reading_lines(options, shape).chain(definition_lines(&preview))
}

/// Encoding, delimiter, kind of file.
fn input_line(path: &InputPath, shape: &InputShape) -> String {
    let results = if shape.from_results {
        ", results of an earlier run"
    } else {
        ""
    };
    let name = clean(&path.to_string(), 200);
    let format = match &shape.format {
        InputFormat::Delimited { encoding, gzip } => {
            let gzip = if *gzip { ", gzip" } else { "" };
            format!("{encoding}{gzip}, {}-separated", shape.delimiter)
        }
        InputFormat::Workbook { sheet } => {
            format!("workbook, sheet '{}'", clean(sheet, SHEET_CHARS))
        }
    };
    format!("reading {name} ({format}{results})")
}

/// Which columns are from and to, if they have keys or were found by their usual names.
pub(crate) fn columns_line(shape: &InputShape) -> Option<String> {
    let columns = shape.named_columns.as_ref()?;
    let [from, to] = columns.each_ref().map(|column| {
        let name = without_addresses(&column.name);
        match (column.object_type, column.property) {
            (Some(object_type), Some(property)) => format!("{name} ({object_type} by {property})"),
            (Some(object_type), None) => format!("{name} ({object_type})"),
            (None, Some(property)) => format!("{name} (by {property})"),
            (None, None) => name,
        }
    });
    Some(format!("columns: {from} → {to}"))
}

/// That cells with several ids or keys are split, and into what.
fn split_line(options: &InputOptions, shape: &InputShape) -> Option<String> {
    let separator = match options.split?.character() {
        '\n' => "line breaks".to_owned(),
        character => format!("'{character}'"),
    };
    let pieces = if shape.has_keys() { "id or key" } else { "id" };
    Some(format!(
        "cells are split at {separator}: each {pieces} is a row of its own"
    ))
}

/// Until when HubSpot supports the API, if its end is known.
pub(crate) fn api_line(api_version: ApiVersion) -> Option<String> {
    let ends = api_version.support_ends()?;
    let next = ApiVersion::LATEST;
    Some(format!(
        "note: HubSpot supports API {api_version} until {ends}; to see if this file works with the \
         next one, run `hubassoc check --api {next}`"
    ))
}

/// Whether existing associations are read first, and the consequence if they are not.
pub(crate) fn read_first_line(
    args: &ImportArgs,
    preview: &InputPreview,
    is_resumed: bool,
) -> Option<String> {
    let words = match (args.reads_before_write(), args.skip_existing) {
        (_, true) => "reading existing associations first; existing links are not sent again",
        (true, false) => "reading existing associations first, to keep their labels",
        (false, false) => {
            let displaced = displaced_text(preview)?;
            // A run that began without reading first cannot do so later.
            let remedy = if is_resumed {
                ""
            } else {
                "; use --skip-existing to record them first"
            };
            return Some(format!(
                "note: `undo` cannot restore {displaced} that this import replaces{remedy}"
            ));
        }
    };
    Some(words.to_owned())
}

/// What the links may displace from records that can have only one; `None` if nothing.
fn displaced_text(preview: &InputPreview) -> Option<&'static str> {
    let exclusive = || {
        preview
            .definitions
            .iter()
            .filter(|definition| definition.is_exclusive())
    };
    let (mut primary, mut parents) = (exclusive(), exclusive());
    let primary = primary.any(|definition| definition.sets_primary());
    match (
        primary,
        parents.any(|definition| !definition.sets_primary()),
    ) {
        (true, true) => Some("primary companies and parents"),
        (true, false) => Some("primary companies"),
        (false, true) => Some("parents"),
        (false, false) => None,
    }
}

/// What the links mean, as far as the preview has seen them.
pub(crate) fn definition_lines(preview: &InputPreview) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(link) = preview.first {
        lines.push(format!("first link: {link}"));
    }
    let all: Vec<_> = preview.definitions.iter().copied().collect();
    if !all.is_empty() {
        lines.push(format!("definitions: {}", definition_names(&all)));
    }
    let primary = all.iter().filter(|d| d.sets_primary());
    let primary: Vec<_> = primary.copied().collect();
    if !primary.is_empty() {
        let names = definition_names(&primary);
        let sets = if primary.len() == 1 { "sets" } else { "set" };
        lines.push(format!("note: {names} {sets} the primary company"));
    }
    let unknown: Vec<_> = all.iter().filter(|d| d.info().is_none()).copied().collect();
    if !unknown.is_empty() {
        let names = definition_names(&unknown);
        lines.push(format!(
            "note: definition {names} is not in HubSpot's published list for this API; HubSpot will \
             accept or refuse it (for a definition of another API, give --api)"
        ));
    }
    lines
}

fn definition_names(definitions: &[Definition]) -> String {
    let named = definitions
        .iter()
        .take(DEFINITIONS_NAMED)
        .map(ToString::to_string);
    let more = definitions.len().saturating_sub(DEFINITIONS_NAMED);
    let more = (more > 0).then(|| format!("{more} more"));
    named.chain(more).collect::<Vec<_>>().join(", ")
}

/// How rows are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendEstimate {
    pace: Pace,
    rows_per_call: usize,
    /// The most rows in a call.
    max_rows_per_call: usize,
    /// Rows per call that reads existing associations; `None` if nothing is read.
    rows_per_read: Option<usize>,
    /// See [`SingleLinkConflicts::max_rows_per_record`].
    min_calls: u64,
}

impl SendEstimate {
    /// The estimate for these arguments, with these conflicts between rows.
    pub(crate) fn new(
        args: &PaceArgs,
        api_version: ApiVersion,
        reads_first: bool,
        conflicts: &SingleLinkConflicts,
    ) -> Self {
        let max_rows = api_version.max_links_per_call();
        Self {
            rows_per_read: reads_first.then_some(api_version.rows_per_read()),
            pace: args.rate.0,
            rows_per_call: args.batch.rows(max_rows),
            max_rows_per_call: max_rows,
            min_calls: conflicts.max_rows_per_record(),
        }
    }
}

/// That a sheet has merged cells, which look as if all of them had the value.
pub(crate) fn merged_cells_line(merged_cells: u64) -> Option<String> {
    let cells = plural(merged_cells, "merged cell", "merged cells");
    (merged_cells > 0).then(|| {
        format!("note: the sheet has {cells}; only the first row and column of each has its value")
    })
}

/// How many rows are sent at which pace, and how long that takes.
pub(crate) fn amount_line(total: &TotalRows, shape: &InputShape, estimate: SendEstimate) -> String {
    let pace = estimate.pace;
    let at_most = |rate: Rate| {
        let calls = plural(rate.calls.get().into(), "call", "calls");
        format!("at most {calls} in {}", duration(rate.window))
    };
    let pace_words = match pace {
        Pace::Auto => at_most(Rate::SAFE) + " until HubSpot reports its limit",
        Pace::Limited(rate) => at_most(rate),
        Pace::Unlimited => "without a limit".to_owned(),
    };
    let calls = expected_calls(total, estimate);
    let in_calls = match calls {
        Some(calls) if estimate.rows_per_call > 1 || estimate.rows_per_read.is_some() => {
            format!(" in {}", plural(calls, "call", "calls"))
        }
        Some(_) | None => String::new(),
    };
    match (total, calls.and_then(|calls| expected_time(calls, pace))) {
        (total, _) if total.rows().is_none() => {
            let size = shape
                .bytes_total
                .map(|bytes| format!(" in {} bytes", number(bytes)));
            format!("{total}{}, {pace_words}", size.unwrap_or_default())
        }
        (_, Some(time)) => format!("{total}{in_calls}, {pace_words}: about {}", duration(time)),
        (_, None) => format!("{total}{in_calls}, {pace_words}"),
    }
}

/// What batches would save for a large import with single calls.
pub(crate) fn batch_hint(total: &TotalRows, estimate: SendEstimate) -> Option<String> {
    let batches = SendEstimate {
        rows_per_call: estimate.max_rows_per_call,
        ..estimate
    };
    let calls = expected_calls(total, batches).filter(|_| estimate.rows_per_call == 1)?;
    if total.rows()? < LARGE {
        return None;
    }
    let time =
        expected_time(calls, estimate.pace).map(|time| format!(", about {}", duration(time)));
    Some(format!(
        "tip: --batch max needs only {}{}",
        plural(calls, "call", "calls"),
        time.unwrap_or_default()
    ))
}

fn expected_calls(total: &TotalRows, estimate: SendEstimate) -> Option<u64> {
    let rows = total.rows()?;
    let full = rows.div_ceil(estimate.rows_per_call.try_into().ok()?);
    let reads = match estimate.rows_per_read {
        Some(rows_per_read) => rows.div_ceil(rows_per_read.try_into().ok()?),
        None => 0,
    };
    Some(full.max(estimate.min_calls.min(rows)) + reads)
}

/// How long this many calls take.
pub(crate) fn expected_time(calls: u64, pace: Pace) -> Option<Duration> {
    let rate = match pace {
        Pace::Auto => Rate::SAFE,
        Pace::Limited(rate) => rate,
        Pace::Unlimited => return None,
    };
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    let windows = calls as f64 / f64::from(rate.calls.get());
    Duration::try_from_secs_f64(rate.window.as_secs_f64() * windows).ok()
}
