//! The time from the start of the program to its first request.

use std::{
    error::Error,
    io::{self, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Instant,
};

use super::{
    cost::TOKEN,
    links::write_input,
    program::{PATH, remove_run, results},
    server::request_length,
    spread::Spread,
};

/// How often the program is started.
const ROUNDS: u32 = 15;

/// Prints the time until a whole request has arrived and, over TLS (which loads the system's
/// certificates), until the first bytes of the handshake have.
pub(crate) fn measure() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let input = write_input(folder.path(), 1)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let (mut plain, mut tls) = <(Spread, Spread)>::default();
    for _ in 0..ROUNDS {
        for (scheme, times) in [("http", &mut plain), ("https", &mut tls)] {
            let results = results(&input);
            // Its own rate state: otherwise the first call would have to wait because of the last
            // start's call.
            let state = tempfile::tempdir()?;
            let started = Instant::now();
            let mut program = Command::new(PATH)
                .args(["import", "--quiet", "--base-url"])
                .arg(format!("{scheme}://{address}"))
                .arg("--results")
                .args([&results, &input])
                .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
                .env("XDG_STATE_HOME", state.path())
                .stderr(Stdio::null())
                .spawn()?;
            let (stream, _) = listener.accept()?;
            let whole = scheme == "http";
            let came = wait_for_request(stream, whole, &mut program)?;
            times.push((came - started).as_secs_f64() * 1000.0);
            remove_run(&results);
        }
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\nstart to first request, {ROUNDS} starts (wanted: below 50 ms)"
    )?;
    writeln!(out, "  http, the request            {plain} ms")?;
    writeln!(out, "  https, the handshake begins  {tls} ms")?;
    Ok(())
}

/// Returns when the first request, or its first bytes, arrived. Then ends the program.
fn wait_for_request(
    mut stream: TcpStream,
    whole: bool,
    program: &mut Child,
) -> io::Result<Instant> {
    let (mut buffer, mut held) = ([0; 4096], 0);
    let came = loop {
        held += stream.read(&mut buffer[held..])?;
        if !whole || request_length(&buffer[..held]).is_some() {
            break Instant::now();
        }
    };
    // It would retry as long as nothing answers.
    program.kill()?;
    program.wait()?;
    Ok(came)
}
