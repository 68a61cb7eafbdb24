//! Masked values that read as keyed hashes of themselves, in each place where a value may stand.

use actix_web::{http::header, test, web, App, HttpResponse};
use actix_web_body_logger::{
    record::Body, redact::HashKey, sink::Memory, BodyLogger, Exchange, Record,
};

const SECRET: &str = "q7Kd92mXw4tBzR5v";
const CARD: &str = "4111111111111111";

async fn handle(exchange: Exchange, _: web::Bytes) -> HttpResponse {
    exchange.set_attribute("password", SECRET);
    exchange.set_attribute("note", CARD);
    HttpResponse::Ok()
        .content_type("application/json")
        .body(format!(
            r#"{{"password":"{SECRET}","note":"{CARD}","list":[{CARD}]}}"#
        ))
}

/// The record of an exchange with this body.
async fn record(content_type: &str, body: String) -> Record {
    let memory = Memory::new(1);
    let logger = BodyLogger::builder()
        .capture_media_types([mime::TEXT_PLAIN])
        .hash_masked_values(HashKey::new("k", b"a key"))
        .inline_sink(memory.clone())
        .build();
    let app = App::new()
        .wrap(logger)
        .route("/reset/{token}/{file}", web::post().to(handle));
    let app = test::init_service(app).await;
    let request = test::TestRequest::post()
        .uri(&format!("/reset/{SECRET}/{CARD}?pin={SECRET}&a={CARD}"))
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::AUTHORIZATION, format!("Bearer {SECRET}")))
        .set_payload(body);
    test::call_and_read_body(&app, request.to_request()).await;
    memory.records().remove(0)
}

fn document(body: &Body) -> serde_json::Value {
    let json = body.json.as_ref().expect("JSON");
    serde_json::from_str(json.get()).expect("a document")
}

#[actix_web::test]
async fn equal_values_are_told_to_be_equal_wherever_they_stand_whole() {
    let json = format!(r#"{{"password":"{SECRET}","a":"{CARD}"}}"#);
    let form = format!("password={SECRET}&a={CARD}");
    let part = |name: &str, value: &str| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts = part("password", SECRET) + &part("a", CARD) + "--b--";

    let shown = record("application/json", json).await;
    let body = document(&shown.request.body);
    let [secret, card] =
        ["password", "a"].map(|name| body[name].as_str().expect("a text").to_owned());
    assert!(secret.starts_with("k:") && card.starts_with("k:") && secret != card);

    assert_eq!(*shown.request.path, format!("/reset/{secret}/{card}"));
    assert_eq!(
        shown.request.query.as_deref(),
        Some(&*format!("pin={secret}&a={card}"))
    );
    assert_eq!(shown.attributes["password"], secret);
    assert_eq!(shown.attributes["note"], card);
    let answered = document(&shown.response.as_ref().expect("a response").body);
    assert_eq!(answered["password"], *secret);
    assert_eq!(answered["note"], *card);
    assert_eq!(answered["list"][0], *card);
    let authorization = shown
        .request
        .headers
        .iter()
        .find(|(name, _)| *name == "authorization");
    assert_eq!(authorization.map(|(_, value)| value.as_str()), Some("***"));

    let shown = record("application/x-www-form-urlencoded", form).await;
    let text = format!("password={secret}&a={card}");
    assert_eq!(shown.request.body.text.as_deref(), Some(&*text));

    let shown = record("multipart/form-data; boundary=b", parts).await;
    let texts: Vec<_> = shown
        .request
        .body
        .parts
        .iter()
        .map(|part| part.text.as_deref())
        .collect();
    assert_eq!(texts, [Some(&*secret), Some(&*card)]);

    let shown = record("text/plain", CARD.to_owned()).await;
    assert_eq!(shown.request.body.text.as_deref(), Some(&*card));
}
