//! Granted and expired access tokens.

use super::*;

const TOKEN_PATH: &str = "/oauth/v1/token";
const FORM: &str = "grant_type=refresh_token&client_id=i&client_secret=s&refresh_token=r%2B";

fn request_token(sandbox: &Sandbox, form: &str) -> RawResponse {
    request_token_at(sandbox, TOKEN_PATH, form)
}

fn request_token_at(sandbox: &Sandbox, path: &str, form: &str) -> RawResponse {
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    send(sandbox, "POST", path, kind, form).unwrap()
}

fn granted(sandbox: &Sandbox) -> String {
    let answer = request_token(sandbox, FORM);
    assert_eq!(answer.status, 200, "{answer:?}");
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

fn put_with(sandbox: &Sandbox, token: &str) -> RawResponse {
    let header = format!("Authorization: Bearer {token}\r\n");
    send(sandbox, "PUT", PUT_ONE, &header, &link(1, 2, 1)).unwrap()
}

#[test]
fn a_granted_token_is_valid_besides_the_known_one() {
    let sandbox = start(SandboxOptions {
        token: Some("known".to_owned()),
        ..SandboxOptions::default()
    });
    let answer = request_token(&sandbox, FORM);
    let kind = answer.header("content-type").unwrap();
    assert_eq!(kind, "application/json;charset=utf-8");
    let token = granted(&sandbox);
    let body = &answer.body;
    let begin = r#"{"token_type":"bearer","refresh_token":"r+","access_token":"sandbox-"#;
    assert!(
        body.starts_with(begin) && body.ends_with(r#"","expires_in":1800}"#),
        "{body}"
    );
    for (token, status) in [(token.as_str(), 204), ("known", 204), ("other", 401)] {
        assert_eq!(put_with(&sandbox, token).status, status, "{token}");
    }
    assert_eq!(sandbox.request_log().tokens, 2);
}

#[test]
fn both_versions_grant_tokens_and_the_dated_one_adds_their_use() {
    let sandbox = start(SandboxOptions::default());
    for (path, token_use) in [
        ("/oauth/v1/token", None),
        ("/oauth/2026-09/token", Some("access_token")),
    ] {
        let answer = request_token_at(&sandbox, path, FORM);
        assert_eq!(answer.status, 200, "{answer:?}");
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["token_use"].as_str(), token_use, "{path}");
        assert_eq!(
            (&body["token_type"], &body["refresh_token"]),
            (&"bearer".into(), &"r+".into())
        );
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(put_with(&sandbox, token).status, 204);
        assert_eq!(send(&sandbox, "GET", path, "", "").unwrap().status, 405);
    }
    assert_eq!(sandbox.request_log().tokens, 2);
}

#[test]
fn an_expired_token_is_401_as_recorded() {
    let sandbox = start(SandboxOptions {
        oauth_life: "1s".parse().unwrap(),
        ..SandboxOptions::default()
    });
    let token = granted(&sandbox);
    std::thread::sleep(Duration::from_millis(1_010));
    let answer = put_with(&sandbox, &token);
    assert_eq!(answer.status, 401);
    let body = answer.masked();
    let (begin, end) = (
        r#"{"status":"error","message":"The OAuth token used to make this call expired 0 second(s) ago.","correlationId":"ID","category":"EXPIRED_AUTHENTICATION","context":{"expire time":["20"#,
        r#"Z"]}}"#,
    );
    assert!(body.starts_with(begin) && body.ends_with(end), "{body}");
}

#[test]
fn a_part_of_an_app_that_is_missing_or_unknown_is_named() {
    let sandbox = start(SandboxOptions {
        oauth_app: Some("i:s:r+".parse().unwrap()),
        ..SandboxOptions::default()
    });
    granted(&sandbox);
    for (wrong, word, part) in [
        (FORM.replace("=i", "=x"), "BAD_CLIENT_ID", "client id"),
        (
            FORM.replace("=s", "="),
            "BAD_CLIENT_SECRET",
            "client secret",
        ),
        (
            FORM.replace("=r%2B", "=r"),
            "BAD_REFRESH_TOKEN",
            "refresh token",
        ),
    ] {
        let answer = request_token(&sandbox, &wrong);
        assert_eq!(answer.status, 400);
        let expected = format!(
            r#"{{"status":"{word}","message":"missing or unknown {part}","correlationId":"ID"}}"#
        );
        assert_eq!(answer.masked(), expected);
    }
    assert_eq!(sandbox.request_log().tokens, 1);
}

#[test]
fn token_requests_use_no_quota() {
    let sandbox = start(SandboxOptions {
        limit: "1/h".parse().unwrap(),
        daily: Some(1),
        ..SandboxOptions::default()
    });
    for _ in 0..3 {
        granted(&sandbox);
    }
    assert_eq!(put_with(&sandbox, "any").status, 204);
}
