//! Responses, in process.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    body::{BodySize, BodyStream, MessageBody},
    dev::ServiceResponse,
    error,
    http::StatusCode,
    test::TestRequest,
    web::Bytes,
    Error, HttpResponse,
};
use actix_web_body_logger::replay::{read_response, ReadError, ReplayBody};
use futures_util::stream;
use proptest::prelude::*;

use super::{
    expected, kind, pattern, pieces, response,
    script::{self, drive, drive_for, events_of_body, Event, Script, Step},
    steps, stream_error,
};

#[test]
fn a_response_body_of_any_size_is_read_up_to_the_limit_and_left_in_place() {
    const LIMIT: usize = 1000;
    for len in [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 50 * LIMIT] {
        for piece in [1, 7, LIMIT, usize::MAX] {
            for sized in [false, true] {
                let body = pattern(len);
                let (script, probe) = Script::new(pieces(&body, piece.min(len.max(1))));
                let size = if sized {
                    BodySize::Sized(len as u64)
                } else {
                    BodySize::Stream
                };
                let res = response(script.into_body(size));

                let (res, result) = drive(read_response(res, LIMIT));
                if len <= LIMIT {
                    assert_eq!(result.as_ref(), Ok(&body), "{len} in pieces of {piece}");
                } else {
                    assert_eq!(result, Err(ReadError::TooLarge { limit: LIMIT }));
                    assert!(probe.handed_out() <= LIMIT + piece.min(len));
                    assert_eq!(probe.polls() == 0, sized, "a stated size is believed");
                }
                assert_eq!(res.status(), StatusCode::OK);
                assert_eq!(res.headers().len(), 2);
                assert_eq!(
                    res.headers().get("content-type").unwrap(),
                    "application/x-thing"
                );
                assert_eq!(res.headers().get("x-custom").unwrap(), "kept");
                assert_eq!(res.response().body().size(), size);
                let want = script::merged([Event::Bytes(body.to_vec())]);
                assert_eq!(events_of_body(res.into_body()), want);
            }
        }
    }
}

proptest! {
    #[test]
    fn however_a_response_body_is_split_or_fails_the_server_sees_the_same(
        steps in steps(),
        limit in 0usize..200,
        interrupted in prop::collection::vec((0usize..8, 0usize..200), 0..4),
    ) {
        let (script, probe) = Script::new(steps.clone());
        let mut body = ReplayBody::new(script.into_body(BodySize::Stream));

        let mut most = limit;
        for (polls, limit) in interrupted {
            most = most.max(limit);
            let _ = drive_for(polls, body.read(limit));
        }
        let result = drive(body.read(limit));
        prop_assert_eq!(kind(result), expected(&steps, limit));
        prop_assert!(probe.handed_out() <= most + 24, "bounded");
        prop_assert_eq!(body.size(), BodySize::Stream);
        prop_assert_eq!(events_of_body(body), script::events(&steps));
    }

    #[test]
    fn a_response_read_partly_sent_partly_is_whole(
        steps in steps(),
        limit in 0usize..200,
        polls in 0usize..8,
        sent in 0usize..8,
    ) {
        // Not a sensible order of things, but one that must not lose or repeat anything.
        let (script, _) = Script::new(steps.clone());
        let mut body = ReplayBody::new(script.into_body(BodySize::Stream));
        let mut events = Vec::new();
        for _ in 0..sent {
            match Pin::new(&mut body).poll_next(&mut Context::from_waker(std::task::Waker::noop())) {
                Poll::Ready(Some(Ok(chunk))) => events.push(Event::Bytes(chunk.to_vec())),
                Poll::Ready(Some(Err(_))) => events.push(Event::Error),
                Poll::Ready(None) => break,
                Poll::Pending => {}
            }
            let _ = drive_for(polls, body.read(limit));
        }
        events.extend(events_of_body(body));
        prop_assert_eq!(script::merged(events), script::events(&steps));
    }
}

#[test]
fn bodies_without_content_are_not_polled_and_keep_their_size() {
    for size in [BodySize::None, BodySize::Sized(0)] {
        let (script, probe) = Script::new(vec![Step::Chunk(Bytes::from_static(b"secret"))]);
        let (res, result) = drive(read_response(response(script.into_body(size)), 100));
        assert_eq!(result, Ok(Bytes::new()));
        assert_eq!(res.response().body().size(), size);
        assert_eq!(probe.polls(), 0);
    }
}

#[test]
fn a_body_error_comes_back_as_the_same_value() {
    #[derive(Debug)]
    struct Boom(u32);
    impl From<Boom> for Box<dyn std::error::Error> {
        fn from(boom: Boom) -> Self {
            format!("{boom:?}").into()
        }
    }

    struct Failing;
    impl MessageBody for Failing {
        type Error = Boom;
        fn size(&self) -> BodySize {
            BodySize::Sized(4)
        }
        fn poll_next(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Bytes, Boom>>> {
            Poll::Ready(Some(Err(Boom(42))))
        }
    }

    let (res, result) = drive(read_response(response(Failing), 100));
    assert!(stream_error(&result));
    assert_eq!(
        result.unwrap_err().to_string(),
        "the body failed before its end"
    );
    let mut body = res.into_body();
    let item = drive(poll_fn(|cx| Pin::new(&mut body).poll_next(cx)));
    assert!(matches!(item, Some(Err(Boom(42)))));
}

#[test]
fn try_into_bytes_survives_wherever_the_body_is_at_hand() {
    // Not read.
    let body = ReplayBody::new("text");
    assert_eq!(body.try_into_bytes().unwrap(), "text");
    // Read, without a copy.
    let bytes = pattern(5000);
    let (res, read) = drive(read_response(response(bytes.clone()), 5000));
    assert_eq!(read.unwrap().as_ptr(), bytes.as_ptr());
    assert_eq!(
        res.into_body().try_into_bytes().unwrap().as_ptr(),
        bytes.as_ptr()
    );
    // Too large to be read.
    let (res, read) = drive(read_response(response("text"), 3));
    assert_eq!(read, Err(ReadError::TooLarge { limit: 3 }));
    assert_eq!(res.into_body().try_into_bytes().unwrap(), "text");
    // A stream that was read whole.
    let (script, _) = Script::new(pieces(&bytes, 10));
    let (res, _) = drive(read_response(
        response(script.into_body(BodySize::Stream)),
        5000,
    ));
    assert_eq!(res.into_body().try_into_bytes().unwrap(), bytes);
    // A stream that was not.
    let (script, _) = Script::new(pieces(&bytes, 10));
    let (res, _) = drive(read_response(
        response(script.into_body(BodySize::Stream)),
        99,
    ));
    let body = res.into_body().try_into_bytes().unwrap_err();
    assert_eq!(events_of_body(body), [Event::Bytes(bytes.to_vec())]);
}

#[test]
fn a_body_whose_bytes_differ_from_its_size_is_replayed_as_it_is() {
    for (size, limit, result) in [
        (5, 100, Ok(Bytes::from_static(b"12345678"))),
        (5, 6, Err(ReadError::TooLarge { limit: 6 })),
        (50, 100, Ok(Bytes::from_static(b"12345678"))),
    ] {
        let (script, _) = Script::new(pieces(&Bytes::from_static(b"12345678"), 4));
        let res = response(script.into_body(BodySize::Sized(size)));
        let (res, read) = drive(read_response(res, limit));
        assert_eq!(read, result);
        assert_eq!(res.response().body().size(), BodySize::Sized(size));
        assert_eq!(
            events_of_body(res.into_body()),
            [Event::Bytes(b"12345678".to_vec())]
        );
    }
}

#[test]
fn any_body_will_do_borrowed_pinned_boxed_or_nested() {
    struct Borrowed<'a>(Option<&'a [u8]>);
    impl MessageBody for Borrowed<'_> {
        type Error = std::convert::Infallible;
        fn size(&self) -> BodySize {
            BodySize::Stream
        }
        fn poll_next(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Bytes, Self::Error>>> {
            Poll::Ready(self.0.take().map(|b| Ok(Bytes::copy_from_slice(b))))
        }
    }
    let local = b"local".to_vec();
    let (res, read) = drive(read_response(response(Borrowed(Some(&local))), 10));
    assert_eq!(read.unwrap(), "local");
    assert_eq!(
        events_of_body(res.into_body()),
        [Event::Bytes(local.clone())]
    );

    fn unpin_and_debug<T: Unpin + std::fmt::Debug>(_: &T) {}
    let items = stream::once(async { Ok::<_, Error>(Bytes::from_static(b"secret")) });
    let (res, _) = drive(read_response(response(BodyStream::new(items)), 10));
    unpin_and_debug(res.response().body());
    assert!(!format!("{:?}", res.response().body()).contains("secret"));

    let res = res.map_into_boxed_body();
    let (res, _) = drive(read_response(res, 3));
    let (res, read) = drive(read_response(res, 6));
    assert_eq!(read.unwrap(), "secret");
    assert_eq!(res.into_body().boxed().try_into_bytes().unwrap(), "secret");
}

#[test]
fn the_error_and_the_extensions_of_a_response_survive() {
    let mut res = HttpResponse::from_error(error::ErrorImATeapot("short and stout"));
    res.extensions_mut().insert(7u8);
    let res = ServiceResponse::new(TestRequest::default().to_http_request(), res);
    let (res, read) = drive(read_response(res, 100));
    assert_eq!(read.unwrap(), "short and stout");
    assert_eq!(res.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(
        res.response().error().unwrap().to_string(),
        "short and stout"
    );
    assert_eq!(res.response().extensions().get::<u8>(), Some(&7));
}
