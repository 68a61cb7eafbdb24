//! Bodies that mean harm: nothing runs, nothing is loaded, all is text.

use fantoccini::key::Key;
use serde_json::json;

use crate::{
    driver::browse,
    support::{fill, store},
};

const TEXTS: &[&str] = &[
    "<script>window.harmed = 1</script>",
    "<img src=x onerror=\"window.harmed = 1\">",
    "<svg onload=\"window.harmed = 1\">",
    "</div><style>* { display: none }</style>",
    "javascript:window.harmed = 1",
    "<a href=\"javascript:window.harmed = 1\">here</a>",
    "=HYPERLINK(\"http://evil.example\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{constructor.constructor('window.harmed = 1')()}}",
];

#[test]
fn markup_links_and_formulas_are_shown_as_text_everywhere() {
    let store = store();
    let records = fill(
        &store,
        TEXTS.iter().map(|text| {
            let body = json!({"state": "complete", "bytes": 99, "captured": 99, "media_type": "text/html", "text": text});
            json!({
                "request": { "path": format!("/{text}"), "query": text, "route": text, "method": text, "headers": [[text, text]], "host": text,
                    "body": {"state": "complete", "bytes": 99, "captured": 99, "media_type": "application/json", "json": {*text: [text]}} },
                "response": {"headers": [[text, text]], "body": body}, "attributes": {*text: text}, "client": {"addr": text},
                "error": {"kind": "handler", "status": null, "message": text}, "resource": {"service": text}
            })
        }),
    );
    let ids: Vec<_> = records.iter().map(|record| record.entry_id).collect();
    browse(&store, async |browser| {
        browser.rows(TEXTS.len()).await;
        for (id, text) in ids.iter().zip(TEXTS) {
            browser.open_record(*id).await;
            browser.sees(text).await;
            for fold in ["Request", "Response"] {
                let region = browser.text(&format!("[aria-label={fold}]")).await;
                assert!(region.contains(text), "{fold}: {region}");
            }
        }
        browser
            .open(&format!("?view=compare&a={}&b={}", ids[0], ids[1]))
            .await;
        browser.sees(TEXTS[1]).await;
        browser.open("?view=overview").await;
        browser.finds(".routes tbody tr").await;
        let harm = browser.run("return [window.harmed ?? 0, document.querySelectorAll('main img, main script, main style, main a[href^=\"javascript\"]').length]").await;
        assert_eq!(harm, json!([0, 0]));
    });
}

#[test]
fn the_policy_stops_what_would_run() {
    let store = store();
    fill(&store, [json!({})]);
    browse(&store, async |browser| {
        browser.rows(1).await;
        let stopped = browser
            .run(
                "const refused = [];
                document.addEventListener('securitypolicyviolation', (event) => refused.push(event.violatedDirective));
                try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); } catch { refused.push('markup'); }
                const image = new Image(); image.src = 'http://127.0.0.1:1/x.png'; document.body.append(image);
                return new Promise((done) => setTimeout(() => done(refused), 200));",
            )
            .await;
        let stopped = stopped.to_string();
        assert!(
            stopped.contains("markup") && stopped.contains("img-src"),
            "{stopped}"
        );
    });
}

#[test]
fn controls_and_directions_are_shown_as_escapes() {
    let store = store();
    let text = "\u{5d0}\u{202e}gnp.exe \u{1b}[31mred\u{1b}[0m \u{0}\u{7f}\u{200b} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{fffd}";
    let body = json!({"state": "complete", "bytes": 60, "captured": 60, "media_type": "text/plain", "text": text});
    let records = fill(
        &store,
        [json!({"request": {"path": format!("/{text}"), "body": body}})],
    );
    let id = records[0].entry_id;
    browse(&store, async |browser| {
        browser.open_record(id).await;
        // Whatever a path begins with, it is read from its beginning.
        let direction = "return [...document.querySelectorAll('bdi.path')].map((it) => getComputedStyle(it).direction).join()";
        assert_eq!(browser.run(direction).await, "ltr,ltr");
        for place in ["[aria-label=Request] .json", "h2", ".rows [role=row]"] {
            let shown = browser
                .run(&format!(
                    "return document.querySelector('{place}').textContent"
                ))
                .await;
            let shown = shown.as_str().expect("text");
            for escape in ["\\u202egnp.exe", "\\u001b[31mred", "\\u0000\\u007f\\u200b"] {
                assert!(shown.contains(escape), "{place}: {shown:?}");
            }
            assert!(!shown.contains(['\u{202e}', '\u{1b}', '\u{0}']), "{place}");
        }
        let isolated = browser.run("return getComputedStyle(document.querySelector('[aria-label=Request] .json bdi')).unicodeBidi").await;
        assert_eq!(isolated, "isolate");
    });
}

#[test]
fn long_forms_and_streams_are_tables_that_stay_small() {
    let store = store();
    let texts = [
        (
            "application/x-www-form-urlencoded",
            format!("long={}", "x".repeat(1 << 20)),
        ),
        ("application/x-www-form-urlencoded", "a&".repeat(1 << 18)),
        (
            "text/event-stream",
            "data: {\"a\": [1, 2, 3]}\n\n".repeat(30_000),
        ),
    ];
    let records = fill(
        &store,
        texts.map(|(media_type, text)| json!({"request": {"body": {"state": "complete", "bytes": text.len(), "captured": text.len(), "media_type": media_type, "text": text}}})),
    );
    browse(&store, async |browser| {
        for record in &records {
            browser.open_record(record.entry_id).await;
            browser.finds("[aria-label=Request] .sheet").await;
            let size = browser
                .run("return document.querySelectorAll('*').length + document.body.innerText.length / 10")
                .await;
            assert!(size.as_f64().is_some_and(|size| size < 100_000.0), "{size}");
        }
        browser
            .shows(".sheet", "29,000 further events not listed")
            .await;
    });
}

#[test]
fn a_line_of_5_mib_is_shown_in_part_and_searched_whole() {
    let store = store();
    let text = format!("{}needle{}", "x".repeat(3 << 20), "y".repeat(2 << 20));
    let body = json!({"state": "complete", "bytes": text.len(), "captured": text.len(), "media_type": "text/plain", "text": text});
    let records = fill(&store, [json!({"request": {"body": body}})]);
    let id = records[0].entry_id;
    browse(&store, async |browser| {
        browser.open(&format!("?record={id}")).await;
        browser.shows("[aria-label=Request] .json", "xxx").await;
        let shown = browser.run("return document.body.innerText.length").await;
        assert!(
            shown.as_u64().is_some_and(|shown| shown < 100_000),
            "{shown}"
        );
        browser
            .click("[aria-label=Request] [aria-label='Search in body']")
            .await;
        // In the longest line there are more matches than anyone steps through.
        browser.keys("x").await;
        browser.sees("1 of the first 10,000 matches").await;
        browser.press(Key::Backspace).await;
        browser.keys("needle").await;
        browser
            .until("document.querySelector('mark.current')?.innerText === 'needle'")
            .await;
    });
}
