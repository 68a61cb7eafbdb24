//! Requests, in process.

use actix_web::{
    dev::{Payload, Service as _},
    error::PayloadError,
    http::{header, StatusCode},
    middleware::{from_fn, Condition},
    test::{self as actix_test, TestRequest},
    web::{self, Bytes},
    App, HttpMessage as _,
};
use actix_web_body_logger::replay::{read_request, ReadError};
use futures_util::{stream, TryStreamExt as _};
use proptest::prelude::*;

use super::{
    expected, gzip, kind, pattern, pieces, read_both, request, routes,
    script::{self, drive, drive_for, events_of_payload, Event, Script, Step},
    steps, stream_error,
};

#[test]
fn a_request_body_of_any_size_is_read_up_to_the_limit_and_left_in_place() {
    const LIMIT: usize = 1000;
    for len in [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 50 * LIMIT] {
        for piece in [1, 7, LIMIT, usize::MAX] {
            let body = pattern(len);
            let (script, probe) = Script::new(pieces(&body, piece.min(len.max(1))));
            let mut req = request(script.into_payload());

            let result = drive(read_request(&mut req, LIMIT));
            if len <= LIMIT {
                assert_eq!(result.as_ref(), Ok(&body), "{len} in pieces of {piece}");
            } else {
                assert_eq!(result, Err(ReadError::TooLarge { limit: LIMIT }));
                assert!(probe.handed_out() <= LIMIT + piece.min(len));
            }
            let want = script::merged([Event::Bytes(body.to_vec())]);
            assert_eq!(events_of_payload(req.take_payload()), want);
        }
    }
}

proptest! {
    #[test]
    fn however_a_request_body_is_split_or_fails_the_next_reader_sees_the_same(
        steps in steps(),
        limit in 0usize..200,
        second_limit in 0usize..400,
    ) {
        let (script, probe) = Script::new(steps.clone());
        let mut req = request(script.into_payload());

        let result = drive(read_request(&mut req, limit));
        prop_assert_eq!(kind(result), expected(&steps, limit));
        prop_assert!(probe.handed_out() <= limit + 24, "bounded");

        // Once more, over what the first reading has put back.
        let result = drive(read_request(&mut req, second_limit));
        prop_assert_eq!(kind(result), expected(&steps, second_limit));

        prop_assert_eq!(events_of_payload(req.take_payload()), script::events(&steps));
    }

    #[test]
    fn dropping_the_reading_of_a_request_after_any_poll_loses_nothing(
        steps in steps(),
        limit in 0usize..200,
        polls in prop::collection::vec(0usize..8, 1..4),
    ) {
        let (script, _) = Script::new(steps.clone());
        let mut req = request(script.into_payload());
        for polls in polls {
            let _ = drive_for(polls, read_request(&mut req, limit));
        }
        prop_assert_eq!(events_of_payload(req.take_payload()), script::events(&steps));
    }
}

#[test]
fn a_request_without_a_payload_stays_without_one() {
    let mut req = request(Payload::None);
    assert_eq!(drive(read_request(&mut req, 0)), Ok(Bytes::new()));
    assert!(matches!(req.take_payload(), Payload::None));
}

#[test]
fn a_single_chunk_is_not_copied() {
    let body = pattern(5000);
    let (script, _) = Script::new(vec![Step::Chunk(body.clone())]);
    let mut req = request(script.into_payload());
    let read = drive(read_request(&mut req, 5000)).unwrap();
    assert_eq!(read.as_ptr(), body.as_ptr());
}

#[test]
fn a_failed_request_stream_is_polled_again_only_by_the_next_reader() {
    let steps = vec![
        Step::Chunk(Bytes::from_static(b"first")),
        Step::Error,
        Step::Chunk(Bytes::from_static(b"rest")),
    ];
    let (script, probe) = Script::new(steps.clone());
    let mut req = request(script.into_payload());

    let result = drive(read_request(&mut req, 100));
    assert!(stream_error(&result));
    assert!(result
        .unwrap_err()
        .to_string()
        .contains("payload reached EOF"));
    let _ = drive(read_request(&mut req, 100));
    assert_eq!(probe.polls(), 2, "once for the chunk, once for the error");

    assert_eq!(
        events_of_payload(req.take_payload()),
        script::events(&steps)
    );
}

#[test]
fn the_inner_payload_is_dropped_when_it_has_ended_and_otherwise_with_the_payload_put_back() {
    let body = Step::Chunk(Bytes::from_static(b"body"));

    let (script, probe) = Script::new(vec![body.clone()]);
    let mut req = request(script.into_payload());
    drive(read_request(&mut req, 100)).unwrap();
    assert!(probe.is_dropped());

    for steps in [
        vec![body.clone(), Step::Error],
        vec![body.clone(), Step::Pending, body],
    ] {
        let (script, probe) = Script::new(steps);
        let mut req = request(script.into_payload());
        let _ = drive(read_request(&mut req, 5));
        assert!(!probe.is_dropped());
        drop(req.take_payload());
        assert!(probe.is_dropped());
    }
}

#[test]
fn the_request_head_is_not_touched() {
    let mut req = TestRequest::post()
        .insert_header((header::CONTENT_TYPE, "text/plain"))
        .insert_header((header::CONTENT_ENCODING, "gzip"))
        .insert_header((header::TRANSFER_ENCODING, "chunked"))
        .set_payload("not gzip at all")
        .to_srv_request();
    let before = format!("{req:?}");
    assert_eq!(
        drive(read_request(&mut req, 100)).unwrap(),
        "not gzip at all"
    );
    assert_eq!(format!("{req:?}"), before);
}

async fn answers(
    make: impl Fn() -> TestRequest,
    payload: impl Fn() -> Option<Payload>,
) -> [(StatusCode, Bytes); 2] {
    let mut answers = Vec::new();
    for enabled in [false, true] {
        let app = actix_test::init_service(
            App::new()
                .app_data(web::PayloadConfig::new(2 << 20))
                .app_data(web::JsonConfig::default().limit(2 << 20))
                .app_data(web::FormConfig::default().limit(2 << 20))
                .wrap(Condition::new(enabled, from_fn(read_both::<{ 1 << 20 }>)))
                .configure(routes::routes),
        )
        .await;
        let mut req = make().to_request();
        if let Some(payload) = payload() {
            req.set_payload_of(payload);
        }
        let res = app.call(req).await.expect("a response");
        answers.push((res.status(), actix_test::read_body(res).await));
    }
    answers.try_into().expect("two answers")
}

trait SetPayload {
    fn set_payload_of(&mut self, payload: Payload);
}

impl SetPayload for actix_http::Request {
    fn set_payload_of(&mut self, payload: Payload) {
        *self.payload() = payload;
    }
}

#[actix_web::test]
async fn every_extractor_works_behind_it_also_past_256_kib() {
    for len in [0, 10, 400 * 1024] {
        let text = "x".repeat(len);
        let json = format!("\"{text}\"");
        let form = format!("text={text}");
        let multipart = format!(
            "--B\r\ncontent-disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n{text}\r\n--B--\r\n"
        );
        let cases = [
            ("/json", "application/json", json),
            ("/form", "application/x-www-form-urlencoded", form),
            ("/bytes", "application/octet-stream", text.clone()),
            ("/string", "text/plain", text.clone()),
            ("/multipart", "multipart/form-data; boundary=B", multipart),
        ];
        for (path, media, body) in cases {
            for zipped in [false, true] {
                let [without, with] = answers(
                    || {
                        let req = TestRequest::post()
                            .uri(path)
                            .insert_header((header::CONTENT_TYPE, media));
                        if zipped {
                            req.insert_header((header::CONTENT_ENCODING, "gzip"))
                                .set_payload(gzip(body.as_bytes()))
                        } else {
                            req.set_payload(body.clone())
                        }
                    },
                    || None,
                )
                .await;
                assert_eq!(with, without, "{path} {len} gzip {zipped}");
                if !(zipped && path == "/multipart") {
                    // actix's multipart does not decompress, with or without us.
                    assert_eq!(with, (StatusCode::OK, text.clone().into()), "{path} {len}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn an_upload_that_fails_midway_is_answered_as_without_us() {
    let errors: [fn() -> PayloadError; 4] = [
        || PayloadError::Incomplete(None),
        || PayloadError::Overflow,
        || PayloadError::EncodingCorrupted,
        || PayloadError::Io(std::io::Error::other("wire cut")),
    ];
    for error in errors {
        for (path, media) in [
            ("/bytes", "application/octet-stream"),
            ("/string", "text/plain"),
            ("/json", "application/json"),
            ("/form", "application/x-www-form-urlencoded"),
            ("/multipart", "multipart/form-data; boundary=B"),
            ("/stream", "application/octet-stream"),
        ] {
            for first in ["", "\"half a bo"] {
                let [without, with] = answers(
                    || {
                        TestRequest::post()
                            .uri(path)
                            .insert_header((header::CONTENT_TYPE, media))
                    },
                    || {
                        let chunk = Ok(Bytes::from_static(first.as_bytes()));
                        let items = stream::iter([chunk, Err(error())]);
                        Some(Payload::Stream {
                            payload: Box::pin(items),
                        })
                    },
                )
                .await;
                assert!(!with.0.is_success(), "{path}");
                assert_eq!(with, without, "{path} {:?}", error());
            }
        }
    }
}

#[actix_web::test]
async fn a_payload_given_up_midway_is_awake_when_the_rest_arrives() {
    let (mut sender, payload) = actix_http::h1::Payload::create(false);
    let mut req = request(Payload::from(payload));
    sender.feed_data(Bytes::from_static(b"first "));
    assert!(drive_for(2, read_request(&mut req, 100)).is_none());
    let reading = actix_web::rt::spawn(async move {
        let read = read_request(&mut req, 100).await;
        (req, read)
    });
    actix_web::rt::task::yield_now().await;
    sender.feed_data(Bytes::from_static(b"second"));
    sender.feed_eof();
    let (mut req, read) = reading.await.unwrap();
    assert_eq!(read.unwrap(), "first second");
    let rest: Vec<_> = req.take_payload().try_collect().await.unwrap();
    assert_eq!(rest, ["first second"]);
}
