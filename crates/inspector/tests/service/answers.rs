//! What is answered to those who may look.

use body_logger_inspector::Inspector;
use serde_json::{json, Value};

use super::{
    http::get,
    support::{fill, orders, store, Server},
};

fn ask(server: &Server, path: &str) -> Value {
    let response = get(server.address, &format!("/_inspector/{path}"), &[]);
    assert_eq!(response.status, 200, "{path}: {response:?}");
    serde_json::from_str(&response.body).expect("JSON")
}

#[test]
fn responses_are_not_stored_framed_or_sniffed_and_assets_are_kept_for_ever() {
    let store = store();
    fill(&store, [json!({})]);
    let server = Server::start(Inspector::over(store).localhost_only());
    let page = get(server.address, "/_inspector", &[]);
    let asset = page
        .body
        .split("src=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a script");
    let asset = get(server.address, &format!("/{asset}"), &[]);
    assert_eq!(asset.status, 200);
    let cached = "public, max-age=31536000, immutable";
    assert_eq!(asset.header("cache-control"), Some(cached));
    let entries = get(server.address, "/_inspector/api/entries?limit=1", &[]);
    let nothing = get(server.address, "/_inspector/nothing", &[]);
    let refused = get(server.address, "/_inspector", &["Via: 1.1 proxy"]);
    for response in [&page, &entries, &nothing, &refused] {
        assert_eq!(
            response.header("cache-control"),
            Some("no-store"),
            "{response:?}"
        );
    }
    for response in [&page, &entries, &nothing, &refused, &asset] {
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(response.header("x-frame-options"), Some("DENY"));
        let policy = response
            .header("content-security-policy")
            .expect("a policy");
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
    }
    // The page works with and without a slash at its end.
    assert!(page.body.contains("href=\"_inspector/assets/"));
    assert!(get(server.address, "/_inspector/", &[])
        .body
        .contains("href=\"assets/"));
}

#[test]
fn the_list_is_paged_without_repeating_or_omitting_a_record() {
    let store = orders(250);
    let server = Server::start(Inspector::over(store).localhost_only());
    let first = ask(&server, "api/entries?limit=100");
    assert_eq!(
        (&first["total"], &first["matching"]),
        (&json!(250), &json!(250))
    );
    let next = first["next"].as_str().expect("a further page");
    let second = ask(&server, &format!("api/entries?limit=100&cursor={next}"));
    let skipped = ask(
        &server,
        &format!("api/entries?limit=100&cursor={next}&skip=100"),
    );
    let paths: Vec<_> = [&first, &second, &skipped]
        .into_iter()
        .flat_map(|page| page["rows"].as_array().expect("rows"))
        .map(|row| row["path"].as_str().expect("a path").to_owned())
        .collect();
    let expected: Vec<_> = (0..250).rev().map(|n| format!("/orders/{n}")).collect();
    assert_eq!(paths, expected);
    assert_eq!(skipped["next"], Value::Null);
}

#[test]
fn a_wrong_filter_is_an_error_with_its_place() {
    let server = Server::start(Inspector::over(store()).localhost_only());
    // The place is counted as the page counts: in UTF-16.
    for path in [
        "entries?limit=1&",
        "filter?",
        "events?",
        "overview?",
        "har?",
    ] {
        let path = format!("/_inspector/api/{path}q=%F0%9D%92%B3%20status%3A9xx");
        let response = get(server.address, &path, &[]);
        assert_eq!(response.status, 400, "{path}");
        let problem: Value = serde_json::from_str(&response.body).expect("JSON");
        assert_eq!(
            (&problem["filter"]["start"], &problem["filter"]["end"]),
            (&json!(10), &json!(13))
        );
    }
}

#[test]
fn a_record_is_shown_with_its_numbers_as_they_are() {
    let store = store();
    let body = r#"{"state":"complete","bytes":60,"captured":60,"media_type":"application/json","json":{"z":12345678901234567890.10,"a":1e400}}"#;
    let mut record = body_logger_core::Record::example();
    record.request.body = serde_json::from_str(body).expect("a body");
    let id = record.entry_id;
    body_logger_core::Sink::write(&store, &[body_logger_core::Entry::Record(record)])
        .expect("a store");
    let server = Server::start(Inspector::over(store).localhost_only());
    let answer = ask(&server, &format!("api/records/{id}"));
    assert_eq!(
        answer["request"]["content"],
        r#"{"z":12345678901234567890.10,"a":1e400}"#
    );
    assert!(
        answer["curl"]
            .as_str()
            .is_some_and(|curl| curl.contains("\ncurl ")),
        "{answer}"
    );
    let archive = ask(&server, &format!("api/records/{id}/har"));
    assert_eq!(archive["log"]["entries"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        get(
            server.address,
            &format!("/_inspector/api/records/{}", uuid::Uuid::nil()),
            &[]
        )
        .status,
        404
    );
    assert_eq!(
        get(server.address, "/_inspector/api/records/none", &[]).status,
        404
    );
}

#[test]
fn an_archive_holds_all_that_a_filter_matches() {
    let store = store();
    let paths = ["/orders/7", "/carts/1"];
    fill(
        &store,
        (0..25_000).map(|n| json!({"request": {"path": paths[n % 2]}})),
    );
    let server = Server::start(Inspector::over(store).localhost_only());
    let archive = ask(&server, "api/har?q=path%3A%2Forders");
    let entries = archive["log"]["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), 12_500);
    let started = |entry: &Value| entry["startedDateTime"].as_str().map(str::to_owned);
    assert!(entries
        .windows(2)
        .all(|pair| started(&pair[0]) < started(&pair[1])));
    let nothing = ask(&server, "api/har?q=id%3Anone");
    assert_eq!(nothing["log"]["entries"], json!([]));
}

#[test]
fn the_page_comes_with_its_first_rows_as_text() {
    let store = store();
    let text = "</template><script>alert('{assets}{modules}')</script>&amp;";
    fill(
        &store,
        [text, "/orders/2"].map(|path| json!({"request": {"path": path}})),
    );
    let server = Server::start(Inspector::over(store).localhost_only());
    let page = |query: &str| get(server.address, &format!("/_inspector{query}"), &[]).body;
    let first = |page: &str| {
        let (_, rest) = page
            .split_once("<template id=\"first\">")
            .expect("a template");
        let (first, _) = rest.split_once("</template>").expect("its end");
        let first = first
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"");
        first.replace("&amp;", "&")
    };
    let all: Value = serde_json::from_str(&first(&page(""))).expect("JSON");
    assert_eq!(all, ask(&server, "api/entries?limit=100"));
    assert_eq!(all["rows"][1]["path"], text);
    assert!(!page("").contains("<script>"));
    let some: Value =
        serde_json::from_str(&first(&page("?q=path:/orders&range=15"))).expect("JSON");
    assert_eq!(some["rows"].as_array().map(Vec::len), Some(1));
    // The page asks, and shows what is wrong.
    assert_eq!(first(&page("?q=status:9xx")), "");
    assert_eq!(first(&page("?range=x")), "");
}
