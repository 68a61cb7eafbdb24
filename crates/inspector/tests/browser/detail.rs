//! The detail of an exchange: each kind of body, and what it says of itself.

use body_logger_inspector::Inspector;
use fantoccini::key::Key;
use serde_json::{json, Value};

use crate::{
    driver::{browse, browse_with, Browser},
    support::{fill, store},
};

/// Shows an exchange with this body of the request, and returns what its region shows.
fn request(body: Value, headers: Value, test: impl AsyncFnOnce(&Browser, &str)) {
    let store = store();
    let records = fill(
        &store,
        [json!({"request": {"method": "POST", "body": body, "headers": headers}})],
    );
    let id = records[0].entry_id;
    browse(&store, async |browser| {
        browser.open(&format!("?record={id}")).await;
        let script = "document.querySelector('[aria-label=Request]')?.innerText";
        let shown = browser.until(script).await;
        test(&browser, shown.as_str().expect("text")).await;
    });
}

fn complete(media_type: &str, content: &str) -> Value {
    json!({"state": "complete", "bytes": content.len(), "captured": content.len(), "media_type": media_type, "text": content})
}

#[test]
fn an_exchange_is_opened_by_keys_and_its_address_shows_it_again() {
    let store = store();
    let records = fill(
        &store,
        [
            json!({"request": {"path": "/first"}}),
            json!({"request": {"path": "/second"}}),
        ],
    );
    let newest = records[1].entry_id;
    browse(&store, async |browser| {
        browser.rows(2).await;
        browser.keys("j").await;
        browser.press(Key::Enter).await;
        browser.finds("[aria-label=Response]").await;
        assert!(
            browser
                .address()
                .await
                .ends_with(&format!("?record={newest}")),
            "{}",
            browser.address().await
        );
        browser.client.refresh().await.expect("a reload");
        browser.shows("h2", "/second").await;
        browser.keys("j").await;
        browser.shows("h2", "/first").await;
        browser.press(Key::Escape).await;
        browser
            .until("document.querySelector('#panel').hidden")
            .await;
        assert!(!browser.address().await.contains("record="));
    });
}

#[test]
fn json_is_pretty_folded_raw_and_searched() {
    let json = json!({"customer": {"id": "cus_4821", "email": "***"}, "total": 11870});
    let body = json!({"state": "complete", "bytes": 60, "captured": 60, "media_type": "application/json", "json": json});
    request(
        body,
        json!([["authorization", "***"]]),
        async |browser, shown| {
            assert!(shown.contains("\"id\": \"cus_4821\""), "{shown}");
            assert!(shown.contains("2 values masked"), "{shown}");
            let masks = browser
                .until("document.querySelectorAll('.mask[aria-label=masked]').length")
                .await;
            assert_eq!(masks, 2);
            browser
                .click("[aria-label=Request] .toggle[aria-label='Line 2']")
                .await;
            browser
                .shows("[aria-label=Request]", "{ 2 keys, 1 masked }")
                .await;
            browser
                .click("[aria-label=Request] [aria-label='Search in body']")
                .await;
            browser.keys("4821").await;
            browser.until("document.querySelector('[aria-label=Request] mark.current')?.innerText === '4821'").await;
            browser.sees("1 of 1 match").await;
            let raw = "[...document.querySelectorAll('[aria-label=Request] [data-way]')].find((it) => it.innerText === 'Raw').click()";
            browser.run(raw).await;
            browser.until("document.querySelector('[aria-label=Request] .json').innerText.includes('{\"customer\":{\"email\":')").await;
        },
    );
}

#[test]
fn numbers_are_shown_as_they_were_written() {
    let body = serde_json::from_str(
        r#"{"state":"complete","bytes":9,"captured":9,"media_type":"application/json","json":{"n":123456789012345678901234567890,"x":1.00}}"#,
    );
    request(body.expect("a body"), json!([]), async |_, shown| {
        // What `serde_json::Value` made of the longer number is what was recorded.
        assert!(shown.contains("\"x\": 1.0"), "{shown}");
    });
}

#[test]
fn a_form_is_a_table() {
    request(
        complete(
            "application/x-www-form-urlencoded",
            "name=Ada+L%C3%B6we&password=***",
        ),
        json!([]),
        async |browser, shown| {
            assert!(shown.contains("Ada Löwe"), "{shown}");
            let cells = browser.run("return [...document.querySelectorAll('[aria-label=Request] td')].map((it) => it.innerText)").await;
            assert_eq!(cells, json!(["name", "Ada Löwe", "password", "***"]));
        },
    );
}

#[test]
fn multipart_is_a_table_of_parts() {
    let parts = json!([{"name": "note", "media_type": "text/plain", "bytes": 5, "text": "hello"},
        {"name": "photo", "file_name": "me.png", "media_type": "image/png", "bytes": 2048, "reasons": ["media_type"]}]);
    let body = json!({"state": "complete", "bytes": 2500, "captured": 2500, "media_type": "multipart/form-data", "parts": parts});
    request(body, json!([]), async |_, shown| {
        for part in ["note", "hello", "photo", "me.png", "2.0 KiB", "image/png"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    });
}

#[test]
fn an_event_stream_is_a_table_of_events() {
    let mut body = complete(
        "text/event-stream",
        "event: price\nid: 7\ndata: {\"eur\":12}\n\ndata: two\ndata: lines\n\n",
    );
    body["events"] = json!(40);
    request(body, json!([]), async |_, shown| {
        for part in [
            "price",
            "7",
            "\"eur\": 12",
            "message",
            "two",
            "lines",
            "40 events passed",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    });
}

#[test]
fn an_image_is_shown_and_other_bytes_are_a_dump() {
    // One red pixel.
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
    let body = json!({"state": "complete", "bytes": 70, "captured": 70, "media_type": "image/png", "base64": png});
    request(body, json!([]), async |browser, _| {
        browser.sees("1 × 1").await;
    });
    let body = json!({"state": "complete", "bytes": 4, "captured": 4, "media_type": "application/octet-stream", "base64": "AEFC/w=="});
    request(body, json!([]), async |_, shown| {
        assert!(
            shown.contains("00 41 42 ff") && shown.contains("·AB·"),
            "{shown}"
        );
    });
}

#[test]
fn a_body_that_is_not_whole_says_so_with_its_numbers() {
    let truncated = json!({"state": "complete", "bytes": 48213, "captured": 32768, "reasons": ["body_limit"],
        "media_type": "application/json", "text": "{\"a\": [1, 2, {\"b\": \"cut"});
    request(truncated, json!([]), async |browser, shown| {
        assert!(
            shown.contains(
                "The first 32,768 of 48,213 bytes were kept; the other 15,445 passed unrecorded."
            ),
            "{shown}"
        );
        assert!(
            shown.contains("body_limit") && shown.contains("truncated · 67 % kept"),
            "{shown}"
        );
        assert!(shown.contains("\"b\": \"cut"), "{shown}");
        browser.finds(".tear").await;
    });
    let unread = json!({"state": "unread", "bytes": 0, "captured": 0});
    request(
        unread,
        json!([["content-length", "8388608"]]),
        async |_, shown| {
            assert!(shown.contains("The handler answered without reading the request body. 0 of 8,388,608 announced bytes passed."), "{shown}");
        },
    );
}

#[test]
fn what_is_copied_is_the_curl_command_and_the_link() {
    request(
        json!({"state": "empty", "bytes": 0, "captured": 0}),
        json!([]),
        async |browser, _| {
            browser.run("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }").await;
            browser.keys("y").await;
            let curl = browser.until("window.copied").await;
            assert!(
                curl.as_str().is_some_and(|curl| curl.starts_with("curl ")),
                "{curl}"
            );
            browser.keys("l").await;
            browser
                .until("window.copied.endsWith(location.search)")
                .await;
        },
    );
}

#[test]
fn there_is_a_way_to_the_older_and_newer_of_the_same_route() {
    let store = store();
    let path = |path: &str, route: &str| json!({"request": {"path": path, "route": route}});
    let records = fill(
        &store,
        [
            path("/a/1", "/a/{n}"),
            path("/b", "/b"),
            path("/a/2", "/a/{n}"),
            path("/a/3", "/a/{n}"),
        ],
    );
    let id = records[2].entry_id;
    browse(&store, async |browser| {
        browser.open_record(id).await;
        browser.shows("h2", "/a/2").await;
        browser.keys("]").await;
        browser.shows("h2", "/a/1").await;
        browser.keys("[").await;
        browser.shows("h2", "/a/2").await;
        browser.keys("[").await;
        browser.shows("h2", "/a/3").await;
    });
}

#[test]
fn a_value_that_is_clicked_can_be_filtered_by() {
    let store = store();
    let body = |text: &str| json!({"request": {"body": {"state": "complete", "bytes": 9, "captured": 9, "media_type": "application/json", "json": {"sku": text}}}});
    let texts = [
        "kettle",
        "https://example.com/a",
        "@here",
        "one\n\"two\" \u{202e}three",
        &"word and ".repeat(100),
    ];
    let records = fill(&store, texts.map(body));
    browse(&store, async |browser| {
        for record in &records {
            browser.open_record(record.entry_id).await;
            browser.click("[aria-label=Request] .s").await;
            browser.click(".picker button").await;
            browser.shows("#found", "1 of 5").await;
            browser.rows(1).await;
        }
    });
}

#[test]
fn what_cannot_be_searched_for_is_only_copied() {
    let body = json!({"state": "complete", "bytes": 9, "captured": 9, "media_type": "application/json", "json": "---"});
    request(body, json!([["x-id", "7"]]), async |browser, _| {
        for place in [".headers dd", ".s"] {
            browser
                .click(&format!("[aria-label=Request] {place}"))
                .await;
            assert_eq!(browser.texts(".picker button").await, ["Copy"]);
        }
    });
}

#[test]
fn values_of_tables_and_attributes_can_be_filtered_by() {
    let store = store();
    let form = complete(
        "application/x-www-form-urlencoded",
        "name=Ada+L%C3%B6we&mail=a%40b.c",
    );
    let records = fill(
        &store,
        [
            json!({"request": {"body": form}, "attributes": {"full name": "Ada \"L\"", "user": "7"}}),
            json!({}),
        ],
    );
    let id = records[0].entry_id;
    browse(&store, async |browser| {
        for place in [
            "tr:nth-child(1) td:nth-child(2) .plain",
            "tr:nth-child(2) td:nth-child(2) .plain",
        ] {
            browser.open_record(id).await;
            browser.click(place).await;
            browser.click(".picker button").await;
            browser.shows("#found", "1 of 2").await;
        }
        for place in [
            ".facts .value:nth-of-type(2)",
            ".siblings span:nth-of-type(3) .same",
        ] {
            browser.open_record(id).await;
            browser.click(place).await;
            browser.until("document.querySelector('#filter').value === '@\"full name\":\"Ada \\\\\"L\\\\\"\"'").await;
            browser.shows("#found", "1 of 2").await;
        }
    });
}

#[test]
fn an_exchange_is_read_by_keyboard_alone() {
    let store = store();
    let body = json!({"state": "complete", "bytes": 9, "captured": 9, "media_type": "application/json", "json": {"sku": "kettle"}});
    fill(
        &store,
        [
            json!({"request": {"path": "/first", "body": body, "headers": [["x-a", "1"], ["x-b", "2"]]}}),
            json!({"request": {"path": "/second"}}),
        ],
    );
    let focused = "document.activeElement";
    browse(&store, async |browser| {
        browser.rows(2).await;
        browser.keys("jj").await;
        // A grid that has the focus speaks of its active row.
        browser
            .until(&format!(
                "{focused}.getAttribute('aria-activedescendant') === 'row-1'"
            ))
            .await;
        browser.press(Key::Enter).await;
        browser.shows("#announce", "Exchange GET /first").await;
        browser.press(Key::Tab).await;
        browser
            .until(&format!(
                "document.querySelector('#panel').contains({focused})"
            ))
            .await;
        // One tab stop, and arrows from one header to the next.
        browser
            .run("document.querySelector('.headers dd').focus()")
            .await;
        browser.press(Key::Down).await;
        browser.until(&format!("{focused}.innerText === '2'")).await;
        browser.press(Key::Enter).await;
        browser
            .until(&format!("{focused}.innerText === 'Copy'"))
            .await;
        browser.press(Key::Escape).await;
        browser.until(&format!("{focused}.innerText === '2'")).await;
        // Folds and values of a body.
        browser
            .run("document.querySelector('[aria-label=Request] .json').focus()")
            .await;
        browser.press(Key::Down).await;
        browser.press(Key::Down).await;
        browser.press(Key::Enter).await;
        browser
            .until(&format!("{focused}.innerText === 'Filter by kettle'"))
            .await;
        browser.press(Key::Escape).await;
        // Stepping on keeps the place, and closing leads back to the list.
        let newer = "Newer of the same route";
        browser
            .run(&format!(
                "document.querySelector(\"[aria-label='{newer}']\").focus()"
            ))
            .await;
        browser.press(Key::Enter).await;
        browser.shows("h2", "/second").await;
        browser
            .until(&format!(
                "document.querySelector('#panel').contains({focused})"
            ))
            .await;
        browser.press(Key::Escape).await;
        browser
            .until(&format!("{focused}.getAttribute('role') === 'grid'"))
            .await;
    });
}

#[test]
fn at_a_narrow_width_everything_can_be_done_too() {
    let store = store();
    let records = fill(&store, [json!({"request": {"path": "/first"}}), json!({})]);
    let id = records[0].entry_id;
    browse_with(
        Inspector::over(store).localhost_only(),
        &["--window-size=640,844"],
        async |browser| {
            let seen = |place: &str| format!("document.querySelector('{place}').checkVisibility()");
            browser.rows(2).await;
            for place in ["#har", "#since"] {
                browser.until(&seen(place)).await;
            }
            browser.open_record(id).await;
            browser.until("document.activeElement.id === 'panel'").await;
            browser.until(&seen(".siblings")).await;
            let buttons = browser.texts(".head .line button").await.join(" ");
            assert!(buttons.contains("Copy as curl HAR"), "{buttons}");
            browser.until("[...document.querySelectorAll('.head .line button:not(.back)')].every((it) => it.checkVisibility())").await;
        },
    );
}

#[test]
fn its_place_among_others_is_counted() {
    let store = store();
    let records = fill(
        &store,
        (0..36).map(|n| json!({"attributes": {"user": (n % 3).to_string()}})),
    );
    browse(&store, async |browser| {
        browser.open_record(records[34].entry_id).await;
        browser.shows(".siblings", "2 of 36").await;
        browser.shows(".siblings", "1 of 12").await;
    });
}

#[test]
fn the_stages_of_an_exchange_lead_to_each_other() {
    let store = store();
    let open = json!({"stage": "request", "outcome": null, "duration_us": null, "ttfb_us": null, "response": null});
    let records = fill(
        &store,
        [
            open.clone(),
            json!({"stage": "response", "first_seq": 1, "outcome": "released"}),
            open,
        ],
    );
    browse(&store, async |browser| {
        browser.open_record(records[1].entry_id).await;
        browser.shows(".stages", "request seq 1").await;
        browser
            .shows(".stages [aria-current]", "response seq 2")
            .await;
        browser.choose(".stages", "request seq 1").await;
        browser
            .shows(".stages [aria-current]", "request seq 1")
            .await;
        browser
            .open(&format!("?record={}", records[2].entry_id))
            .await;
        browser.shows(".stages", "no response yet").await;
    });
}

#[test]
fn a_spooled_body_is_named_with_its_size() {
    let mut body = complete("application/pdf", "x");
    body["file"] = json!({"name": "0199-response.body", "bytes": 8_589_934_592_u64});
    request(body, json!([]), async |_, shown| {
        assert!(
            shown.contains("whole body in 0199-response.body, 8,589,934,592 bytes"),
            "{shown}"
        );
    });
}

#[test]
fn a_body_says_where_it_was_kept_in_part_or_why_it_was_not() {
    for (member, value, expected) in [
        (
            "file",
            json!({"name": "0199-response.partial", "bytes": 7}),
            "what passed of it in 0199-response.partial, 7 bytes",
        ),
        ("no_file", json!("too_slow"), "no file: too slow"),
    ] {
        let mut body = complete("application/pdf", "x");
        body["state"] = json!("aborted");
        body[member] = value;
        request(body, json!([]), async |_, shown| {
            assert!(shown.contains(expected), "{shown}");
        });
    }
}
