//! A server that answers every request with 204 and only counts the calls.
//!
//! It is a separate process, so that its costs do not count as the client's.

use std::{
    error::Error,
    io::{self, BufRead as _, Read as _, Write as _},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use memchr::memmem;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::cost::pin;

/// The core of the server. The measured program has another.
const SERVER_CORE: usize = 0;

/// The response to every call.
const PLAIN: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// The response with HubSpot's quota headers, for a quota that nobody reaches.
const WITH_QUOTA: &[u8] = b"HTTP/1.1 204 No Content\r\n\
    X-HubSpot-RateLimit-Daily: 900000000\r\n\
    X-HubSpot-RateLimit-Daily-Remaining: 899999999\r\n\
    X-HubSpot-RateLimit-Interval-Milliseconds: 10000\r\n\
    X-HubSpot-RateLimit-Max: 90000000\r\n\
    X-HubSpot-RateLimit-Remaining: 89999999\r\n\
    X-HubSpot-RateLimit-Secondly: 9000000\r\n\
    X-HubSpot-RateLimit-Secondly-Remaining: 8999999\r\n\
    \r\n";

/// Asks for the number of calls, and resets it.
const COUNT: &[u8] = b"GET /calls HTTP/1.1\r\n\r\n";

/// Calls since the last question.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// Space for a batch of a hundred, which has about 11 kB, and more.
const ROOM_BYTES: usize = 64 * 1024;

/// What the responses contain besides 204.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// Nothing.
    Plain,
    /// The quota, in the headers of real responses.
    WithQuota,
}

/// The server. It ends when dropped.
pub(crate) struct Server {
    process: Child,
    /// Its address, such as `127.0.0.1:8080`.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(answers: Answers) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(match answers {
                Answers::Plain => "serve",
                Answers::WithQuota => "serve-with-quota",
            })
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        if let Some(stdout) = process.stdout.take() {
            io::BufReader::new(stdout).read_line(&mut address)?;
        }
        Ok(Self {
            process,
            address: address.trim().to_owned(),
        })
    }

    /// The number of calls since the last question.
    pub(crate) fn take_calls(&self) -> Result<u64, Box<dyn Error>> {
        let mut stream = std::net::TcpStream::connect(&self.address)?;
        stream.write_all(COUNT)?;
        let mut calls = String::new();
        stream.read_to_string(&mut calls)?;
        Ok(calls.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it ended by itself, there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until it is ended. It uses one thread: waking one per connection would cost the client
/// more than the request.
pub(crate) fn serve(answers: Answers) -> Result<(), Box<dyn Error>> {
    let answer = match answers {
        Answers::Plain => PLAIN,
        Answers::WithQuota => WITH_QUOTA,
    };
    pin(SERVER_CORE)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(io::stdout(), "{}", listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(serve_connection(stream, answer));
        }
    })
}

/// Answers the requests of one connection until it closes.
async fn serve_connection(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; ROOM_BYTES];
    let mut held = 0;
    loop {
        let read = stream.read(&mut buffer[held..]).await?;
        if read == 0 {
            return Ok(());
        }
        held += read;
        while let Some(length) = request_length(&buffer[..held]) {
            if buffer.starts_with(COUNT) {
                let calls = CALLS.swap(0, Ordering::Relaxed);
                return stream.write_all(calls.to_string().as_bytes()).await;
            }
            // Only associations are put. The question for the account does not count.
            if buffer.starts_with(b"PUT ") {
                CALLS.fetch_add(1, Ordering::Relaxed);
            }
            buffer.copy_within(length..held, 0);
            held -= length;
            stream.write_all(answer).await?;
        }
    }
}

/// The length of the first request, if all of it has arrived.
pub(crate) fn request_length(bytes: &[u8]) -> Option<usize> {
    const HEAD_ENDS: &[u8] = b"\r\n\r\n";
    let head = memmem::find(bytes, HEAD_ENDS)? + HEAD_ENDS.len();
    let text = str::from_utf8(&bytes[..head]).ok()?;
    let body = text
        .lines()
        .find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse().ok())?
        })
        .unwrap_or(0);
    (bytes.len() >= head + body).then_some(head + body)
}
