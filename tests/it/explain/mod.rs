//! `explain`: what a person reads about a file of results.

mod causes;
mod files;
mod reports;

use crate::support::workdir::{Transcript, Workdir};

/// What `explain` says about a file, whose lines fit a terminal of 80 columns. Only commands and long
/// words may be longer.
fn explained(workdir: &Workdir, file: &str) -> String {
    let ran = workdir.run("explain").arg(file).exits(0);
    page_of(&ran)
}

fn page_of(ran: &Transcript) -> String {
    assert_eq!(ran.stderr, "", "{ran}");
    let page = ran.stdout();
    for line in page.lines().filter(|line| !line.starts_with("  hubassoc ")) {
        let is_one_word = !line.trim_start().contains(' ');
        assert!(line.chars().count() <= 80 || is_one_word, "{line}\n{page}");
    }
    page
}

/// The codes of the causes, with their rows.
fn causes(page: &str) -> Vec<&str> {
    let heads = page.lines().filter_map(|line| {
        let (number, head) = line.split_once(". ")?;
        number.parse::<u32>().ok().map(|_| head)
    });
    heads.collect()
}

/// All commands, in their order.
fn commands(page: &str) -> Vec<&str> {
    let commands = page.lines().filter(|line| line.starts_with("  hubassoc "));
    commands.map(str::trim_start).collect()
}
