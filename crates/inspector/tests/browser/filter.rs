//! The filter: in the field, in the address, wrong.

use std::time::{Duration, SystemTime};

use fantoccini::key::Key;
use serde_json::json;

use crate::{
    driver::browse,
    support::{fill, fill_up_to, store},
};

fn three() -> body_logger_store::Store {
    let store = store();
    fill(
        &store,
        [
            json!({"request": {"path": "/a"}}),
            json!({"request": {"path": "/b", "method": "POST"}, "response": {"status": 503}}),
            json!({"request": {"path": "/c", "method": "POST"}}),
        ],
    );
    store
}

#[test]
fn a_filter_narrows_the_list_and_survives_a_reload() {
    browse(&three(), async |browser| {
        browser.rows(3).await;
        browser.keys("/").await;
        browser.keys("method:post status:5xx").await;
        browser.press(Key::Enter).await;
        browser.rows(1).await;
        assert!(
            browser
                .address()
                .await
                .contains("?q=method:post%20status:5xx"),
            "{}",
            browser.address().await
        );
        browser.client.refresh().await.expect("a reload");
        browser.rows(1).await;
        let kept = browser
            .until("document.querySelector('#filter').value")
            .await;
        assert_eq!(kept, "method:post status:5xx");
        browser.client.back().await.expect("the way back");
        browser.rows(3).await;
    });
}

#[test]
fn a_wrong_filter_points_at_the_place_and_the_list_stays() {
    browse(&three(), async |browser| {
        browser.rows(3).await;
        browser.keys("/").await;
        browser.keys("method:post ").await;
        browser.rows(2).await;
        browser.keys("status:9xx").await;
        browser
            .until("document.querySelector('#filter').getAttribute('aria-invalid') === 'true'")
            .await;
        let described = browser.until("document.getElementById(document.querySelector('#filter').getAttribute('aria-describedby')).innerText").await;
        assert!(
            described
                .as_str()
                .is_some_and(|text| text.contains("9xx") && text.contains("^^^")),
            "{described}"
        );
        browser.rows(2).await;
        browser
            .keys(&String::from(char::from(Key::Backspace)).repeat(3))
            .await;
        browser.keys("5xx").await;
        browser.rows(1).await;
        browser
            .until("!document.querySelector('#filter').hasAttribute('aria-invalid')")
            .await;
    });
}

#[test]
fn what_is_typed_while_the_server_is_asked_stays() {
    browse(&three(), async |browser| {
        browser.rows(3).await;
        // The answers come once the next letters are there.
        let slow = "const real = fetch;
            window.answers = [];
            window.fetch = async (to, ...more) => {
                const answer = await real(to, ...more);
                if (/filter/.test(to)) await new Promise((done) => answers.push(done));
                return answer;
            }";
        browser.run(slow).await;
        browser.keys("/post").await;
        browser.until("answers.length").await;
        let applied =
            "(answers.splice(0).forEach((answer) => answer()), location.search.includes('post'))";
        browser.until(applied).await;
        browser
            .keys(&String::from(char::from(Key::Backspace)).repeat(4))
            .await;
        browser.keys("stat").await;
        browser.until("answers.length").await;
        browser.keys("us:5xx").await;
        browser.until("(answers.splice(0).forEach((answer) => answer()), document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '2')").await;
        let kept = browser
            .run("return document.querySelector('#filter').value")
            .await;
        assert_eq!(kept, "status:5xx");
    });
}

#[test]
fn keys_and_values_are_completed() {
    browse(&three(), async |browser| {
        browser.rows(3).await;
        browser.keys("/").await;
        browser.keys("outc").await;
        browser.shows("[role=option]", "outcome:").await;
        browser.press(Key::Tab).await;
        browser
            .until("document.querySelector('#filter').value === 'outcome:'")
            .await;
        browser.keys("resp").await;
        browser.shows("[role=option]", "response_aborted").await;
        browser.press(Key::Down).await;
        browser.press(Key::Enter).await;
        browser.sees("Nothing matches").await;
        browser.press(Key::Escape).await;
        browser.rows(3).await;
    });
}

#[test]
fn a_filter_in_the_address_is_applied_and_a_wrong_one_shown() {
    browse(&three(), async |browser| {
        browser.open("?q=path:/b").await;
        browser.rows(1).await;
        browser.open("?q=status:9xx").await;
        browser
            .until("document.querySelector('#filter').getAttribute('aria-invalid') === 'true'")
            .await;
        browser.rows(3).await;
    });
}

#[test]
fn a_range_of_time_stays_relative_in_the_address() {
    let store = store();
    let hour = Duration::from_secs(3600);
    fill_up_to(
        &store,
        SystemTime::now() - hour,
        Duration::ZERO,
        [json!({}), json!({})],
    );
    fill(&store, [json!({}), json!({}), json!({})]);
    browse(&store, async |browser| {
        browser.rows(5).await;
        let choose = "const range = document.querySelector('#since'); range.value = '15'; range.dispatchEvent(new Event('change'))";
        browser.run(choose).await;
        browser.shows("#found", "3 of 5").await;
        assert!(browser.address().await.ends_with("?range=15"));
        browser.client.refresh().await.expect("a reload");
        browser.shows("#found", "3 of 5").await;
        fill(&store, [json!({})]);
        browser.shows("#found", "4 of 6").await;
        // A filter is combined with it.
        browser.open("?q=path%3A%2Fnone&range=15").await;
        browser.sees("in the last 15 min").await;
        browser.choose(".nothing", "Clear the filter").await;
        browser.rows(6).await;
    });
}
