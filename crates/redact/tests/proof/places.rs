//! Where a secret can stand: under names and beside words that say nothing of it.

use serde_json::{json, Value};

use crate::{
    generate::Secret,
    show::{percent, Input},
};

/// How an input with a secret at a place is made.
type Put = fn(&Secret) -> Input;

/// Name, and what puts a secret there.
pub const PLACES: &[(&str, Put)] = &[
    ("whole value", |secret| {
        document(&json!({ "note": secret.text }))
    }),
    ("in a list", |secret| {
        document(&json!({ "items": ["one", secret.text, "two"] }))
    }),
    ("in a sentence", |secret| {
        document(
            &json!({ "note": format!("We were sent {} by the client, please look.", secret.text) }),
        )
    }),
    ("in quotes in a sentence", |secret| {
        document(&json!({ "note": format!("We were sent '{}' by the client.", secret.text) }))
    }),
    ("path", |secret| {
        Input::head(
            Some(format!("/items/{}/parts", percent(&secret.text, true))),
            Vec::new(),
        )
    }),
    ("query", |secret| {
        Input::head(
            Some(format!(
                "/items?page=2&note={}&x=1",
                percent(&secret.text, true)
            )),
            Vec::new(),
        )
    }),
    ("query of a URL", |secret| {
        let url = format!(
            "https://a.example/b?note={}&x=1",
            percent(&secret.text, true)
        );
        document(&json!({ "see": url }))
    }),
    ("header", |secret| {
        let value = format!("probe/1.0 ({})", secret.text.replace('\n', " "));
        Input::head(None, vec![("User-Agent".into(), value)])
    }),
    ("header with a URL", |secret| {
        let value = format!("https://a.example/b?note={}", percent(&secret.text, true));
        Input::head(None, vec![("Referer".into(), value)])
    }),
    ("cookie", |secret| {
        let value = format!("theme=dark; note={}", percent(&secret.text, true));
        Input::head(None, vec![("Cookie".into(), value)])
    }),
    ("JSON in JSON", |secret| {
        let inner = json!({ "a": { "note": secret.text } }).to_string();
        document(&json!({ "event": inner }))
    }),
    ("member name", |secret| {
        let mut members = serde_json::Map::new();
        members.insert(secret.text.clone(), json!(1));
        document(&Value::Object(members))
    }),
    ("form", |secret| {
        let body = format!("page=2&note={}&x=1", percent(&secret.text, true));
        Input::new("application/x-www-form-urlencoded", body)
    }),
    ("multipart field", |secret| {
        multipart("name=\"note\"", &secret.text)
    }),
    ("multipart file name", |secret| {
        let name = percent(&secret.text, true);
        multipart(
            &format!("name=\"f\"; filename*=UTF-8''dump-{name}.txt"),
            "x",
        )
    }),
    ("file name", |secret| {
        document(&json!({ "file": format!("/tmp/dump-{}.txt", secret.text) }))
    }),
    ("error message", |secret| {
        document(
            &json!({ "error": format!("cannot parse `{}`: invalid digit found in string", secret.text) }),
        )
    }),
    ("log line", |secret| {
        let line = format!(
            "2026-01-01T00:00:00Z WARN client sent {} (retry 3)\n",
            secret.text
        );
        Input::new("text/plain", line)
    }),
    ("text of several lines", |secret| {
        Input::new("text/plain", format!("first\n{}\nlast\n", secret.text))
    }),
    ("attribute of markup", |secret| {
        document(&json!({ "html": format!("<a title=\"{}\">x</a>", secret.text) }))
    }),
    ("truncated within", |secret| {
        // Three quarters of the longest random part are there.
        let core = secret.core();
        let end = secret.text.find(core).expect("its own part") + core.len() * 3 / 4;
        let whole = json!({ "note": secret.text[..end] }).to_string();
        Input::new("application/json", &whole.as_bytes()[..whole.len() - 2]).truncated()
    }),
];

fn document(document: &Value) -> Input {
    Input::new("application/json", document.to_string())
}

fn multipart(disposition: &str, content: &str) -> Input {
    let content = content.replace('\n', "\r\n");
    Input::new(
        "multipart/form-data; boundary=X",
        format!(
            "--X\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n--X--\r\n"
        ),
    )
}
