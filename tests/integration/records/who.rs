//! Ids, clients, and what the application asked to be told.

use std::collections::HashSet;

use actix_web::{http::header::HeaderName, web, App, HttpResponse};
use actix_web_body_logger::{
    redact::{ClientAddr, ForwardedHeader, Network},
    Exchange,
};
use uuid::{Uuid, Version};

use super::{get, routes, values};
use crate::app::TestApp;

const ID: HeaderName = HeaderName::from_static("x-request-id");

#[test]
fn ids_are_uuids_of_version_7_and_no_two_are_the_same() {
    let app = TestApp::new(routes);
    let mut clients = [app.connect(), app.connect()];
    for i in 0..100 {
        for client in &mut clients {
            client.get(&format!("/{i}"));
        }
    }
    let mut ids = HashSet::new();
    for record in app.records(200) {
        let id: Uuid = record.id.parse().expect("a UUID");
        assert_eq!(id.get_version(), Some(Version::SortRand));
        assert_eq!(id.to_string(), record.id);
        let millis = record
            .time
            .duration_since(std::time::UNIX_EPOCH)
            .expect("a time after 1970")
            .as_millis();
        assert_eq!(id.as_u128() >> 80, millis);
        assert!(ids.insert(id), "{id} twice");
    }
}

#[test]
fn an_incoming_id_is_adopted_where_that_was_asked_for_and_it_is_sane() {
    let app = TestApp::configured(
        |logger| logger.adopt_request_id(ID).request_id_header(ID),
        routes,
    );
    let longest = "x".repeat(128);
    for sane in ["a", "7f-3.x~y_z", "Root=1-67891233-abc:def/ghi+j", &longest] {
        let (response, record) = get(&app, "/", &[("x-request-id", sane)]);
        assert_eq!(record.id, sane);
        assert_eq!(response.header("x-request-id"), Some(sane));
    }
    let too_long = "x".repeat(129);
    for insane in [
        "",
        "two words",
        "<script>",
        "a\"b",
        "a,b",
        "{}",
        "é",
        &too_long,
    ] {
        let (response, record) = get(&app, "/", &[("x-request-id", insane)]);
        record.id.parse::<Uuid>().expect(insane);
        assert_eq!(response.header("x-request-id"), Some(&*record.id));
    }
    let (_, record) = get(&app, "/", &[]);
    record.id.parse::<Uuid>().expect("a UUID");
}

#[test]
fn an_incoming_id_counts_for_nothing_where_nobody_asked() {
    let app = TestApp::new(routes);
    let (response, record) = get(&app, "/", &[("x-request-id", "mine")]);
    record.id.parse::<Uuid>().expect("a UUID");
    assert_eq!(response.header("x-request-id"), None);
}

#[test]
fn the_handler_the_client_and_the_record_know_the_same_id() {
    let app = TestApp::configured(
        |logger| logger.request_id_header(ID),
        |cfg| {
            cfg.route(
                "/",
                web::get().to(|exchange: Exchange| async move {
                    let id = exchange.id().map(|id| id.to_string());
                    HttpResponse::Ok()
                        .insert_header(("x-request-id", "the handler's own"))
                        .body(id.unwrap_or_default())
                }),
            );
        },
    );
    let (response, record) = get(&app, "/", &[]);
    assert_eq!(response.text(), record.id);
    let sent = values(&response.headers, "x-request-id");
    assert_eq!(sent, [&*record.id]);
}

#[test]
fn the_time_that_a_response_took_is_told_in_a_header_where_that_was_asked_for() {
    let name = HeaderName::from_static("x-process-time");
    let app = TestApp::configured(|logger| logger.process_time_header(name), routes);
    let (response, record) = get(&app, "/", &[]);
    let told = response.header("x-process-time").expect("the header");
    let (seconds, micros) = told.split_once('.').expect("a decimal point");
    assert_eq!(micros.len(), 6);
    let told = seconds.parse::<u64>().expect("seconds") * 1_000_000
        + micros.parse::<u64>().expect("microseconds");
    // The header rounds, the record does not.
    let ttfb = record.ttfb_us.expect("a response");
    assert!(told.abs_diff(ttfb) <= 1, "{told} {ttfb}");
    assert!(Some(ttfb) <= record.duration_us);

    let (response, _) = get(&TestApp::new(routes), "/", &[]);
    assert_eq!(response.header("x-process-time"), None);
}

#[test]
fn the_trace_that_a_request_belongs_to_is_recorded() {
    let app = TestApp::new(routes);
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let (_, record) = get(&app, "/", &[("traceparent", parent)]);
    assert_eq!(values(&record.request.headers, "traceparent"), [parent]);
}

/// The client's address in the record of a request with these headers.
#[track_caller]
fn client(
    form: ClientAddr,
    proxies: Option<(ForwardedHeader, &[&str])>,
    headers: &[(&str, &str)],
) -> Option<String> {
    let app = TestApp::recording(
        |logger| {
            let logger = logger.client_addr(form);
            match proxies {
                None => logger,
                Some((header, proxies)) => logger.trusted_proxies(
                    header,
                    proxies
                        .iter()
                        .map(|proxy| proxy.parse::<Network>().expect("a network")),
                ),
            }
        },
        |logger| App::new().wrap(logger).configure(routes),
    );
    get(&app, "/", headers).1.client.addr.map(String::from)
}

#[test]
fn a_client_is_shown_with_its_address_its_network_or_not_at_all() {
    let full = client(ClientAddr::Full, None, &[]).expect("an address");
    let full: std::net::SocketAddr = full.parse().expect("an address with its port");
    assert!(full.ip().is_loopback() && full.port() != 0, "{full}");
    let network = client(ClientAddr::Network, None, &[]);
    assert_eq!(network.as_deref(), Some("127.0.0.0/24"));
    assert_eq!(client(ClientAddr::Off, None, &[]), None);
}

#[cfg(feature = "hash")]
#[test]
fn a_keyed_client_is_the_same_in_each_record_and_not_readable_in_any() {
    use actix_web_body_logger::redact::HashKey;

    let keyed = |secret: &[u8]| {
        let key = HashKey::new("k1", secret);
        client(ClientAddr::Keyed(key), None, &[]).expect("a hash")
    };
    let one = keyed(b"one");
    assert!(
        one.starts_with("k1:") && one.len() == "k1:".len() + 16,
        "{one}"
    );
    assert!(!one.contains("127."));
    assert_eq!(keyed(b"one"), one);
    assert_ne!(keyed(b"another"), one);
}

#[test]
fn forwarded_headers_count_only_from_trusted_proxies_and_only_the_one_that_was_named() {
    use ForwardedHeader::{Forwarded, XForwardedFor};

    let chain = ("x-forwarded-for", "198.51.100.1, 203.0.113.9, 10.1.2.3");
    let forwarded = ("forwarded", "for=198.51.100.1, for=\"[2001:db8::9]:80\"");
    let ours: &[&str] = &["127.0.0.1", "10.0.0.0/8"];
    let full = |proxies, headers: &[_]| client(ClientAddr::Full, proxies, headers);
    let is_direct = |addr: Option<String>| addr.is_some_and(|addr| addr.starts_with("127.0.0.1:"));

    // Nobody is trusted, or somebody else is, or the other header was named.
    assert!(is_direct(full(None, &[chain, forwarded])));
    let theirs: &[&str] = &["192.0.2.0/24"];
    assert!(is_direct(full(Some((XForwardedFor, theirs)), &[chain])));
    assert!(is_direct(full(Some((XForwardedFor, ours)), &[forwarded])));
    assert!(is_direct(full(Some((Forwarded, ours)), &[chain])));

    // The nearest address that is not a proxy's; what stands before it may be made up.
    let found = full(Some((XForwardedFor, ours)), &[chain, forwarded]);
    assert_eq!(found.as_deref(), Some("203.0.113.9"));
    let found = full(Some((Forwarded, ours)), &[chain, forwarded]);
    assert_eq!(found.as_deref(), Some("2001:db8::9"));
    let network = client(ClientAddr::Network, Some((Forwarded, ours)), &[forwarded]);
    assert_eq!(network.as_deref(), Some("2001:db8::/48"));
    let off = client(ClientAddr::Off, Some((XForwardedFor, ours)), &[chain]);
    assert_eq!(off, None);
}
