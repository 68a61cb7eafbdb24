//! The overview.

use serde_json::json;

use crate::{
    driver::browse,
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
        browser
            .until("document.querySelector('.routes tbody tr').innerText.includes('/pay')")
            .await;
        fill(&store, [json!({})]);
        browser.sees("6,001 exchanges").await;
    });
}
