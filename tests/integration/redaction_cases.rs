//! The kinds of places where secrets were seen, sent and answered through the middleware: of each a case and its variants.

use std::{collections::BTreeMap, fs, path::Path};

use actix_web::{http::header::CONTENT_TYPE, test, web, App, HttpRequest, HttpResponse};
use actix_web_body_logger::{record::Body, sink::Memory, BodyLogger, Record};
use memchr::memmem;
use serde::Deserialize;

use crate::leaks::search::{in_base64, percent_decoded, unescaped};

#[derive(Deserialize)]
struct Kind {
    kind: String,
    case: Case,
    variants: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    content_type: String,
    body: String,
    hidden: Vec<String>,
    visible: Vec<String>,
    path: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// The same file that the redaction library is held to.
fn kinds() -> Vec<Kind> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/redact/tests/data/kinds.json");
    let file = fs::read_to_string(path).expect("the file of kinds");
    // What keeps addresses with a secret path from being whole in the file.
    serde_json::from_str(&file.replace("/~", "/")).expect("kinds")
}

async fn echo(request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(content_type) = request.headers().get(CONTENT_TYPE) {
        response.insert_header((CONTENT_TYPE, content_type));
    }
    response.body(body)
}

/// What a record shows of a body, as it is.
fn content(body: &Body) -> String {
    let own = body.json.as_ref().map(|json| json.get().to_owned());
    let own = own.or_else(|| body.text.clone()).unwrap_or_default();
    let parts = body.parts.iter().map(|part| {
        let content = part.json.as_ref().map(|json| json.get().to_owned());
        let content = content.or_else(|| part.text.clone()).unwrap_or_default();
        let name = part.name.as_deref().unwrap_or_default();
        let file = part.file_name.as_deref().unwrap_or_default();
        format!("{name} {file} {content}\n")
    });
    own + &parts.collect::<String>()
}

/// The head of a request as a record shows it.
fn head(record: &Record) -> String {
    let request = &record.request;
    let headers = (request.headers.iter()).map(|(name, value)| format!("{name}: {value}\n"));
    let query = request.query.as_deref().unwrap_or_default();
    format!("{}?{query}\n{}", request.path, headers.collect::<String>())
}

#[actix_web::test]
async fn every_case_and_variant_is_hidden_in_requests_and_responses_and_what_is_harmless_is_shown()
{
    let memory = Memory::new(10);
    let logger = BodyLogger::builder()
        .capture_media_types([mime::TEXT_STAR])
        .inline_sink(memory.clone())
        .build();
    let app = App::new().wrap(logger).default_service(web::to(echo));
    let app = test::init_service(app).await;
    let mut failures = Vec::new();
    let mut cases = 0;
    for kind in kinds() {
        for case in kind.variants.iter().chain([&kind.case]) {
            let mut request = test::TestRequest::post()
                .uri(&case.path.as_deref().unwrap_or("/echo").replace(' ', "%20"))
                .insert_header((CONTENT_TYPE, case.content_type.as_str()))
                .set_payload(case.body.clone());
            for (name, value) in &case.headers {
                request = request.insert_header((name.as_str(), value.as_str()));
            }
            let answered = test::call_and_read_body(&app, request.to_request()).await;
            assert_eq!(answered, case.body, "the body passes as it was sent");
            let record = memory.records().remove(0);
            memory.clear();
            cases += 1;
            if let Some(failure) = failure(&record, case) {
                failures.push(format!("{}: {failure}", kind.kind));
            }
        }
    }
    assert!(cases > 800, "{cases} cases");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with a record of a case.
fn failure(record: &Record, case: &Case) -> Option<String> {
    let request = head(record) + &content(&record.request.body);
    let response = record.response.as_ref().expect("a response");
    let response = content(&response.body);
    let line = serde_json::to_string(record).expect("JSON");
    for secret in &case.hidden {
        // Ids and times hold short numbers by chance.
        let is_told = |text: &&String| secret.len() > 6 || text.as_str() != line;
        if let Some(text) = [&request, &response, &line]
            .into_iter()
            .filter(is_told)
            .find(|text| holds(text, secret))
        {
            return Some(format!("shows {secret}: {text}"));
        }
    }
    let is_of_head = |text: &str| head(record).contains(text);
    let is_missing =
        |text: &&String| !request.contains(*text) || !is_of_head(text) && !response.contains(*text);
    let missing = case.visible.iter().find(is_missing)?;
    Some(format!("hides {missing}: {request} / {response}"))
}

/// Whether a secret is in a text: as it is, escaped, percent-encoded or in base64.
fn holds(text: &str, secret: &str) -> bool {
    let plain = unescaped(text);
    let codes = in_base64(secret);
    plain.contains(secret)
        || percent_decoded(&plain).contains(secret)
        || secret.len() >= 8
            && (codes.iter()).any(|code| memmem::find(text.as_bytes(), code).is_some())
}

#[actix_web::test]
async fn what_is_masked_is_counted_by_what_told_it() {
    let logger = BodyLogger::builder().inline_sink(Memory::new(10)).build();
    let app = App::new()
        .wrap(logger.clone())
        .default_service(web::to(|_: web::Bytes| async { HttpResponse::NoContent() }));
    let app = test::init_service(app).await;
    let mut expected = [0; 4];
    for (kind, body) in [
        r#"{"password":"q7Kd92mXw4tBzR5v"}"#,
        r#"{"a":"4111111111111111"}"#,
        r#"{"name":"password","value":"q7Kd92mXw4tBzR5v"}"#,
        r#"{"note":"password=q7Kd92mXw4tBzR5v"}"#,
    ]
    .into_iter()
    .enumerate()
    {
        let request = test::TestRequest::post()
            .insert_header((CONTENT_TYPE, "application/json"))
            .set_payload(body);
        test::call_and_read_body(&app, request.to_request()).await;
        expected[kind] += 1;
        let counters = logger.counters();
        let counted = [
            counters.hidden_by_name,
            counters.hidden_by_family,
            counters.hidden_by_structure,
            counters.hidden_by_text,
        ];
        assert_eq!(counted, expected, "{body}");
    }
}
