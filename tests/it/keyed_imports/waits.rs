//! What a person at a terminal sees while missing domains wait for another search.

use super::{account::Account, inputs::by_domain, server::KeyedServer};
use crate::support::{terminal::TerminalSession, workdir::Workdir};

#[test]
fn a_wait_for_another_search_is_shown() {
    let server = KeyedServer::start(Account::with_companies(1));
    for (command, counted) in [
        ("import links.csv", "1 succeeded, 0 failed"),
        ("check links.csv --online", "1 ready, 0 failed"),
    ] {
        let workdir = Workdir::with(by_domain(1..=3));
        let line = format!("{command} --base-url {}", server.base_url());
        let mut run = TerminalSession::start_drawing(&workdir, &line);
        let awaited = format!("{counted}, looking again for 2 domains in ");
        run.until(&[&awaited]);
        assert!(run.said.contains(&awaited), "{}", run.said);
        assert!(run.said.contains(" of 3 rows, "), "{}", run.said);
        run.signal("-TERM").until(&["never said"]).exits(143);
    }
}
