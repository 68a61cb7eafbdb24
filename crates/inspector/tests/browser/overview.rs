//! The overview.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    sync::Arc,
    time::Duration,
};

use body_logger_inspector::{Inspector, StatusRow, Tone};
use serde_json::json;

use crate::{
    driver::{browse, browse_with},
    support::{fill, store},
};

#[test]
fn routes_errors_and_losses_are_summed_up_live() {
    let store = store();
    let truncated = json!({"body": {"state": "complete", "bytes": 50_000, "captured": 32_768, "reasons": ["body_limit"], "media_type": "text/plain", "text": "x"}});
    fill(
        &store,
        (0..6_000).map(|n| {
            if n < 2 {
                json!({"request": {"route": "/pay", "path": "/pay"}, "response": {"status": 503}})
            } else {
                json!({"response": truncated})
            }
        }),
    );
    browse(&store, async |browser| {
        browser.open("?view=overview").await;
        browser.sees("6,000 exchanges").await;
        let cells = "[...document.querySelectorAll('.routes tbody tr')].map((row) => row.innerText.replace(/\\s+/g, ' '))";
        let routes = browser
            .until(&format!(
                "(() => {{ const all = {cells}; return all.length && all }})()"
            ))
            .await;
        let routes: Vec<_> = routes
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| row.as_str().expect("text").to_owned())
            .collect();
        assert!(
            routes[0].starts_with("GET/orders/{id} 5,998 0 42"),
            "{routes:?}"
        );
        assert!(
            routes[1].contains("/pay") && routes[1].contains("100 %"),
            "{routes:?}"
        );
        let counters = browser.text(".counters").await;
        assert!(counters.contains("Truncated\n5,998"), "{counters}");
        assert!(browser.text(".now").await.contains("/pay"));
        // Sorted by errors, then back.
        browser.run("[...document.querySelectorAll('.routes th button')].find((it) => it.innerText.startsWith('Errors')).click()").await;
        browser.shows(".routes tbody tr", "/pay").await;
        fill(&store, [json!({})]);
        browser.sees("6,001 exchanges").await;
    });
}

#[test]
fn panels_of_the_application_are_shown_live_and_as_text() {
    let store = store();
    fill(&store, [json!({})]);
    let entries = Arc::new(AtomicU64::new(12));
    let lag = Arc::clone(&entries);
    let inspector = Inspector::over(store)
        .localhost_only()
        .status("Shipping", move || {
            let entries = lag.load(Ordering::Relaxed);
            vec![StatusRow::lag(
                "nats",
                entries,
                3_482,
                Duration::from_millis(800),
            )]
        })
        .status("Proofs", || {
            vec![
                StatusRow::new("<b>audit.jsonl</b>", "line 7 was changed \u{202e}").tone(Tone::Bad),
            ]
        })
        .status("Broken", || panic!("a closure of the test"));
    browse_with(inspector, &[], async |browser| {
        browser.open("?view=overview").await;
        browser
            .shows(
                "[aria-label=Shipping]",
                "12 entries, 3.4 KiB, 800 ms behind",
            )
            .await;
        browser
            .shows("[aria-label=Proofs]", "<b>audit.jsonl</b>")
            .await;
        browser.shows("[aria-label=Proofs] .bad", "\\u202e").await;
        browser
            .shows("[aria-label=Broken]", "finding it out failed")
            .await;
        entries.store(0, Ordering::Relaxed);
        browser
            .shows("[aria-label=Shipping] .good", "caught up")
            .await;
    });
}
