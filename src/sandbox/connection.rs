//! Connections that a request handler can reset.
//!
//! A handler that wants its client to see a reset uses the reset handle. The next write then closes
//! the socket without lingering, which sends RST and not a single byte of the answer. Knows nothing
//! of requests.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// The listening socket.
#[derive(Debug)]
pub(super) struct ResettableListener(pub(super) TcpListener);

/// One connection.
#[derive(Debug)]
pub(super) struct ResettableConnection {
    stream: TcpStream,
    reset_handle: ResetHandle,
}

/// The handle that resets one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct ResetHandle(Arc<AtomicBool>);

impl ResetHandle {
    /// Makes every further write fail, and closing send RST.
    pub(super) fn reset(&self) {
        // The thread that sets the flag also reads it, so no ordering is needed.
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Listener for ResettableListener {
    type Io = ResettableConnection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (ResettableConnection, SocketAddr) {
        /// For example when file descriptors run out; our choice.
        const PAUSE: Duration = Duration::from_millis(100);
        loop {
            match self.0.accept().await {
                Ok((stream, peer)) => {
                    // An error is harmless: only the speed depends on it.
                    let _ = stream.set_nodelay(true);
                    let reset_handle = ResetHandle::default();
                    return (
                        ResettableConnection {
                            stream,
                            reset_handle,
                        },
                        peer,
                    );
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, ResettableListener>> for ResetHandle {
    fn connect_info(stream: IncomingStream<'_, ResettableListener>) -> Self {
        stream.io().reset_handle.clone()
    }
}

impl ResettableConnection {
    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().stream)
    }

    fn check_not_reset(&self) -> io::Result<()> {
        if self.reset_handle.0.load(Ordering::Relaxed) {
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for ResettableConnection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read(cx, buf)
    }
}

impl AsyncWrite for ResettableConnection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check_not_reset()?;
        self.stream().poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check_not_reset()?;
        self.stream().poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_not_reset()?;
        self.stream().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
