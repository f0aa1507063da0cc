//! The account that the examples of a page are run against: a sandbox in the test, which
//! the page shows as HubSpot itself.

use std::{ffi::OsString, path::Path};

use hubassoc::{
    cli::{Cli, Command},
    sandbox::Sandbox,
};

/// What the pages show in its place.
const SHOWN: &str = "https://api.hubapi.com";

pub(super) struct Account(Sandbox);

impl Account {
    /// One with these options of `hubassoc sandbox`; files are those of the folder.
    pub(super) fn start(options: &str, folder: &Path) -> Self {
        let at = |word: &str| match word.strip_prefix("./") {
            Some(file) => folder.join(file).into_os_string(),
            None => OsString::from(word),
        };
        let words = ["hubassoc", "sandbox", "--listen", "127.0.0.1:0"];
        let words = words.into_iter().chain(options.split_whitespace());
        let cli = Cli::read(words.map(at), |_| true).unwrap();
        let Command::Sandbox(options) = cli.command else {
            panic!("not the options of a sandbox");
        };
        Self(Sandbox::start(*options).unwrap())
    }

    pub(super) fn base_url(&self) -> String {
        self.0.base_url()
    }

    /// With HubSpot's address in place of its own.
    pub(super) fn hide_in(&self, said: &str) -> String {
        let url = self.base_url();
        let option = format!(" --base-url {url}/");
        let said = said.replace(&option, "");
        said.replace(url.trim_end_matches('/'), SHOWN)
    }
}
