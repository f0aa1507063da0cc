//! The thin binary: text and exit codes for what the library returns.

use std::{
    env,
    ffi::OsString,
    io::{self, Write as _},
    panic,
    process::ExitCode,
};

use hubassoc::{app, cell::clean, cli::LogFormat, config, exit, output::panics_are_caught};

/// Rows are allocated in one thread and freed in another. This allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let typed: Vec<OsString> = env::args_os().collect();
    report_panics(say);
    panic::catch_unwind(|| run(&typed))
        .unwrap_or(exit::ExitCode::Internal)
        .into()
}

fn run(typed: &[OsString]) -> exit::ExitCode {
    let cli = match config::read_command_line(typed) {
        Ok(cli) => cli,
        Err(error) => return app::refuse_command_line(typed, &error),
    };
    let json = cli.screen.log_format == LogFormat::Json;
    if json {
        report_panics(|text| tracing::error!("{text}"));
    }
    app::run(cli, typed).unwrap_or_else(|error| {
        if json {
            tracing::error!("{}", clean(&error.to_string(), usize::MAX));
        } else {
            say_lines(&error.lines());
        }
        error.exit_code()
    })
}

/// A panic is an internal error: one line, reported like this, and its own exit code.
fn report_panics(report: impl Fn(&str) + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |info| {
        if !panics_are_caught() {
            let place = info.location();
            let place = place.map_or_else(String::new, ToString::to_string);
            report(&format!("internal error at {place}; please report it"));
        }
    }));
}

fn say(text: &str) {
    say_lines(&[text.to_owned()]);
}

fn say_lines(lines: &[String]) {
    let lines = lines.iter().map(|line| clean(line, usize::MAX) + "\n");
    let text: String = lines.collect();
    // A closed standard error is no reason to fail differently.
    let _ = write!(io::stderr().lock(), "hubassoc: {text}");
}
