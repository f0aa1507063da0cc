//! A server that answers with whatever a test says, and keeps the requests.

use std::sync::{Arc, Mutex};

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl From<u16> for Answer {
    /// The status with a body such as the API's; 204 has none.
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

impl Answer {
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
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) uri: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    fn of(request: &HttpMockRequest) -> Self {
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
    requests: Arc<Mutex<Vec<Request>>>,
}

impl FakeHubSpot {
    /// Answers in this order; the last one for ever.
    pub(crate) fn answer<A: Into<Answer>>(answers: impl IntoIterator<Item = A>) -> Self {
        let answers: Vec<_> = answers.into_iter().map(Into::into).collect();
        Self::answering(move |n, _| answers[n.min(answers.len() - 1)].clone())
    }

    /// Answers the n-th request, from 0, as a function says.
    pub(crate) fn answering(
        answer: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let server = MockServer::start();
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let seen = Arc::clone(&requests);
        server.mock(|when, then| {
            when.any_request();
            then.respond_with(move |request: &HttpMockRequest| {
                let request = Request::of(request);
                let mut seen = seen.lock().unwrap();
                seen.push(request.clone());
                let answer = answer(seen.len() - 1, &request);
                HttpMockResponse::builder()
                    .status(answer.status)
                    .headers(answer.headers)
                    .body(answer.body)
                    .build()
            });
        });
        Self { server, requests }
    }

    pub(crate) fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// What arrived so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}
