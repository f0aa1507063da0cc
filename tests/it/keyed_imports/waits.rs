//! What a person at a terminal sees while missing domains wait for another search.
#![cfg(unix)]

use super::{account::Account, server::KeyedServer};
use crate::support::{terminal::TerminalSession, workdir::Workdir};

#[test]
fn a_wait_for_another_search_is_shown() {
    let server = KeyedServer::start(Account::with_companies(1));
    let rows = "from_object_id,to_domain,definition_id\n\
                1,c1.com,1\n1,c2.com,1\n1,c3.com,1\n";
    for (command, counted) in [
        ("import links.csv", "1 succeeded, 0 failed"),
        ("check links.csv --online", "1 ready, 0 failed"),
    ] {
        let workdir = Workdir::with(rows);
        let line = format!("{command} --base-url {}", server.base_url());
        let mut run = TerminalSession::start_drawing(&workdir, &line);
        let awaited = format!("{counted}, looking again for 2 domains in ");
        run.until(&[&awaited]);
        assert!(run.said.contains(&awaited), "{}", run.said);
        assert!(run.said.contains(" of 3 rows, "), "{}", run.said);
        run.signal("-TERM").until(&["never said"]).exits(143);
    }
}
