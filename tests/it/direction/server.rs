//! A small server for a request handler, fast enough for thousands of calls.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use serde_json::{Value, json};

/// One request as it arrived.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    pub(super) body: Value,
}

/// Answers the requests.
pub(super) trait RequestHandler: Send + 'static {
    fn answer(&mut self, request: &Request) -> (u16, Option<Value>);
}

/// The server. Its threads end with their clients or with the test.
pub(super) struct HandlerServer<A> {
    address: SocketAddr,
    handler: Arc<Mutex<A>>,
}

impl<A: RequestHandler> HandlerServer<A> {
    pub(super) fn start(handler: A) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handler = Arc::new(Mutex::new(handler));
        let shared = Arc::clone(&handler);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, handler) = (stream.unwrap(), Arc::clone(&shared));
                // A client that disconnects early is not an error here.
                thread::spawn(move || drop(serve(&stream, &handler)));
            }
        });
        Self { address, handler }
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn inspect<T>(&self, look: impl FnOnce(&A) -> T) -> T {
        look(&self.handler.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn serve<A: RequestHandler>(mut stream: &TcpStream, handler: &Mutex<A>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader)? {
        let answer = || {
            let mut handler = handler.lock().unwrap_or_else(PoisonError::into_inner);
            handler.answer(&request)
        };
        // A wrong request gets a 400, which makes the test fail.
        let wrong = |_| (400, Some(json!({"message": format!("wrong: {request:?}")})));
        let (status, body) = panic::catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(wrong);
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let head = if status == 204 {
            "HTTP/1.1 204 No Content\r\n\r\n".to_owned()
        } else {
            head
        };
        stream.write_all((head + &body).as_bytes())?;
    }
    Ok(())
}

/// The next request; `None` at the end.
fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Request>> {
    let (mut first, mut length) = (String::new(), 0);
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = first.split([' ', '?']);
    let mut word = || words.next().unwrap().to_owned();
    Ok(Some(Request {
        method: word(),
        path: word(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }))
}
