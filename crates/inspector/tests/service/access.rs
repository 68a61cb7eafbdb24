//! Who gets in without a token.

use body_logger_inspector::Inspector;
use serde_json::json;

use super::{
    http::{get, send},
    support::{fill, store, Server},
};

/// All that there is to get.
const PATHS: &[&str] = &[
    "/_inspector",
    "/_inspector/",
    "/_inspector/api/entries?limit=10",
    "/_inspector/api/overview",
    "/_inspector/api/har",
    "/_inspector/api/words",
    "/_inspector/api/events",
    "/_inspector/nothing",
];

fn local() -> Server {
    let store = store();
    fill(&store, [json!({})]);
    Server::start(Inspector::over(store).localhost_only())
}

#[test]
fn a_request_from_this_machine_is_answered() {
    let server = local();
    let port = server.address.port();
    let page = get(server.address, "/_inspector", &[]);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("app.js"));
    assert_eq!(
        send(server.address, "HEAD /_inspector", &[], "").status,
        200
    );
    for host in ["localhost", "127.0.0.1", "LOCALHOST"] {
        let host = format!("Host: {host}:{port}");
        let origin = host.replace("Host: ", "Origin: http://");
        assert_eq!(
            get(server.address, "/_inspector", &[&host, &origin]).status,
            200,
            "{host}"
        );
    }
    assert_eq!(
        get(server.address, "/elsewhere", &["Host: evil.example"]).body,
        "the application"
    );
}

#[test]
fn a_foreign_host_origin_or_proxy_gets_403_and_no_page() {
    let server = local();
    let port = server.address.port();
    let local = format!("Host: localhost:{port}");
    let headers: Vec<Vec<String>> = [
        vec!["Host: evil.example".to_owned()],
        vec![format!("Host: evil.example:{port}")],
        vec![format!("Host: localhost.evil.example:{port}")],
        vec![format!("Host: 127.0.0.1.evil.example:{port}")],
        vec!["Host: localhost".to_owned()],
        vec!["Host: localhost:1".to_owned()],
        vec![format!("Host: user@localhost:{port}")],
        vec![local.clone(), "Origin: http://evil.example".to_owned()],
        vec![local.clone(), "Origin: http://localhost:1".to_owned()],
        vec![local.clone(), "Origin: http://localhost".to_owned()],
        vec![local.clone(), "Origin: null".to_owned()],
        vec![
            local.clone(),
            "Origin: null".to_owned(),
            "Sec-Fetch-Site: cross-site".to_owned(),
        ],
        // The same server by another name is another origin.
        vec![local.clone(), format!("Origin: http://127.0.0.1:{port}")],
        vec![local.clone(), "Sec-Fetch-Site: cross-site".to_owned()],
        vec![
            local.clone(),
            "Sec-Fetch-Site: same-site".to_owned(),
            "Sec-Fetch-Mode: no-cors".to_owned(),
        ],
        vec![local.clone(), "Forwarded: for=127.0.0.1".to_owned()],
        vec![local.clone(), "X-Forwarded-For: 127.0.0.1".to_owned()],
        vec![local.clone(), "X-Forwarded-Host: localhost".to_owned()],
        vec![local.clone(), "X-Forwarded-Anything: 1".to_owned()],
        vec![local.clone(), "X-Real-IP: 127.0.0.1".to_owned()],
        vec![local.clone(), "Via: 1.1 proxy".to_owned()],
    ]
    .into();
    for headers in headers {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        for path in PATHS {
            let response = get(server.address, path, &headers);
            assert_eq!(response.status, 403, "{path} {headers:?}");
            assert_eq!(response.header("cache-control"), Some("no-store"));
            response.shows_nothing();
        }
    }
}

#[test]
fn a_link_from_another_site_opens_the_page() {
    let server = local();
    let headers = [
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Mode: navigate",
        "Sec-Fetch-Dest: document",
    ];
    assert_eq!(get(server.address, "/_inspector", &headers).status, 200);
    let framed = [
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Mode: navigate",
        "Sec-Fetch-Dest: iframe",
    ];
    assert_eq!(get(server.address, "/_inspector", &framed).status, 403);
}

#[test]
fn a_closure_decides_of_each_request() {
    let store = store();
    fill(&store, [json!({})]);
    let server = Server::start(
        Inspector::over(store)
            .allow(|request| request.headers().contains_key("x-staff"))
            .at("/staff/log"),
    );
    let refused = get(server.address, "/staff/log", &[]);
    assert_eq!(refused.status, 403);
    refused.shows_nothing();
    assert_eq!(
        get(server.address, "/staff/log", &["X-Staff: 1"]).status,
        200
    );
    let entries = "/staff/log/api/entries?limit=10";
    assert!(get(server.address, entries, &["X-Staff: 1"])
        .body
        .contains("/orders/7"));
    get(server.address, entries, &[]).shows_nothing();
    get(
        server.address,
        entries,
        &["X-Staff: 1", "Origin: http://evil.example"],
    )
    .shows_nothing();
    assert_eq!(
        get(server.address, "/_inspector", &["X-Staff: 1"]).body,
        "the application"
    );
}

#[test]
fn nothing_is_changed_by_any_method() {
    let server = local();
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for path in [
            "/_inspector",
            "/_inspector/api/entries?limit=1",
            "/_inspector/session",
        ] {
            let response = send(server.address, &format!("{method} {path}"), &[], "");
            assert!(
                matches!(response.status, 404 | 405 | 415),
                "{method} {path}: {response:?}"
            );
        }
    }
}
