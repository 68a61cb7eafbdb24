//! Two exchanges beside each other.

use fantoccini::key::Key;
use serde_json::json;

use crate::{
    driver::browse,
    support::{fill, store},
};

#[test]
fn two_marked_exchanges_are_compared_by_structure() {
    let store = store();
    let body = |json| json!({"state": "complete", "bytes": 60, "captured": 60, "media_type": "application/json", "json": json});
    fill(
        &store,
        [
            json!({"request": {"body": body(json!({"a": 1, "items": [{"quantity": 2}], "email": "***", "gone": true}))}}),
            json!({"request": {"body": body(json!({"email": "***", "items": [{"quantity": 0}], "a": 1, "coupon": "W"}))}, "response": {"status": 422}}),
        ],
    );
    browse(&store, async |browser| {
        browser.rows(2).await;
        browser.keys("jcjc").await;
        browser.sees("Swap A and B").await;
        let rows = browser
            .until("[...document.querySelectorAll('.diff tbody tr')].map((row) => row.textContent).join('\\n')")
            .await;
        let rows = rows.as_str().expect("rows");
        for row in [
            "status≠422≠200",
            "$.items[0].quantity≠0≠2",
            "$.coupon−\"W\"absent",
            "$.gone absent+true".replace(' ', "").as_str(),
        ] {
            assert!(rows.contains(row), "{row}:\n{rows}");
        }
        // The order of keys does not count, and nobody knows whether masked values are equal.
        assert!(!rows.contains("$.a≠"), "{rows}");
        assert!(
            rows.contains("$.email?***?***whether they are equal is not known"),
            "{rows}"
        );
        assert!(browser.address().await.contains("view=compare"));
        browser.press(Key::Escape).await;
        browser.rows(2).await;
    });
}
