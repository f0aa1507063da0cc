//! A server that answers as a test says and records the requests.
//!
//! Requests for the account and for administrators' limits are handled separately: the test's
//! handler neither sees nor counts them. By default they are answered with 404 and with no limits.

use std::sync::{Arc, Mutex};

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct FakeResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl From<u16> for FakeResponse {
    /// The status with a body like the API's; 204 has none.
    fn from(status: u16) -> Self {
        let answer = Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        };
        if status == 204 {
            return answer;
        }
        let body = format!(
            r#"{{"status":"error","message":"scripted {status}","correlationId":"c-{status}"}}"#
        );
        answer.body("application/json;charset=utf-8", body)
    }
}

impl FakeResponse {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(name, _)| name != "content-type");
        self.body = body.into();
        self.header("content-type", content_type)
    }
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) uri: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl ReceivedRequest {
    fn from_mock(request: &HttpMockRequest) -> Self {
        let headers = request.headers_vec().iter();
        Self {
            method: request.method_str().to_owned(),
            uri: request.uri().path_and_query().unwrap().to_string(),
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.clone()))
                .collect(),
            body: request.body_string(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The server.
pub(crate) struct FakeHubSpot {
    server: MockServer,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
    account: Arc<Mutex<AccountScript>>,
}

#[derive(Default)]
struct AccountScript {
    answers: Vec<FakeResponse>,
    requests: Vec<ReceivedRequest>,
    limits: Option<FakeResponse>,
    limits_requests: usize,
}

/// The path of the request for limits.
const LIMITS: &str = "/crm/associations/2026-09/definitions/configurations/all";

impl AccountScript {
    fn limits(&mut self) -> FakeResponse {
        self.limits_requests += 1;
        let none = || FakeResponse::from(200).body("application/json", r#"{"results":[]}"#);
        self.limits.clone().unwrap_or_else(none)
    }

    fn answer(&mut self, request: ReceivedRequest) -> FakeResponse {
        self.requests.push(request);
        let last = self.answers.len().saturating_sub(1);
        let answer = self.answers.get((self.requests.len() - 1).min(last));
        answer.cloned().unwrap_or_else(|| 404.into())
    }
}

impl FakeHubSpot {
    /// Gives these answers in order, then repeats the last one.
    pub(crate) fn with_responses<A: Into<FakeResponse>>(
        answers: impl IntoIterator<Item = A>,
    ) -> Self {
        let answers: Vec<_> = answers.into_iter().map(Into::into).collect();
        Self::with_handler(move |n, _| answers[n.min(answers.len() - 1)].clone())
    }

    /// Answers the n-th request, counted from 0, as the handler says.
    pub(crate) fn with_handler(
        answer: impl Fn(usize, &ReceivedRequest) -> FakeResponse + Send + Sync + 'static,
    ) -> Self {
        let server = MockServer::start();
        let requests = Arc::<Mutex<Vec<ReceivedRequest>>>::default();
        let seen = Arc::clone(&requests);
        let account = Arc::<Mutex<AccountScript>>::default();
        let questions = Arc::clone(&account);
        server.mock(|when, then| {
            when.any_request();
            then.respond_with(move |request: &HttpMockRequest| {
                let request = ReceivedRequest::from_mock(request);
                let answer = if request.uri.starts_with("/account-info/") {
                    questions.lock().unwrap().answer(request)
                } else if request.uri == LIMITS {
                    questions.lock().unwrap().limits()
                } else {
                    let mut seen = seen.lock().unwrap();
                    seen.push(request.clone());
                    answer(seen.len() - 1, &request)
                };
                HttpMockResponse::builder()
                    .status(answer.status)
                    .headers(answer.headers)
                    .body(answer.body)
                    .build()
            });
        });
        Self {
            server,
            requests,
            account,
        }
    }

    /// Answers requests for the account in this order, then repeats the last answer.
    pub(crate) fn with_account_responses<A: Into<FakeResponse>>(
        self,
        answers: impl IntoIterator<Item = A>,
    ) -> Self {
        self.account.lock().unwrap().answers = answers.into_iter().map(Into::into).collect();
        self
    }

    /// Answers requests for limits like this.
    pub(crate) fn with_limits_response(self, answer: impl Into<FakeResponse>) -> Self {
        self.account.lock().unwrap().limits = Some(answer.into());
        self
    }

    /// The number of requests for limits.
    pub(crate) fn limits_requests(&self) -> usize {
        self.account.lock().unwrap().limits_requests
    }

    /// The requests for the account.
    pub(crate) fn account_requests(&self) -> Vec<ReceivedRequest> {
        self.account.lock().unwrap().requests.clone()
    }

    pub(crate) fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// The other requests so far.
    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().unwrap().clone()
    }
}
