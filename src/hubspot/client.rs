//! One attempt over HTTP: the request, and what became of it.

use reqwest::{
    Client, Method, Request, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};

use super::{
    access::{Access, Pass},
    account::{self, DAY_PATH, DETAILS_PATH},
    headers,
    http::{self, ClientError, ClientOptions},
    oauth::{self, Grant},
    reading::{bytes, read, read_with_body},
    token::{Credentials, OAuthApp, Secret},
    transport, v1,
    verdict::{CREATED, Judged},
};
use crate::{
    api::{Answer, Api, Call, Told, Verdict},
    association::Association,
    stop::StopReason,
};

/// The status that says that a token is not, or no longer, good.
const UNAUTHORIZED: u16 = 401;

/// HubSpot, ready to be called.
#[derive(Debug)]
pub struct HubSpot {
    http: Client,
    /// For one link, and for many.
    create_urls: [Url; 2],
    account_url: Url,
    day_url: Url,
    token_url: Url,
    access: Access,
}

impl HubSpot {
    /// Sets the client up; nothing is sent yet.
    ///
    /// # Errors
    /// If a certificate file, the system's roots or the token are unusable.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let http = http::client(&options)?;
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
        Ok(Self {
            http,
            create_urls: v1::CREATE_PATHS.map(with_key),
            account_url: with_key(DETAILS_PATH),
            day_url: with_key(DAY_PATH),
            token_url: url(oauth::TOKEN_PATH),
            access: Access::new(options.credentials)?,
        })
    }

    async fn create(&self, links: &[Association], pass: &Pass) -> Answer {
        let response = match self.send(self.creation(links), pass).await {
            Ok(response) => response,
            Err(verdict) => return Answer::only(verdict),
        };
        let quota = headers::quota(response.headers());
        let verdict = if response.status().as_u16() == CREATED {
            // Most answers: nothing to read, nothing to parse.
            Verdict::Done {
                http_status: CREATED,
            }
        } else {
            let answer = Box::pin(read(response, &|text| self.access.mask(text))).await;
            self.or_outdated(&answer, v1::verdict(&answer, links), pass)
        };
        Answer {
            quota,
            ..Answer::only(verdict)
        }
    }

    fn creation(&self, links: &[Association]) -> Request {
        let url = &self.create_urls[usize::from(links.len() > 1)];
        let mut request = Request::new(Method::PUT, url.clone());
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        *request.body_mut() = Some(v1::create_body(links).into());
        request
    }

    /// Asks what `tell` reads from the answer.
    async fn ask(
        &self,
        url: &Url,
        tell: fn(&Judged, &[u8]) -> Option<Told>,
        pass: &Pass,
    ) -> Answer {
        let request = Request::new(Method::GET, url.clone());
        let response = match self.send(request, pass).await {
            Ok(response) => response,
            Err(verdict) => return Answer::only(verdict),
        };
        let quota = headers::quota(response.headers());
        let (answer, body) = read_with_body(response, &|text| self.access.mask(text)).await;
        Answer {
            verdict: self.or_outdated(&answer, account::verdict(&answer), pass),
            quota,
            told: tell(&answer, &body),
        }
    }

    /// What a request got that proves its right with this pass.
    fn send(
        &self,
        mut request: Request,
        pass: &Pass,
    ) -> impl Future<Output = Result<Response, Verdict>> {
        if let Some(header) = &pass.header {
            request.headers_mut().insert(AUTHORIZATION, header.clone());
        }
        let sent = self.execute(request);
        async move {
            let response = sent.await?;
            if response.status().as_u16() != UNAUTHORIZED {
                self.access.accepted(pass);
            }
            Ok(response)
        }
    }

    // No `async fn`, which would keep the request as long as its answer.
    fn execute(&self, request: Request) -> impl Future<Output = Result<Response, Verdict>> {
        let sent = self.http.execute(request);
        async move {
            sent.await
                .map_err(|error| transport::verdict(&error, &|text| self.access.mask(text)))
        }
    }

    /// The verdict of an answer, unless another token may fare better.
    fn or_outdated(&self, answer: &Judged, verdict: Verdict, pass: &Pass) -> Verdict {
        if answer.status == UNAUTHORIZED {
            self.access.refused(pass, verdict)
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
        let mut response = self.execute(request).await.map_err(oauth::in_words)?;
        if response.status().as_u16() == oauth::GRANTED {
            let (body, whole) = bytes(&mut response).await;
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

impl Api for HubSpot {
    async fn call(&self, call: Call<'_>) -> Answer {
        if !self.is_ready()
            && let Err(verdict) = self.prepare().await
        {
            return Answer::only(verdict);
        }
        let Some(pass) = self.access.pass() else {
            let text = "the access token expired before it could be used".to_owned();
            return Answer::only(Verdict::Outdated(StopReason::Credentials(text)));
        };
        match call {
            Call::Account => Box::pin(self.ask(&self.account_url, account::account, &pass)).await,
            Call::DayReset => Box::pin(self.ask(&self.day_url, account::day_reset, &pass)).await,
            Call::Create(links) => self.create(links, &pass).await,
        }
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
