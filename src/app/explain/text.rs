//! An explanation as people read it, on a terminal of 80 columns. Commands stay on one line, because
//! they are copied.

use super::{
    explanation::{ExplainedCause, Explanation},
    known_run::{KnownRun, ResultsOrigin},
};
use crate::{
    cause::RowLocation,
    journal::{LoggedRun, run_log_path},
    messages::ResendBenefit,
    output::{number, path, plural, status_count},
};

/// The columns of a terminal.
const WIDTH: usize = 80;

/// The widest name before a text.
const NAME_WIDTH: usize = 12;

/// An explanation as text.
pub(super) fn of(explanation: &Explanation) -> String {
    let mut page = Page::default();
    head(explanation, &mut page);
    if explanation.causes.is_empty() {
        page.line("");
        page.line(match explanation.origin {
            ResultsOrigin::Import => "nothing to explain: no row failed or is invalid",
            ResultsOrigin::Verify => "nothing to explain: no link is missing or unreadable",
            ResultsOrigin::Undo => "nothing to explain: no link was kept, and no row failed",
        });
        return page.text;
    }
    let line_word = explanation.run.line_word();
    for (cause, at) in explanation.causes.iter().zip(1_usize..) {
        page.line("");
        page.line(&format!(
            "{at}. {} {}",
            plural(cause.group.rows, "row", "rows"),
            code_text(&cause.group.code)
        ));
        cause_lines(cause, line_word, &mut page);
    }
    rest_line(explanation, &mut page);
    page.text
}

/// What is known of the file and its run.
fn head(explanation: &Explanation, page: &mut Page) {
    page.named("file", &path(&explanation.file));
    match &explanation.run.import {
        Some(run) => run_lines(explanation, run, page),
        None => page.named("run", &unknown_run(explanation)),
    }
    let rows = &explanation.rows;
    let all = rows.iter().map(|(_, rows)| rows).sum();
    let counts: Vec<_> = rows
        .iter()
        .filter(|(_, rows)| **rows > 0)
        .map(|(status, rows)| status_count(*rows, status))
        .collect();
    let counts = match counts.as_slice() {
        [] => String::new(),
        counts => format!(": {}", counts.join(", ")),
    };
    page.named("rows", &format!("{}{counts}", number(all)));
    notes(explanation, page);
    if let Some(next) = &explanation.to_complete {
        page.named("not ended", &next.words);
        page.command(&next.command);
    }
    if !explanation.causes.is_empty() {
        page.named("causes", &causes_text(explanation));
    }
}

/// `7, of 3,000 rows`
fn causes_text(explanation: &Explanation) -> String {
    let rows = plural(explanation.explained_rows, "row", "rows");
    let (explained, all) = (explanation.causes.len(), explanation.all_causes);
    let which = if explained == all {
        String::new()
    } else {
        format!("; the {explained} largest are explained")
    };
    format!("{}, of {rows}{which}", number(all as u64))
}

fn run_lines(explanation: &Explanation, run: &LoggedRun, page: &mut Page) {
    let info = run.info();
    let input = path(&info.input.name);
    let command = match &info.input.plan {
        Some(plan) => format!("apply of {} to", path(&plan.document)),
        None => "import of".to_owned(),
    };
    let import = format!("{command} {input}, started {:.0}", info.at);
    page.named(
        "run",
        &match explanation.origin {
            ResultsOrigin::Import => import,
            ResultsOrigin::Verify | ResultsOrigin::Undo => format!(
                "{} of {} ({import})",
                explanation.origin.command(),
                path(run.results())
            ),
        },
    );
    let api = &info.server.api;
    let target = if KnownRun::is_rehearsal(run) {
        format!("a sandbox (a rehearsal), API {api}")
    } else {
        let account = run.account();
        let account = account.map_or_else(|| "not known".to_owned(), |id| id.to_string());
        format!("{account}, {} (API {api})", info.server.target)
    };
    page.named("account", &target);
    if let Some(at) = run.undone_at() {
        page.named("undone", &format!("{at:.0}"));
    }
}

/// That no log was found, and what is not known for that reason.
fn unknown_run(explanation: &Explanation) -> String {
    let why = explanation
        .run
        .unusable_log
        .clone()
        .unwrap_or_else(|| format!("{} is not there", path(&run_log_path(&explanation.file))));
    format!(
        "not known, because {why}. So it is not known when it ran and to which account, and no \
         commands are given. Keep that file beside the results."
    )
}

/// What else there is to know about the file.
fn notes(explanation: &Explanation, page: &mut Page) {
    if explanation.run.is_running {
        page.named(
            "note",
            "the run is still going on; these are the rows so far. The commands are given once it \
             has ended.",
        );
    }
    if explanation.lines.is_torn && !explanation.run.is_running {
        page.named("note", "the last line is incomplete and is not counted");
    }
    let unreadable = explanation.lines.unreadable;
    if unreadable > 0 {
        let lines = plural(unreadable, "line has", "lines have");
        page.named(
            "note",
            &format!("{lines} no row number or status that can be read; they are not counted"),
        );
    }
}

fn cause_lines(cause: &ExplainedCause, line_word: &str, page: &mut Page) {
    let unknown = "this version of hubassoc does not know the code";
    let (happened, cure, resend) = match &cause.advice {
        Some(advice) => (advice.cause, advice.cure, resend_words(advice.resend)),
        None => (unknown, "Read the message.", "not known"),
    };
    page.named("happened", happened);
    if !cause.group.message.is_empty() {
        page.named("message", &cause.group.message);
    }
    page.named("examples", &examples(cause, line_word));
    page.named("to do", cure);
    page.named("send again", resend);
    if let Some(next) = &cause.next {
        page.named("command", &next.words);
        page.command(&next.command);
    }
}

fn code_text(code: &str) -> &str {
    match code {
        "" => "without a code",
        code => code,
    }
}

/// Whether it helps to send rows again.
fn resend_words(resend: ResendBenefit) -> &'static str {
    match resend {
        ResendBenefit::Yes => "yes, it may help",
        ResendBenefit::Later => "later: it may help when the cause has passed",
        ResendBenefit::AfterCorrection => "helps only after the cause is corrected",
        ResendBenefit::No => "does not help",
    }
}

/// `rows 3 (line 4), 9 (line 10), 12 (line 13) and 1,197 more`
fn examples(cause: &ExplainedCause, line_word: &str) -> String {
    let place = |RowLocation { row, line }: &RowLocation| match line {
        0 => row.to_string(),
        line => format!("{row} ({line_word} {line})"),
    };
    let places: Vec<_> = cause.group.first.iter().map(place).collect();
    let word = if cause.group.rows == 1 { "row" } else { "rows" };
    let more = match cause.group.rows.saturating_sub(places.len() as u64) {
        0 => String::new(),
        more => format!(" and {} more", number(more)),
    };
    format!("{word} {}{more}", places.join(", "))
}

/// Rows whose causes are not explained, because there are too many causes.
fn rest_line(explanation: &Explanation, page: &mut Page) {
    let explained: u64 = explanation
        .causes
        .iter()
        .map(|cause| cause.group.rows)
        .sum();
    let rest = explanation.explained_rows.saturating_sub(explained);
    if rest > 0 {
        page.line("");
        let rows = plural(rest, "more row", "more rows");
        page.wrapped(
            &format!(
                "… and {rows} with other causes; {} has all of them",
                path(&explanation.file)
            ),
            0,
        );
    }
}

/// Lines that are not too long.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A text after its name.
    fn named(&mut self, name: &str, text: &str) {
        let name = format!("{name}:");
        self.wrapped(&format!("{name:NAME_WIDTH$}{text}"), NAME_WIDTH);
    }

    /// A command on a line of its own.
    fn command(&mut self, command: &str) {
        self.line(&format!("  {command}"));
    }

    /// A text whose further lines are indented. A word that is too long has a line of its own.
    fn wrapped(&mut self, text: &str, indent: usize) {
        let mut line = String::new();
        let mut is_empty = true;
        for word in text.split(' ') {
            let width = line.chars().count() + 1 + word.chars().count();
            if !is_empty && width > WIDTH {
                self.line(line.trim_end());
                line = " ".repeat(indent);
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        self.line(line.trim_end());
    }
}
