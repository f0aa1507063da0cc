//! A server that answers every request with 204 and does nothing else.
//!
//! A process of its own, so that its costs are not counted with the client's.

use std::{
    error::Error,
    io::{self, BufRead as _, Write as _},
    process::{Child, Command, Stdio},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::cost::{SERVER_CORE, pin};

/// Every answer.
pub(crate) const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// The server, which ends when dropped.
pub(crate) struct Server {
    process: Child,
    /// Where it listens, as `127.0.0.1:8080`.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("serve")
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
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until it is ended; in one thread, as waking one per connection would
/// cost the client more than the request.
pub(crate) fn serve() -> Result<(), Box<dyn Error>> {
    pin(SERVER_CORE)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(io::stdout(), "{}", listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(answer(stream));
        }
    })
}

/// Answers the requests of one connection until it closes.
async fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    let mut held = 0;
    loop {
        let read = stream.read(&mut buffer[held..]).await?;
        if read == 0 {
            return Ok(());
        }
        held += read;
        while let Some(length) = request_length(&buffer[..held]) {
            buffer.copy_within(length..held, 0);
            held -= length;
            stream.write_all(ANSWER).await?;
        }
    }
}

/// How many bytes the request at the beginning has, if all of it is there.
pub(crate) fn request_length(bytes: &[u8]) -> Option<usize> {
    const HEAD_ENDS: &[u8] = b"\r\n\r\n";
    let head = bytes
        .windows(HEAD_ENDS.len())
        .position(|w| w == HEAD_ENDS)?
        + HEAD_ENDS.len();
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
