//! One attempt over HTTP: sends a request and interprets the response.

use reqwest::{
    Method, Request, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};

use super::{
    account,
    api_version::ApiVersion,
    connections::{ConnectionChoice, Connections},
    headers,
    http::{ClientError, ClientOptions},
    oauth::{self, TokenGrant},
    request::ApiRequest,
    response_body::{
        ERRORS, MAX_ERROR_BYTES, MAX_PAYLOAD_BYTES, read, read_bytes, read_with_body, status,
    },
    scopes,
    token::{Credentials, OAuthCredentials, Secret},
    token_manager::{RequestAuth, TokenManager},
    transport,
    verdict::{NO_CONTENT, ParsedResponse, incomplete_response},
};
use crate::{
    api::{Api, ApiResponse, BatchGroup, ItemResult, LinkOperation, Operation, RateClass, Verdict},
    association::{KeyKind, LinkRequest},
    code::Code,
    failure::{AccessDenied, Failure, ResponseFault},
    http_status::HttpStatus,
    redaction::KeyRedaction,
    stop::StopReason,
};

/// The status that says that a token is not valid, or not valid any more.
const UNAUTHORIZED: HttpStatus = HttpStatus::UNAUTHORIZED;

/// The status of HubSpot's edge for a call that it cannot route. It routes by the beginning of the
/// token.
const EDGE_UNROUTABLE: HttpStatus = HttpStatus::new(530);

/// From this status on, the response may not come from the API itself.
const SERVER_ERRORS: HttpStatus = HttpStatus::new(500);

/// The client for HubSpot.
#[derive(Debug)]
pub struct HubSpot {
    connections: Connections,
    api_version: ApiVersion,
    /// The URLs without an id in them, which most calls use.
    fixed_urls: Vec<(&'static str, Url)>,
    /// The base of all other URLs, with the API key if there is one.
    base_url: Url,
    token_url: Url,
    tokens: TokenManager,
}

impl HubSpot {
    /// Creates the client; nothing is sent yet.
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
        let fixed = options.api_version.paths().fixed.iter();
        Ok(Self {
            api_version: options.api_version,
            fixed_urls: fixed.map(|path| (*path, with_key(path))).collect(),
            base_url: with_key("/"),
            token_url: url(options.api_version.paths().token),
            tokens: TokenManager::new(options.credentials.clone(), options.report_event)?,
            connections: Connections::new(options)?,
        })
    }

    /// Executes an operation on links, labels or records.
    async fn execute_link_operation(
        &self,
        operation: Operation<'_>,
        api_request: ApiRequest,
        auth: &RequestAuth,
        connection: ConnectionChoice,
    ) -> ApiResponse {
        let response = match self
            .send(self.build_request(api_request), auth, connection)
            .await
        {
            Ok(response) => response,
            Err(verdict) => return ApiResponse::from_verdict(verdict),
        };
        let quota = headers::quota(response.headers());
        let has_no_body = status(&response) == NO_CONTENT;
        if has_no_body && operation.writes() && !self.api_version.reads_success() {
            // The usual response: there is no body to read or parse.
            let http_status = NO_CONTENT;
            return ApiResponse {
                quota,
                ..ApiResponse::from_verdict(Verdict::Done { http_status })
            };
        }
        let keys = keys_of(operation);
        let mask_secrets = |text: &str| self.tokens.mask(text);
        let mask = |text: &str| keys.apply(&mask_secrets(text));
        let read = Box::pin(read_with_body(response, MAX_PAYLOAD_BYTES, &mask)).await;
        let (parsed, body, is_complete) = read;
        let (mut verdict, mut payload) = if is_complete {
            let body = self.tokens.mask_body(body);
            self.api_version.verdict(operation, &parsed, &body)
        } else {
            (self.incomplete_verdict(operation, &parsed), None)
        };
        // A quoted part of the body may echo a secret or a key.
        verdict.visit_quoted_texts(|text| *text = mask(text));
        if let Some(payload) = &mut payload {
            payload.visit_failures(|text| *text = mask(text));
            payload.visit_names(|text| *text = mask_secrets(text));
        }
        ApiResponse {
            verdict: self.check_token(&parsed, verdict, auth),
            quota,
            payload,
            server_time: None,
        }
    }

    /// The verdict for a response that is too long or incomplete. A read of fewer records gives a
    /// shorter response.
    fn incomplete_verdict(&self, operation: Operation<'_>, parsed: &ParsedResponse) -> Verdict {
        match operation {
            Operation::Read(query) if query.pages.len() > 1 && parsed.status < ERRORS => {
                Verdict::PerLink(vec![ItemResult::NotNamed; query.links.len()])
            }
            // An incomplete list must not be taken for a complete one.
            Operation::Records(..)
            | Operation::ReadByKey(_)
            | Operation::SearchByKey(_)
            | Operation::Properties(_)
            | Operation::Labels(..)
            | Operation::Limits
                if parsed.status < ERRORS =>
            {
                Verdict::ConnectionLost(incomplete_response())
            }
            Operation::Read(_)
            | Operation::Create(_)
            | Operation::Remove(_)
            | Operation::Records(..)
            | Operation::ReadByKey(_)
            | Operation::SearchByKey(_)
            | Operation::Properties(_)
            | Operation::Labels(..)
            | Operation::Limits
            | Operation::Account
            | Operation::Day
            | Operation::Scopes => self.api_version.verdict(operation, parsed, &[]).0,
        }
    }

    fn build_request(&self, api_request: ApiRequest) -> Request {
        let mut fixed = self.fixed_urls.iter();
        let mut url = if let Some((_, url)) = fixed.find(|(path, _)| *path == api_request.path) {
            url.clone()
        } else {
            let mut url = self.base_url.clone();
            url.set_path(&api_request.path);
            url
        };
        if let Some(query) = &api_request.query {
            let key = url.query().map(|key| format!("&{key}")).unwrap_or_default();
            url.set_query(Some(&(query.clone() + &key)));
        }
        let mut request = Request::new(api_request.method, url);
        if !api_request.body.is_empty() {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            *request.body_mut() = Some(api_request.body.into());
        }
        request
    }

    /// Executes an operation that is not about links: account, daily quota or scopes.
    async fn execute_account_operation(
        &self,
        operation: Operation<'_>,
        auth: &RequestAuth,
        connection: ConnectionChoice,
    ) -> ApiResponse {
        let api_request = match operation {
            Operation::Account => ApiRequest::get(self.api_version.paths().account),
            Operation::Day => ApiRequest::get(self.api_version.paths().day),
            Operation::Scopes => match auth.token() {
                Some(token) => scopes::request(token),
                None => return ApiResponse::from_verdict(scopes::no_token()),
            },
            Operation::Create(_)
            | Operation::Remove(_)
            | Operation::Read(_)
            | Operation::Records(..)
            | Operation::ReadByKey(_)
            | Operation::SearchByKey(_)
            | Operation::Properties(_)
            | Operation::Labels(..)
            | Operation::Limits => {
                return ApiResponse::from_verdict(Verdict::Refused(unsupported_operation(
                    self.api_version,
                )));
            }
        };
        let response = match self
            .send(self.build_request(api_request), auth, connection)
            .await
        {
            Ok(response) => response,
            Err(verdict) => return ApiResponse::from_verdict(verdict),
        };
        let quota = headers::quota(response.headers());
        let server_time = headers::date(response.headers());
        let mask = |text: &str| self.tokens.mask(text);
        let (parsed, body, _is_complete) = read_with_body(response, MAX_ERROR_BYTES, &mask).await;
        let (verdict, payload) = account::interpret(operation, &parsed, &body, &mask);
        ApiResponse {
            verdict: self.check_token(&parsed, verdict, auth),
            quota,
            payload,
            server_time,
        }
    }

    /// Sends a request with this authentication.
    fn send(
        &self,
        mut request: Request,
        auth: &RequestAuth,
        connection: ConnectionChoice,
    ) -> impl Future<Output = Result<Response, Verdict>> {
        if let Some(header) = auth.header() {
            request.headers_mut().insert(AUTHORIZATION, header.clone());
        }
        let sent = self.send_request(request, connection);
        async move {
            let response = sent.await?;
            let status = status(&response);
            if status != UNAUTHORIZED {
                self.tokens.mark_accepted(auth);
                if status < SERVER_ERRORS {
                    self.tokens.mark_proven();
                }
            }
            Ok(response)
        }
    }

    // Not an `async fn`, because that would keep the request in memory until the response comes.
    fn send_request(
        &self,
        request: Request,
        connection: ConnectionChoice,
    ) -> impl Future<Output = Result<Response, Verdict>> {
        let sent = self.connections.execute(request, connection);
        async move {
            sent.await
                .map_err(|error| transport::verdict(&error, &|text| self.tokens.mask(text)))
        }
    }

    /// Changes the verdict if another token may succeed, or if the response suggests a damaged
    /// token.
    fn check_token(
        &self,
        parsed: &ParsedResponse,
        verdict: Verdict,
        auth: &RequestAuth,
    ) -> Verdict {
        if parsed.status == UNAUTHORIZED {
            self.tokens.refused(auth, verdict)
        } else if parsed.status == EDGE_UNROUTABLE && !self.tokens.is_proven() {
            with_suspected_token(verdict)
        } else {
            verdict
        }
    }

    /// Requests an access token.
    async fn fetch_token(
        &self,
        app: &OAuthCredentials,
        refresh_token: &Secret,
    ) -> Result<TokenGrant, Verdict> {
        let mut request = Request::new(Method::POST, self.token_url.clone());
        let form = HeaderValue::from_static(oauth::FORM);
        request.headers_mut().insert(CONTENT_TYPE, form);
        *request.body_mut() = Some(oauth::form(app, refresh_token).into());
        let response = self.send_request(request, ConnectionChoice::Pooled).await;
        let mut response = response.map_err(oauth::about_token)?;
        if status(&response) == oauth::GRANTED {
            let (body, is_complete) = read_bytes(&mut response, MAX_ERROR_BYTES).await;
            return if is_complete {
                oauth::grant(&body)
            } else {
                Err(oauth::incomplete_response())
            };
        }
        let parsed = read(response, &|text| self.tokens.mask(text)).await;
        Err(oauth::refusal(&parsed))
    }
}

impl HubSpot {
    async fn execute_on(
        &self,
        operation: Operation<'_>,
        connection: ConnectionChoice,
    ) -> ApiResponse {
        if !self.is_ready()
            && let Err(verdict) = self.prepare().await
        {
            return ApiResponse::from_verdict(verdict);
        }
        let Some(auth) = self.tokens.current_auth() else {
            let expired = StopReason::Credentials(AccessDenied::Expired.into());
            return ApiResponse::from_verdict(Verdict::TokenExpired(expired));
        };
        match self.api_version.request(operation) {
            Some(api_request) => {
                self.execute_link_operation(operation, api_request, &auth, connection)
                    .await
            }
            None => Box::pin(self.execute_account_operation(operation, &auth, connection)).await,
        }
    }
}

/// The keys of an operation, which its response may repeat. Addresses of records have only ids.
fn keys_of(operation: Operation<'_>) -> KeyRedaction {
    let (Operation::ReadByKey(query) | Operation::SearchByKey(query)) = operation else {
        return KeyRedaction::default();
    };
    if query.property.kind() == KeyKind::RecordUrl {
        return KeyRedaction::default();
    }
    KeyRedaction::new(query.values.iter().map(|value| &**value))
}

/// Adds a damaged token as the likely cause, if no call with it has succeeded so far.
fn with_suspected_token(verdict: Verdict) -> Verdict {
    let Verdict::Transient { failure, wait } = verdict else {
        return verdict;
    };
    let failure = failure.wrap_detail(ResponseFault::TokenSuspected);
    Verdict::Transient { failure, wait }
}

/// The failure of an operation that this version of the API does not have.
fn unsupported_operation(api_version: ApiVersion) -> Failure {
    let api = api_version.name();
    Failure::new(Code::Rejected, ResponseFault::NoSuchCall { api })
}

impl Api for HubSpot {
    fn class(&self, operation: Operation<'_>) -> RateClass {
        self.api_version.class(operation)
    }

    fn max_links(&self, operation: LinkOperation, rows: usize) -> usize {
        self.api_version.max_links(operation, rows)
    }

    fn batch_group(&self, operation: LinkOperation, request: &LinkRequest) -> BatchGroup {
        self.api_version.batch_group(operation, request)
    }

    fn names_records(&self) -> bool {
        self.api_version.names_records()
    }

    fn replaces_types(&self) -> bool {
        self.api_version.replaces_types()
    }

    async fn execute(&self, operation: Operation<'_>) -> ApiResponse {
        self.execute_on(operation, ConnectionChoice::Pooled).await
    }

    async fn execute_on_new_connection(&self, operation: Operation<'_>) -> ApiResponse {
        self.execute_on(operation, ConnectionChoice::New).await
    }

    fn is_ready(&self) -> bool {
        self.tokens.is_ready()
    }

    async fn prepare(&self) -> Result<(), Verdict> {
        let fetch = async |app: &OAuthCredentials, refresh: &Secret| {
            Box::pin(self.fetch_token(app, refresh)).await
        };
        self.tokens.prepare(fetch).await
    }
}
