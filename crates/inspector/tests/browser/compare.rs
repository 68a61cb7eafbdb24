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
        let rows = browser.texts(".diff tbody tr").await.join("\n");
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

#[test]
fn what_one_side_did_not_keep_is_said_to_be_not_known() {
    let store = store();
    let truncated = json!({"state": "complete", "bytes": 900, "captured": 20, "reasons": ["body_limit"], "media_type": "application/json",
        "text": "{\"a\":1,\"items\":[{\"x\""});
    let withheld = json!({"state": "complete", "bytes": 80, "captured": 0, "reasons": ["redaction"], "media_type": "application/json"});
    let whole = json!({"state": "complete", "bytes": 60, "captured": 60, "media_type": "application/json", "json": {"a": 2, "items": [{"x": 1}, 2], "z": true}});
    let records = fill(
        &store,
        [
            json!({"request": {"body": truncated}, "response": {"body": whole}}),
            json!({"request": {"body": whole}, "response": {"body": withheld}}),
        ],
    );
    browse(&store, async |browser| {
        let [a, b] = [&records[0], &records[1]].map(|record| record.entry_id);
        browser.open(&format!("?view=compare&a={a}&b={b}")).await;
        browser.sees("Swap A and B").await;
        let rows = browser.texts(".diff tbody tr").await.join("\n");
        for row in [
            "$.a≠1≠2",
            "$.items[0].x?not known: truncated at byte 20 of 900?1",
            "$.items[1]?not known: truncated at byte 20 of 900?2",
            "$.z?not known: truncated at byte 20 of 900?true",
            "?not known: withheld, 80 bytes",
        ] {
            assert!(rows.contains(row), "{row}:\n{rows}");
        }
        assert!(!rows.contains("absent"), "{rows}");
    });
}

#[test]
fn a_tree_shows_documents_as_they_are_nested_and_folds_what_is_equal() {
    let store = store();
    let body = |quantity| {
        json!({"state": "complete", "bytes": 60, "captured": 60, "media_type": "application/json",
        "json": {"customer": {"id": "c", "name": "n"}, "items": [{"sku": "s", "quantity": quantity}]}})
    };
    let records = fill(
        &store,
        [1, 2].map(|n| json!({"request": {"body": body(n)}})),
    );
    browse(&store, async |browser| {
        let [a, b] = [&records[0], &records[1]].map(|record| record.entry_id);
        browser.open(&format!("?view=compare&a={a}&b={b}")).await;
        browser.sees("Swap A and B").await;
        browser.choose(".segment", "Tree").await;
        let names = async || {
            let names = browser.texts(".diff .name").await;
            names
                .into_iter()
                .skip_while(|name| name != "$")
                .take_while(|name| !name.contains("type"))
                .collect::<Vec<_>>()
        };
        let folded = [
            "$",
            "  customer",
            "  items",
            "    [0]",
            "      quantity",
            "      sku",
        ];
        assert_eq!(names().await[..6], folded);
        // Opened by keyboard, and the focus stays.
        browser
            .run("document.querySelector('.twig[aria-expanded=false]').focus()")
            .await;
        browser.press(Key::Enter).await;
        assert_eq!(
            names().await[..4],
            ["$", "  customer", "    id", "    name"]
        );
        let focused = browser
            .run("return [document.activeElement.innerText, document.activeElement.ariaExpanded]")
            .await;
        assert_eq!(focused, json!(["customer", "true"]));
    });
}
