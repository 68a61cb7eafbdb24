//! Records, stores and clocks that are not as anyone expects them.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use body_logger_core::record::new_id;
use body_logger_store::Store;
use fantoccini::{key::Key, Locator};
use serde_json::{json, Map, Value};

use crate::{
    driver::browse,
    support::{fill, fill_up_to, store},
};

fn numbered(count: usize, value: impl Fn(usize) -> Value) -> Map<String, Value> {
    (0..count)
        .map(|n| (format!("name-{n:05}"), value(n)))
        .collect()
}

#[test]
fn ten_thousand_attributes_and_headers_are_shown_and_compared() {
    let store = store();
    let headers: Vec<_> = (0..5_000)
        .map(|n| json!([format!("x-{n}"), "value"]))
        .collect();
    let records = fill(
        &store,
        [1, 2].map(|step| {
            json!({
                "attributes": numbered(10_000, |n| json!((n * step).to_string())),
                "request": {"headers": headers},
            })
        }),
    );
    browse(&store, async |browser| {
        let [a, b] = [&records[0], &records[1]].map(|record| record.entry_id);
        browser.open_record(a).await;
        browser
            .shows("[aria-label=Request]", "Headers · 5,000")
            .await;
        browser.sees("9,989 more attributes").await;
        browser.open(&format!("?view=compare&a={a}&b={b}")).await;
        browser.sees("the first 2,000 of 10,013 lines").await;
    });
}

#[test]
fn deep_and_wide_documents_are_shown_as_far_as_that_serves() {
    let store = store();
    let body = |text: String| json!({"state": "complete", "bytes": text.len(), "captured": text.len(), "media_type": "application/json", "text": text});
    let texts = [
        "[".repeat(100_000),
        format!("[{}]", "[],".repeat(600_000)),
        format!("{{\"a\":{}1{}}}", "[".repeat(300), "]".repeat(300)),
    ];
    let records = fill(
        &store,
        texts.map(|text| json!({"request": {"body": body(text)}})),
    );
    browse(&store, async |browser| {
        for (record, views) in records
            .iter()
            .zip([&["Raw"][..], &["Raw"], &["Pretty", "Raw"]])
        {
            browser.open_record(record.entry_id).await;
            assert_eq!(
                browser.texts("[aria-label=Request] [data-way]").await,
                views
            );
            browser.finds("[aria-label=Request] .code-line").await;
        }
        let [a, b] = [&records[0], &records[2]].map(|record| record.entry_id);
        browser.open(&format!("?view=compare&a={a}&b={b}")).await;
        browser.sees("Swap A and B").await;
    });
}

#[test]
fn rows_of_very_long_paths_are_cut_and_stay_small() {
    let store = store();
    let path = format!("/{}", "é".repeat(200_000));
    fill(
        &store,
        (0..50).map(|_| json!({"request": {"path": path, "query": path, "method": path}})),
    );
    browse(&store, async |browser| {
        browser.rows(50).await;
        let length = browser
            .run("return document.querySelector('.rows').textContent.length")
            .await;
        assert!(
            length.as_u64().is_some_and(|length| length < 200_000),
            "{length}"
        );
        browser.keys("j").await;
        browser.press(Key::Enter).await;
        browser.finds("[aria-label=Response]").await;
    });
}

#[test]
fn a_clock_that_goes_back_or_was_wrong_breaks_no_chart() {
    let store = store();
    let now = SystemTime::now();
    for at in [
        now,
        now - Duration::from_secs(86_400),
        SystemTime::UNIX_EPOCH,
        now,
        now + Duration::from_secs(200_000_000_000),
    ] {
        fill_up_to(
            &store,
            at,
            Duration::ZERO,
            [json!({"duration_us": u64::MAX, "ttfb_us": null})],
        );
    }
    browse(&store, async |browser| {
        browser.rows(5).await;
        browser.finds("#strip path").await;
        browser.open("?view=overview&range=15").await;
        browser.sees("2 exchanges").await;
        browser.open("?view=overview&range=4000000000").await;
        browser.sees("4 exchanges").await;
    });
}

#[test]
fn an_empty_store_has_an_overview() {
    browse(&store(), async |browser| {
        browser.open("?view=overview").await;
        browser.sees("0 exchanges").await;
        browser.sees("None in this range.").await;
        browser.open("?view=compare&a=x&b=y").await;
        browser.sees("The exchanges cannot be compared").await;
        browser.open(&format!("?record={}", new_id())).await;
        browser.sees("There is no such record.").await;
    });
}

#[test]
fn a_store_that_is_deleted_while_it_is_shown_is_an_error_that_is_shown() {
    let directory = std::env::temp_dir().join(format!("body-logger-inspector-{}", new_id()));
    fs::create_dir_all(&directory).expect("a directory");
    let store = Store::open(directory.join("records.db")).expect("a store");
    let records = fill(&store, (0..300).map(|_| json!({})));
    browse(&store, async |browser| {
        browser.rows(300).await;
        fs::remove_dir_all(&directory).expect("deleted");
        // What is cached of it may still be read; nothing of the page breaks.
        for query in [
            "?view=overview",
            &format!("?record={}", records[0].entry_id),
            "",
        ] {
            browser.open(query).await;
            browser
                .until("/cannot be shown|exchanges|Response|orders/.test(document.querySelector('main:not([hidden])').innerText)")
                .await;
        }
    });
}

#[test]
fn many_tabs_are_live() {
    let store = store();
    fill(&store, [json!({})]);
    browse(&store, async |browser| {
        browser.rows(1).await;
        // More than the connections that a browser opens to one server.
        for _ in 0..8 {
            let tab = browser.client.new_window(true).await.expect("a tab");
            browser
                .client
                .switch_to_window(tab.handle)
                .await
                .expect("the tab");
            browser.open("").await;
            browser.rows(1).await;
        }
        fill(&store, [json!({})]);
        browser.rows(2).await;
        let tabs = browser.client.windows().await.expect("tabs");
        browser
            .client
            .switch_to_window(tabs[0].clone())
            .await
            .expect("the first tab");
        browser
            .client
            .find(Locator::Css("#filter"))
            .await
            .expect("a page")
            .click()
            .await
            .expect("a click");
        browser.rows(2).await;
    });
}
