//! The list: live, paused, long.

use body_logger_core::{Entry, Sink as _};
use body_logger_inspector::Inspector;
use fantoccini::key::Key;
use serde_json::json;

use crate::{
    driver::browse,
    support::{fill, orders, store, Server},
};

#[test]
fn a_record_that_arrives_appears_at_the_top() {
    let store = store();
    fill(&store, [json!({})]);
    browse(&store, async |browser| {
        browser.rows(1).await;
        fill(
            &store,
            [
                json!({"request": {"method": "POST", "path": "/payments/8", "query": "a=b"}, "response": {"status": 503}}),
            ],
        );
        browser.rows(2).await;
        let first = browser
            .until("document.querySelector('.rows [role=row]').getAttribute('aria-label')")
            .await;
        let first = first.as_str().expect("a name");
        assert!(
            first.starts_with("503, POST, /payments/8?a=b, completed, "),
            "{first}"
        );
        let shown = browser.text(".rows [role=row]").await;
        for part in ["503", "POST", "/payments/8?a=b"] {
            assert!(shown.contains(part), "{shown}");
        }
    });
}

#[test]
fn a_paused_list_counts_what_arrives_and_shows_it_when_it_goes_on() {
    let store = store();
    fill(&store, [json!({})]);
    browse(&store, async |browser| {
        browser.rows(1).await;
        browser.shows("#live", "Live").await;
        browser.keys("p").await;
        browser.sees("Paused").await;
        fill(&store, [json!({}), json!({})]);
        browser.sees("2 new").await;
        browser.rows(1).await;
        browser.keys("p").await;
        browser.rows(3).await;
    });
}

#[test]
fn while_a_row_is_selected_new_ones_wait_to_be_asked_for() {
    let store = store();
    fill(&store, [json!({}), json!({"request": {"path": "/newest"}})]);
    browse(&store, async |browser| {
        browser.rows(2).await;
        browser.keys("j").await;
        let selected = "document.querySelector('[aria-selected=true]')?.innerText";
        let newest = browser.until(selected).await;
        assert!(
            newest.as_str().is_some_and(|row| row.contains("/newest")),
            "{newest}"
        );
        fill(&store, [json!({})]);
        browser.sees("1 new").await;
        browser.rows(2).await;
        browser.keys(".").await;
        browser.rows(3).await;
    });
}

#[test]
fn the_connection_is_taken_up_again_without_a_loss() {
    let store = store();
    fill(&store, [json!({})]);
    browse(&store, async |browser| {
        browser.rows(1).await;
        browser.shows("#live", "Live").await;
        browser.server.stop().await;
        browser.sees("Reconnecting").await;
        fill(&store, [json!({}), json!({})]);
        let inspector = Inspector::over(store.clone()).localhost_only();
        let _again = Server::start_at(browser.server.address.port(), inspector);
        browser.rows(3).await;
        browser.shows("#live", "Live").await;
    });
}

#[test]
fn of_100_000_records_only_the_visible_ones_are_in_the_page() {
    let store = orders(100_000);
    browse(&store, async |browser| {
        browser.rows(100_000).await;
        browser.press(Key::End).await;
        browser.shows("[aria-selected=true]", "/orders/0").await;
        let script = "document.querySelectorAll('[role=row]').length";
        let rows = browser.until(script).await;
        assert!(rows.as_u64().is_some_and(|rows| rows < 100), "{rows}");
        let elements = browser.until("document.querySelectorAll('*').length").await;
        assert!(
            elements.as_u64().is_some_and(|all| all < 5_000),
            "{elements}"
        );
        browser
            .run("document.querySelector('.scroller').scrollTop = 1_500_000")
            .await;
        browser.until("document.querySelector('[aria-rowindex=\"50002\"]')?.innerText.includes('/orders/49999')").await;
        browser.press(Key::Home).await;
        browser.shows("[aria-selected=true]", "/orders/99999").await;
    });
}

#[test]
fn of_millions_of_records_the_newest_can_be_scrolled_to() {
    let store = orders(100);
    browse(&store, async |browser| {
        browser.rows(100).await;
        // As if there were so many.
        let millions = "const real = fetch;
            return real('/_inspector/api/entries?limit=100').then((page) => page.json()).then((page) => {
                const body = JSON.stringify({ ...page, next: '1', total: 5e6, matching: 5e6 });
                window.fetch = (to, ...more) => (/entries/.test(to) ? Promise.resolve(new Response(body)) : real(to, ...more));
            })";
        browser.run(millions).await;
        browser.keys("/path:/").await;
        browser.press(Key::Enter).await;
        browser.rows(500_000).await;
        browser.run("document.activeElement.blur()").await;
        browser.press(Key::End).await;
        browser.sees("The list has the newest 500,000.").await;
        let seen = "(({ bottom }) => bottom > 0 && bottom <= innerHeight)(document.querySelector('#row-499999').getBoundingClientRect())";
        browser.until(seen).await;
    });
}

#[test]
fn a_gap_is_a_row_of_its_own() {
    let store = store();
    fill(&store, [json!({})]);
    let gap = json!({"v": 1, "entry_id": body_logger_core::record::new_id(), "run": body_logger_core::record::new_id(), "gap": {
        "from": "2026-11-21T09:14:18.226000Z", "to": "2026-11-21T09:14:46.103000Z", "dropped": 212,
        "reasons": {"dropped_newest": 212}, "seq": [[47990, 48201]]}});
    let gap: Entry = serde_json::from_value(gap).expect("a gap");
    store.write(&[gap]).expect("a store that works");
    fill(&store, [json!({})]);
    browse(&store, async |browser| {
        browser
            .sees("212 records dropped between 09:14:18.226 and 09:14:46.103")
            .await;
        browser.sees("the queue was full · seq 47,990–48,201").await;
    });
}

#[test]
fn an_empty_list_says_how_to_begin() {
    let store = store();
    browse(&store, async |browser| {
        browser.sees("Send a request and watch it arrive").await;
        fill(&store, [json!({})]);
        browser.rows(1).await;
        browser
            .until("document.querySelector('#empty').hidden")
            .await;
    });
}

#[test]
fn the_first_rows_come_with_the_page() {
    let store = orders(250);
    browse(&store, async |browser| {
        browser.rows(250).await;
        browser.shows(".rows [role=row]", "/orders/249").await;
        let asked = "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('api/entries')).length";
        assert_eq!(browser.run(asked).await, 0);
        // What is further down is asked for.
        browser.press(Key::End).await;
        browser.shows("[aria-selected=true]", "/orders/0").await;
        assert_ne!(browser.run(asked).await, 0);
        // A view that is opened again asks for what is new since.
        browser.open("?q=path:/orders/17").await;
        browser.rows(11).await;
    });
}
