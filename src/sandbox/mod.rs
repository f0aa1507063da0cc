//! A local HubSpot inside the program: quotas, faults and a small CRM on a loopback address.
//!
//! It answers like the real API: v1 as recorded, the dated API as specified or as recorded. It
//! knows nothing of the importer, which talks to it over a socket as to any other server.

mod account_info;
mod account_state;
mod association_input;
mod association_limit;
mod catalogue;
mod connection;
mod crm;
mod daily_quota;
mod dated;
mod defined_label;
mod endpoint;
mod error;
mod error_responses;
mod fault_plan;
mod forms;
mod initial_links;
mod invalid_association;
mod limit;
mod links;
mod merged_ids;
mod oauth;
mod object;
mod options;
mod other_integration;
mod processor;
mod quota;
mod record_json;
mod record_options;
mod record_properties;
mod record_reads;
mod record_route;
mod record_search;
mod record_set;
mod records;
mod request;
mod request_kind;
mod request_log;
mod response;
mod rolling_window;
mod search_rules;
mod server;
mod shared_window;
mod v1;
mod zone;

#[cfg(test)]
mod tests;

pub use association_limit::AssociationLimit;
pub use defined_label::DefinedLabel;
pub use error::SandboxError;
pub use fault_plan::{FaultKind, FaultRule, FaultWhen, Latency};
pub use forms::{ErrorForm, IdForm, PartialStatus, ResponseForm};
pub use limit::{CallLimit, LaterLimit};
pub use oauth::{OauthApp, TokenLife};
pub use options::{DailyReset, SandboxOptions};
pub use record_options::{OldIdForm, RecordOptions, SearchLag, UniqueProperty};
pub use request_log::{LoggedAssociation, LoggedCall, RequestLog, RequestTotals, ResponseCounts};
pub use zone::AccountZone;

use std::{
    collections::BTreeSet,
    io,
    net::{self, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::watch,
};

use crm::Crm;
use processor::RequestProcessor;
use server::ServerState;

/// A running server on its own thread.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    processor: Arc<RequestProcessor>,
    stop: watch::Sender<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Sandbox {
    /// Starts a server, which accepts connections when this returns.
    ///
    /// # Errors
    ///
    /// If the address is not a loopback address or is taken, a list of records cannot be read, or
    /// the system refuses a thread.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "options are made for one sandbox"
    )]
    pub fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        if !options.listen.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(options.listen));
        }
        let processor = Arc::new(RequestProcessor::new(&options)?);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SandboxError::Thread)?;
        let listen_error = |source| SandboxError::Listen {
            address: options.listen,
            source,
        };
        let (listener, address) = listen(options.listen, &runtime).map_err(listen_error)?;
        let state = ServerState {
            processor: Arc::clone(&processor),
            retry_after: options.retry_after,
        };
        let stop = watch::Sender::new(false);
        let mut stopped = stop.subscribe();
        let work = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = server::serve(listener, state) => {}
                    // An error means that the sender is gone, which also ends the server.
                    _ = stopped.wait_for(|stop| *stop) => {}
                }
            });
            // Dropping the runtime closes every connection.
        };
        let thread = thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(work)
            .map_err(SandboxError::Thread)?;
        Ok(Self {
            address,
            processor,
            stop,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Reads the files that the options name, without starting a server.
    ///
    /// # Errors
    ///
    /// If one of them cannot be read.
    pub fn check(options: &SandboxOptions) -> Result<(), SandboxError> {
        Crm::new(options).map(drop)
    }

    /// The address on which it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:8787`, which a client uses in place of HubSpot's address.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The counts and the logged requests so far.
    #[must_use]
    pub fn request_log(&self) -> RequestLog {
        self.processor.request_log()
    }

    /// Every existing link, each type of each pair in both directions, as `contacts 1 -> companies
    /// 2 HUBSPOT_DEFINED=279`.
    #[must_use]
    pub fn links(&self) -> BTreeSet<String> {
        self.processor.links()
    }

    /// Changes the limit now, for single and batch calls. Admitted calls stay counted.
    pub fn set_limit(&self, limit: CallLimit) {
        self.processor.set_limit(limit);
    }

    /// Makes the values of these properties unique, in object types of which it is not known that
    /// they lack them.
    ///
    /// # Errors
    ///
    /// If two listed records have the same value.
    pub fn add_unique_properties(&self, properties: &[UniqueProperty]) -> Result<(), SandboxError> {
        self.processor.add_unique_properties(properties)
    }

    /// Asks the server to stop, without waiting.
    pub fn request_stop(&self) {
        self.stop.send_replace(true);
    }

    /// Stops the server at once, even with open connections. Dropping it does the same.
    pub fn stop(self) {
        drop(self);
    }

    /// Waits until the server has stopped.
    pub fn wait(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // A panic of that thread was already printed.
            let _ = thread.join();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.request_stop();
        self.wait();
    }
}

fn listen(address: SocketAddr, runtime: &Runtime) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    // Tokio registers the socket with the runtime that is currently entered.
    let _entered = runtime.enter();
    Ok((TcpListener::from_std(listener)?, address))
}
