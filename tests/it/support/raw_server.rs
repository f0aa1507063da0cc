//! A server on bare sockets, for behaviour that no HTTP server offers: it sends exactly the given
//! bytes, or breaks the connection, or stays silent.
//!
//! Its threads end when their clients disconnect. A request for the account is answered with 404;
//! the script neither sees nor counts it.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
};

pub(crate) const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

/// How the server reacts to a request.
#[derive(Clone, Debug)]
pub(crate) enum SocketAction {
    /// Sends these bytes and keeps the connection.
    Send(Vec<u8>),
    /// Sends these bytes and closes the connection.
    SendAndClose(Vec<u8>),
    /// Sends these bytes, and breaks the connection when the next request arrives on it.
    SendAndBreak(Vec<u8>),
    /// Sends these bytes, then nothing until the client disconnects.
    SendAndStall(Vec<u8>),
    /// Sends the bytes of the head, then the second bytes for ever.
    Endless(Vec<u8>, Vec<u8>),
    /// Resets the connection after these bytes.
    Reset(Vec<u8>),
    /// Stops listening before it sends these bytes as the last answer.
    SendAndStopListening(Vec<u8>),
}

impl SocketAction {
    pub(crate) fn send(text: &str) -> Self {
        Self::Send(text.into())
    }

    pub(crate) fn close_after(text: &str) -> Self {
        Self::SendAndClose(text.into())
    }

    pub(crate) fn break_after(text: &str) -> Self {
        Self::SendAndBreak(text.into())
    }

    pub(crate) fn stall_after(text: &str) -> Self {
        Self::SendAndStall(text.into())
    }

    pub(crate) fn reset_after(text: &str) -> Self {
        Self::Reset(text.into())
    }
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct RawRequest {
    /// The number of the connection, from 0.
    pub(crate) connection: usize,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// The server; it ends when dropped.
pub(crate) struct RawServer {
    address: SocketAddr,
    state: Arc<RawServerState>,
}

/// The reaction to the n-th request, counted from 0, with this body (without its last byte).
type Script = dyn Fn(usize, &str) -> SocketAction + Send + Sync;

struct RawServerState {
    script: Box<Script>,
    requests: Mutex<Vec<RawRequest>>,
    /// Sent bytes of endless bodies.
    endless_bytes_sent: AtomicU64,
    closed: AtomicBool,
    acceptor: Mutex<Option<JoinHandle<()>>>,
}

impl RawServer {
    /// Reacts to requests in this order; the last action repeats.
    pub(crate) fn start(actions: impl Into<Vec<SocketAction>>) -> Self {
        let actions = actions.into();
        Self::with_script(move |n, _| actions[n.min(actions.len() - 1)].clone())
    }

    /// Reacts to each request as the script says.
    pub(crate) fn with_script(
        script: impl Fn(usize, &str) -> SocketAction + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(RawServerState {
            script: Box::new(script),
            requests: Mutex::default(),
            endless_bytes_sent: AtomicU64::default(),
            closed: AtomicBool::new(false),
            acceptor: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let acceptor = thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                if shared.closed.load(SeqCst) {
                    return;
                }
                let state = Arc::clone(&shared);
                let serve = move || state.serve(&stream.unwrap(), number, address);
                // A client that disconnects early is not an error here.
                thread::spawn(move || drop(serve()));
            }
        });
        *state.acceptor.lock().unwrap() = Some(acceptor);
        Self { address, state }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<RawRequest> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Sent bytes of endless bodies.
    pub(crate) fn endless_bytes_sent(&self) -> u64 {
        self.state.endless_bytes_sent.load(SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.state.close(self.address);
    }
}

impl RawServerState {
    /// Stops listening; returns when the port is free.
    fn close(&self, address: SocketAddr) {
        self.closed.store(true, SeqCst);
        let acceptor = self.acceptor.lock().unwrap().take();
        if let Some(acceptor) = acceptor {
            // Wakes the acceptor, so that it sees the flag.
            drop(TcpStream::connect(address));
            acceptor.join().unwrap();
        }
    }

    fn serve(&self, mut stream: &TcpStream, number: usize, at: SocketAddr) -> io::Result<()> {
        stream.set_nodelay(true)?;
        loop {
            let head = read_head(stream)?;
            let unscripted = [
                "GET /account-info/",
                "GET /crm/associations/2026-09/definitions/",
            ];
            if unscripted.iter().any(|begin| head.starts_with(begin)) {
                stream.write_all(NOT_FOUND.as_bytes())?;
                continue;
            }
            let (action, body) = self.receive(stream, number, head)?;
            match action {
                SocketAction::Send(bytes) => stream.write_all(&bytes)?,
                SocketAction::SendAndClose(bytes) => return stream.write_all(&bytes),
                SocketAction::SendAndBreak(bytes) => {
                    stream.write_all(&bytes)?;
                    return stream.read(&mut [0]).map(drop);
                }
                SocketAction::SendAndStall(bytes) => {
                    stream.write_all(&bytes)?;
                    // Waits until the client disconnects.
                    return stream.read(&mut [0]).map(drop);
                }
                SocketAction::Endless(head, piece) => {
                    stream.write_all(&head)?;
                    loop {
                        stream.write_all(&piece)?;
                        self.endless_bytes_sent
                            .fetch_add(piece.len() as u64, SeqCst);
                    }
                }
                // A socket that is closed with bytes unread sends RST.
                SocketAction::Reset(bytes) => {
                    stream.write_all(&bytes)?;
                    assert!(body > 0, "a reset needs a request with a body");
                    return Ok(());
                }
                SocketAction::SendAndStopListening(bytes) => {
                    self.close(at);
                    return stream.write_all(&bytes);
                }
            }
        }
    }

    /// Reads the body and records the request. The last byte stays unread if the connection will be
    /// reset. Returns the action and the length of the body.
    fn receive(
        &self,
        mut stream: &TcpStream,
        connection: usize,
        head: String,
    ) -> io::Result<(SocketAction, usize)> {
        let length = content_length(&head);
        let mut body = vec![0; length.saturating_sub(1)];
        stream.read_exact(&mut body)?;
        let mut requests = self.requests.lock().unwrap();
        let action = (self.script)(requests.len(), &String::from_utf8_lossy(&body));
        if length > 0 && !matches!(action, SocketAction::Reset(_)) {
            let mut last = [0];
            stream.read_exact(&mut last)?;
            body.extend_from_slice(&last);
        }
        requests.push(RawRequest {
            connection,
            head,
            body: String::from_utf8_lossy(&body).into_owned(),
        });
        Ok((action, length))
    }
}

fn read_head(mut stream: &TcpStream) -> io::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn content_length(head: &str) -> usize {
    let head = head.to_ascii_lowercase();
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    line.map_or(0, |length| length.trim().parse().unwrap())
}
