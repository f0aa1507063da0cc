//! The configuration file (`--config`): what it sets, what comes before it, and what it cannot
//! say.

mod order;
mod refusals;
mod suggestions;

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links, sandbox,
    workdir::{Transcript, Workdir},
};

const NIGHTLY: &str = "nightly.toml";

/// A directory with `links.csv` of these contacts, a configuration file, and a token.
fn configured(contacts: impl IntoIterator<Item = u64>, config: &str) -> Workdir {
    let workdir = Workdir::with(links(contacts));
    workdir.write(NIGHTLY, config);
    workdir.write("token", "pat-x");
    workdir
}

/// A file that alone configures an import into this server, with the token in `token`.
fn for_server(url: &str, further: &str) -> String {
    format!("base-url = '{url}'\ntoken-file = 'token'\n{further}")
}

/// The command on the line after these words, without the program.
fn command_after(ran: &Transcript, words: &str) -> String {
    let mut lines = ran.stderr.lines();
    lines.find(|line| line.contains(words));
    let command = lines.next().unwrap_or_default().trim();
    let command = command.strip_prefix("hubassoc ");
    command
        .unwrap_or_else(|| panic!("no command\n{ran}"))
        .to_owned()
}
