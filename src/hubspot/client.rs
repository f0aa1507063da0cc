//! One attempt over HTTP: the request, and what became of it.

use reqwest::{
    Method, Request, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};

use super::{
    access::{Access, Pass},
    account,
    asked::Asked,
    connections::{Connections, Over},
    dialect::Dialect,
    headers,
    http::{ClientError, ClientOptions},
    oauth::{self, Grant},
    reading::{ERRORS, LONGEST_ANSWER, LONGEST_TOLD, bytes, read, read_with_body, status},
    scopes,
    token::{Credentials, OAuthApp, Secret},
    transport,
    verdict::{Judged, NO_CONTENT, broken_off},
};
use crate::{
    api::{
        Api, ApiResponse, BatchGroup, ItemResult, LinkOperation, Operation, RateClass,
        ResponsePayload, Verdict,
    },
    association::WriteRequest,
    code::Code,
    failure::{AccessDenied, Failure, ResponseFault},
    http_status::HttpStatus,
    stop::StopReason,
};

/// The status that says that a token is not, or no longer, good.
const UNAUTHORIZED: HttpStatus = HttpStatus::UNAUTHORIZED;

/// The status of HubSpot's edge for a call that it cannot pass on: it goes by the
/// beginning of the token.
const UNROUTABLE: HttpStatus = HttpStatus::new(530);

/// From this status on it is no answer of the API's own.
const SERVER_ERRORS: HttpStatus = HttpStatus::new(500);

/// HubSpot, ready to be called.
#[derive(Debug)]
pub struct HubSpot {
    connections: Connections,
    dialect: Dialect,
    /// Those without an id in them, which most calls go to.
    fixed_urls: Vec<(&'static str, Url)>,
    /// Of all others, with the key if there is one.
    base_url: Url,
    token_url: Url,
    access: Access,
}

impl HubSpot {
    /// Sets the client up; nothing is sent yet.
    ///
    /// # Errors
    /// If a certificate file, the system's roots or the token are unusable.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let url = |path| {
            let mut url = options.base_url.clone();
            url.set_path(path);
            url
        };
        let with_key = |path| {
            let mut url = url(path);
            if let Credentials::ApiKey(key) = &options.credentials {
                url.query_pairs_mut().append_pair("hapikey", key.expose());
            }
            url
        };
        let fixed = options.dialect.paths().fixed.iter();
        Ok(Self {
            dialect: options.dialect,
            fixed_urls: fixed.map(|path| (*path, with_key(path))).collect(),
            base_url: with_key("/"),
            token_url: url(options.dialect.paths().token),
            access: Access::new(options.credentials.clone(), options.tell)?,
            connections: Connections::new(options)?,
        })
    }

    /// A call about links or labels.
    async fn act(&self, call: Operation<'_>, asked: Asked, pass: &Pass, over: Over) -> ApiResponse {
        let response = match self.send(self.request(asked), pass, over).await {
            Ok(response) => response,
            Err(verdict) => return ApiResponse::from_verdict(verdict),
        };
        let quota = headers::quota(response.headers());
        let is_write = matches!(call, Operation::Create(_) | Operation::Remove(_));
        let is_created = status(&response) == NO_CONTENT;
        if is_created && is_write && !self.dialect.reads_success() {
            // Most answers: nothing to read, nothing to parse.
            let http_status = NO_CONTENT;
            return ApiResponse {
                quota,
                ..ApiResponse::from_verdict(Verdict::Done { http_status })
            };
        }
        let mask = |text: &str| self.access.mask(text);
        let read = Box::pin(read_with_body(response, LONGEST_TOLD, &mask)).await;
        let (answer, body, whole) = read;
        let (mut verdict, mut payload) = if whole {
            let body = self.access.mask_body(body);
            self.dialect.verdict(call, &answer, &body)
        } else {
            (self.too_long(call, &answer), None)
        };
        // What is quoted of a body may be a secret that it echoes.
        verdict.visit_quoted_texts(|text| *text = mask(text));
        if let Some(ResponsePayload::Links(page)) = &mut payload {
            page.visit_quoted_texts(|text| *text = mask(text));
        }
        ApiResponse {
            verdict: self.or_outdated(&answer, verdict, pass),
            quota,
            payload,
            server_time: None,
        }
    }

    /// What an answer means that is longer than it may be, or broke off: fewer
    /// records at once tell less.
    fn too_long(&self, call: Operation<'_>, answer: &Judged) -> Verdict {
        match call {
            Operation::Read(reading) if reading.pages.len() > 1 && answer.status < ERRORS => {
                Verdict::PerLink(vec![ItemResult::NotNamed; reading.links.len()])
            }
            // Nothing of it is to be taken for an answer.
            Operation::Records(..) | Operation::Labels(..) | Operation::Limits
                if answer.status < ERRORS =>
            {
                Verdict::ConnectionLost(broken_off())
            }
            Operation::Read(_)
            | Operation::Create(_)
            | Operation::Remove(_)
            | Operation::Records(..)
            | Operation::Labels(..)
            | Operation::Limits
            | Operation::Account
            | Operation::Day
            | Operation::Scopes => self.dialect.verdict(call, answer, &[]).0,
        }
    }

    fn request(&self, asked: Asked) -> Request {
        let mut fixed = self.fixed_urls.iter();
        let mut url = if let Some((_, url)) = fixed.find(|(path, _)| *path == asked.path) {
            url.clone()
        } else {
            let mut url = self.base_url.clone();
            url.set_path(&asked.path);
            url
        };
        if let Some(query) = &asked.query {
            let key = url.query().map(|key| format!("&{key}")).unwrap_or_default();
            url.set_query(Some(&(query.clone() + &key)));
        }
        let mut request = Request::new(asked.method, url);
        if !asked.body.is_empty() {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            *request.body_mut() = Some(asked.body.into());
        }
        request
    }

    /// Asks what is no matter of links.
    async fn ask(&self, call: Operation<'_>, pass: &Pass, over: Over) -> ApiResponse {
        let asked = match call {
            Operation::Account => Asked::get(self.dialect.paths().account),
            Operation::Day => Asked::get(self.dialect.paths().day),
            Operation::Scopes => match pass.token() {
                Some(token) => scopes::question(token),
                None => return ApiResponse::from_verdict(scopes::not_told()),
            },
            Operation::Create(_)
            | Operation::Remove(_)
            | Operation::Read(_)
            | Operation::Records(..)
            | Operation::Labels(..)
            | Operation::Limits => {
                return ApiResponse::from_verdict(Verdict::Refused(not_spoken(self.dialect)));
            }
        };
        let response = match self.send(self.request(asked), pass, over).await {
            Ok(response) => response,
            Err(verdict) => return ApiResponse::from_verdict(verdict),
        };
        let quota = headers::quota(response.headers());
        let server_time = headers::date(response.headers());
        let mask = |text: &str| self.access.mask(text);
        let (answer, body, _whole) = read_with_body(response, LONGEST_ANSWER, &mask).await;
        let (verdict, payload) = account::answer(call, &answer, &body, &mask);
        ApiResponse {
            verdict: self.or_outdated(&answer, verdict, pass),
            quota,
            payload,
            server_time,
        }
    }

    /// What a request got that proves its right with this pass.
    fn send(
        &self,
        mut request: Request,
        pass: &Pass,
        over: Over,
    ) -> impl Future<Output = Result<Response, Verdict>> {
        if let Some(header) = pass.header() {
            request.headers_mut().insert(AUTHORIZATION, header.clone());
        }
        let sent = self.execute(request, over);
        async move {
            let response = sent.await?;
            let status = status(&response);
            if status != UNAUTHORIZED {
                self.access.accepted(pass);
                if status < SERVER_ERRORS {
                    self.access.prove();
                }
            }
            Ok(response)
        }
    }

    // No `async fn`, which would keep the request as long as its answer.
    fn execute(
        &self,
        request: Request,
        over: Over,
    ) -> impl Future<Output = Result<Response, Verdict>> {
        let sent = self.connections.execute(request, over);
        async move {
            sent.await
                .map_err(|error| transport::verdict(&error, &|text| self.access.mask(text)))
        }
    }

    /// The verdict of an answer, unless another token may fare better; and with
    /// what speaks for a token that is mangled.
    fn or_outdated(&self, answer: &Judged, verdict: Verdict, pass: &Pass) -> Verdict {
        if answer.status == UNAUTHORIZED {
            self.access.refused(pass, verdict)
        } else if answer.status == UNROUTABLE && !self.access.is_proven() {
            suspecting_the_token(verdict)
        } else {
            verdict
        }
    }

    /// Asks for an access token.
    async fn fetch(&self, app: &OAuthApp, refresh_token: &Secret) -> Result<Grant, Verdict> {
        let mut request = Request::new(Method::POST, self.token_url.clone());
        let form = HeaderValue::from_static(oauth::FORM);
        request.headers_mut().insert(CONTENT_TYPE, form);
        *request.body_mut() = Some(oauth::form(app, refresh_token).into());
        let response = self.execute(request, Over::Kept).await;
        let mut response = response.map_err(oauth::in_words)?;
        if status(&response) == oauth::GRANTED {
            let (body, whole) = bytes(&mut response, LONGEST_ANSWER).await;
            return if whole {
                oauth::grant(&body)
            } else {
                Err(oauth::broken_off())
            };
        }
        let answer = read(response, &|text| self.access.mask(text)).await;
        Err(oauth::refusal(&answer))
    }
}

impl HubSpot {
    async fn call_over(&self, call: Operation<'_>, over: Over) -> ApiResponse {
        if !self.is_ready()
            && let Err(verdict) = self.prepare().await
        {
            return ApiResponse::from_verdict(verdict);
        }
        let Some(pass) = self.access.pass() else {
            let expired = StopReason::Credentials(AccessDenied::Expired.into());
            return ApiResponse::from_verdict(Verdict::TokenExpired(expired));
        };
        match self.dialect.request(call) {
            Some(asked) => self.act(call, asked, &pass, over).await,
            None => Box::pin(self.ask(call, &pass, over)).await,
        }
    }
}

/// The same verdict, with the likely cause where nothing else has come so far.
fn suspecting_the_token(verdict: Verdict) -> Verdict {
    let Verdict::Transient { failure, wait } = verdict else {
        return verdict;
    };
    let failure = failure.wrap_detail(ResponseFault::TokenSuspected);
    Verdict::Transient { failure, wait }
}

/// Why a call cannot be made at all.
fn not_spoken(dialect: Dialect) -> Failure {
    let api = dialect.name();
    Failure::new(Code::Rejected, ResponseFault::NoSuchCall { api })
}

impl Api for HubSpot {
    fn class(&self, call: Operation<'_>) -> RateClass {
        self.dialect.class(call)
    }

    fn max_links(&self, act: LinkOperation, rows: usize) -> usize {
        self.dialect.max_links(act, rows)
    }

    fn batch_group(&self, act: LinkOperation, order: &WriteRequest) -> BatchGroup {
        self.dialect.batch_group(act, order)
    }

    fn names_records(&self) -> bool {
        self.dialect.names_records()
    }

    fn replaces(&self) -> bool {
        self.dialect.replaces()
    }

    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        self.call_over(call, Over::Kept).await
    }

    async fn execute_on_new_connection(&self, call: Operation<'_>) -> ApiResponse {
        self.call_over(call, Over::Fresh).await
    }

    fn is_ready(&self) -> bool {
        self.access.is_ready()
    }

    async fn prepare(&self) -> Result<(), Verdict> {
        let fetch =
            async |app: &OAuthApp, refresh: &Secret| Box::pin(self.fetch(app, refresh)).await;
        self.access.prepare(fetch).await
    }
}
