//! The token, and the session that it is exchanged for.

use body_logger_inspector::Inspector;
use serde_json::json;

use super::{
    http::{get, send, Response},
    support::{fill, store, Server},
};

const FORM: &str = "content-type: application/x-www-form-urlencoded";

fn server() -> Server {
    let store = store();
    fill(&store, [json!({})]);
    Server::start(Inspector::over(store).token("correct horse battery"))
}

fn enter(server: &Server, token: &str) -> Response {
    send(
        server.address,
        "POST /_inspector/session",
        &[FORM],
        &format!("token={token}&to=%3Fq%3Dstatus%3A5xx"),
    )
}

#[test]
fn the_right_token_is_exchanged_for_a_session() {
    let server = server();
    let form = get(server.address, "/_inspector?q=status:5xx", &[]);
    assert!(
        form.body.contains("Access token") && form.body.contains("value=\"?q=status:5xx\""),
        "{form:?}"
    );
    form.shows_nothing();

    let entered = enter(&server, "correct+horse+battery");
    assert_eq!(
        (entered.status, entered.header("location")),
        (303, Some("../_inspector?q=status:5xx"))
    );
    let cookie = entered.header("set-cookie").expect("a session");
    let (session, attributes) = cookie.split_once("; ").expect("attributes");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/_inspector"] {
        assert!(attributes.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("horse") && session.len() > 64, "{cookie}");

    let cookie = format!("cookie: {session}");
    assert!(get(server.address, "/_inspector", &[&cookie])
        .body
        .contains("app.js"));
    let entries = "/_inspector/api/entries?limit=10";
    assert!(get(server.address, entries, &[&cookie])
        .body
        .contains("/orders/7"));
    get(
        server.address,
        entries,
        &[&cookie, "Origin: http://evil.example"],
    )
    .shows_nothing();
}

#[test]
fn the_session_is_not_sent_over_plain_http_once_it_was_begun_over_tls() {
    let server = server();
    assert!(!enter(&server, "correct+horse+battery")
        .header("set-cookie")
        .expect("a session")
        .contains("Secure"));
    let entered = send(
        server.address,
        "POST /_inspector/session",
        &[FORM, "X-Forwarded-Proto: https"],
        "token=correct+horse+battery",
    );
    assert!(
        entered
            .header("set-cookie")
            .expect("a session")
            .contains("; Secure"),
        "{entered:?}"
    );
}

#[test]
fn without_a_session_nothing_is_shown() {
    let server = server();
    for cookie in [
        "x: y",
        "cookie: body_logger_inspector=",
        "cookie: body_logger_inspector=correct horse battery",
    ] {
        for path in [
            "api/entries?limit=1",
            "api/words",
            "api/overview",
            "api/har",
            "api/events",
            "nothing",
        ] {
            let response = get(server.address, &format!("/_inspector/{path}"), &[cookie]);
            assert_eq!(response.status, 401, "{path}");
            response.shows_nothing();
        }
    }
    // Nor does the address let anyone in.
    get(
        server.address,
        "/_inspector?token=correct+horse+battery",
        &[],
    )
    .shows_nothing();
}

#[test]
fn a_wrong_token_is_refused_and_after_five_the_right_one_too() {
    let server = server();
    for left in ["4 tries", "3 tries", "2 tries", "1 try", "0 tries"] {
        let refused = enter(&server, "wrong");
        assert_eq!((refused.status, refused.header("set-cookie")), (403, None));
        assert!(
            refused.body.contains(&format!(
                "That token is not valid. {left} left this minute."
            )),
            "{refused:?}"
        );
        refused.shows_nothing();
    }
    let refused = enter(&server, "correct+horse+battery");
    assert_eq!((refused.status, refused.header("set-cookie")), (429, None));
    assert_eq!(refused.header("retry-after"), Some("60"));
}

#[test]
fn an_empty_token_lets_nobody_in() {
    let server = Server::start(Inspector::over(store()).token(""));
    assert_eq!(enter(&server, "").status, 403);
}

#[test]
fn a_form_of_another_site_is_refused() {
    let server = server();
    let headers = [FORM, "Origin: http://evil.example"];
    let refused = send(
        server.address,
        "POST /_inspector/session",
        &headers,
        "token=correct+horse+battery",
    );
    assert_eq!((refused.status, refused.header("set-cookie")), (403, None));
}

#[test]
fn the_way_back_leads_to_the_page_only() {
    let server = server();
    for to in [
        "//evil.example",
        "https://evil.example",
        "%3Fa%0d%0ax-evil:1",
    ] {
        let body = format!("token=correct+horse+battery&to={to}");
        let entered = send(server.address, "POST /_inspector/session", &[FORM], &body);
        assert!(
            entered
                .header("location")
                .is_some_and(|to| to.starts_with("../_inspector?")),
            "{entered:?}"
        );
        assert_eq!(entered.header("x-evil"), None);
    }
    let mounted = Inspector::over(store()).token("correct").at("/session");
    let server_there = Server::start(mounted);
    let entered = send(
        server_there.address,
        "POST /session/session",
        &[FORM],
        "token=correct",
    );
    assert_eq!(
        entered.header("location"),
        Some("../session?"),
        "{entered:?}"
    );
    let hostile = get(
        server.address,
        "/_inspector?\"><script>alert(1)</script>",
        &[],
    );
    assert!(!hostile.body.contains("<script>alert"), "{hostile:?}");
}

#[test]
fn a_followed_link_loads_itself_again_to_get_the_strict_cookie() {
    let server = server();
    let followed = [
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Mode: navigate",
        "Sec-Fetch-Dest: document",
    ];
    assert!(get(server.address, "/_inspector", &followed)
        .body
        .contains("http-equiv=\"refresh\""));
    assert!(!get(
        server.address,
        "/_inspector",
        &["Sec-Fetch-Site: same-origin"]
    )
    .body
    .contains("http-equiv=\"refresh\""));
}
