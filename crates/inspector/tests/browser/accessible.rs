//! What axe-core finds in each view, light and dark.

use serde_json::json;

use crate::{
    driver::{browse_with, Browser},
    support::{fill, store},
};
use body_logger_inspector::{Inspector, StatusRow, Tone};
use body_logger_store::Store;

const AXE: &str = include_str!("axe.min.js");

async fn check(browser: &Browser, view: &str) {
    browser.run(AXE).await;
    let found = browser
        .run(
            "return axe.run().then(({ violations }) => violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
                .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`))",
        )
        .await;
    assert_eq!(found, json!([]), "{view}");
}

fn with_panels(store: Store) -> Inspector {
    let tones = [Tone::Plain, Tone::Good, Tone::Warning, Tone::Bad];
    let rows = tones.map(|tone| StatusRow::new("audit.jsonl", "line 7 was changed").tone(tone));
    Inspector::over(store)
        .localhost_only()
        .status("Proofs", move || rows.to_vec())
}

fn views_have_no_serious_fault(arguments: &[&str]) {
    let store = store();
    let body = json!({"state": "complete", "bytes": 60, "captured": 33, "reasons": ["redaction"], "media_type": "application/json", "text": "{\"a\": [1, \"***\""});
    let records = fill(&store, (0..40).map(|n| {
        let status = [200, 201, 304, 404, 503][n % 5];
        let outcome = ["completed", "response_aborted"][n % 2];
        json!({"request": {"method": "POST", "body": body}, "response": {"status": status}, "outcome": outcome})
    }));
    let ids: Vec<_> = records.iter().map(|record| record.entry_id).collect();
    browse_with(with_panels(store), arguments, async |browser| {
        browser.rows(40).await;
        browser.keys("j").await;
        check(&browser, "list").await;
        browser.keys("/").await;
        browser.keys("status:").await;
        browser.finds("[role=option]").await;
        check(&browser, "filter").await;
        browser.keys("9xx").await;
        browser.finds("[aria-invalid]").await;
        check(&browser, "error").await;
        browser.open(&format!("?record={}", ids[4])).await;
        browser.finds("[aria-label=Response]").await;
        check(&browser, "detail").await;
        browser
            .open(&format!("?view=compare&a={}&b={}", ids[4], ids[7]))
            .await;
        browser.sees("Swap A and B").await;
        check(&browser, "compare").await;
        browser.choose(".segment", "Tree").await;
        browser.finds(".twig").await;
        check(&browser, "tree").await;
        browser.open("?view=overview").await;
        browser.sees("40 exchanges").await;
        browser
            .shows("[aria-label=Proofs]", "line 7 was changed")
            .await;
        check(&browser, "overview").await;
        browser.keys("?").await;
        browser.sees("mark to compare").await;
        check(&browser, "help").await;
    });
}

#[test]
fn views_have_no_serious_fault_in_light() {
    views_have_no_serious_fault(&[]);
}

#[test]
fn views_have_no_serious_fault_in_dark() {
    views_have_no_serious_fault(&["--force-dark-mode"]);
}

#[test]
fn views_have_no_serious_fault_at_the_width_of_a_phone() {
    let store = store();
    let records = fill(&store, [json!({}), json!({})]);
    let [a, b] = [&records[0], &records[1]].map(|record| record.entry_id);
    browse_with(
        with_panels(store),
        &["--window-size=500,844"],
        async |browser| {
            browser.rows(2).await;
            check(&browser, "list").await;
            browser.open_record(a).await;
            check(&browser, "detail").await;
            browser.open(&format!("?view=compare&a={a}&b={b}")).await;
            browser.sees("Swap A and B").await;
            browser.choose(".segment", "Tree").await;
            browser.finds(".twig").await;
            check(&browser, "tree").await;
            browser.open("?view=overview").await;
            browser
                .shows("[aria-label=Proofs]", "line 7 was changed")
                .await;
            check(&browser, "overview").await;
            let wider = "return [...document.querySelectorAll('main, main > *')].filter((it) => it.getBoundingClientRect().right > innerWidth).length";
            assert_eq!(browser.run(wider).await, 0);
        },
    );
}
