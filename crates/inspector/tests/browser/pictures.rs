//! Pictures of the page for the README, taken where `BODY_LOGGER_PICTURES` names a directory: `just pictures`.

use std::{
    env, fs,
    path::Path,
    time::{Duration, SystemTime},
};

use body_logger_core::{record::new_id, Entry, Record, Sink as _};
use body_logger_inspector::Inspector;
use serde_json::{json, Value};

use crate::{
    driver::browse_with,
    support::{fill_up_to, store},
};

const SCHEMES: &[(&str, &[&str])] = &[("light", &[]), ("dark", &["--force-dark-mode"])];

#[test]
fn pictures() {
    let Some(directory) = env::var_os("BODY_LOGGER_PICTURES") else {
        return;
    };
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(directory);
    fs::create_dir_all(&directory).expect("a directory");
    let store = store();
    let records = shop(&store);
    let of = |path: &str, status: u16| {
        let found = records
            .iter()
            .rev()
            .find(|it| it.request.path == *path && it.status() == Some(status));
        found.expect("such a record").entry_id
    };
    let (created, refused) = (of("/orders", 201), of("/orders", 422));
    for (scheme, arguments) in SCHEMES {
        let inspector = Inspector::over(store.clone()).localhost_only();
        browse_with(inspector, arguments, async |browser| {
            let views = [
                ("list", String::new(), "document.querySelectorAll('.strip path').length && document.querySelector('.rows .row')"),
                ("detail", format!("?record={created}"), "document.querySelector('.timeline .tick') && document.querySelector('.tear')"),
                ("compare", format!("?view=compare&a={created}&b={refused}"), "document.querySelector('.diff')"),
                ("overview", "?view=overview".to_owned(), "document.querySelector('.routes tbody tr')"),
            ];
            for (view, query, ready) in views {
                browser.open(&query).await;
                browser.until(&format!("!!({ready})")).await;
                let png = browser.client.screenshot().await.expect("a picture");
                fs::write(directory.join(format!("{view}-{scheme}.png")), png).expect("a file");
            }
        });
    }
}

/// Ten minutes of a shop.
fn shop(store: &body_logger_store::Store) -> Vec<Record> {
    let json_body = |json: Value| {
        let length = json.to_string().len();
        json!({"state": "complete", "bytes": length, "captured": length, "media_type": "application/json", "json": json})
    };
    let order = json_body(json!({
        "accepted_terms": true,
        "customer": {"email": "***", "id": "cus_4821", "phone": "***"},
        "items": [{"gift": {"card": "Happy birthday", "wrap": true}, "quantity": 2, "sku": "sku-20418"}, {"quantity": 1, "sku": "sku-11873"}],
        "payment": {"card_number": "***", "cvc": "***", "method": "card"},
        "total": 11870,
    }));
    let smaller = json_body(json!({
        "accepted_terms": true, "coupon": "WELCOME10",
        "customer": {"email": "***", "id": "cus_4821", "phone": "***"},
        "items": [{"quantity": 0, "sku": "sku-20418"}, {"quantity": 1, "sku": "sku-11873"}],
        "payment": {"card_number": "***", "cvc": "***", "method": "card"},
        "total": 11870,
    }));
    let truncated = json!({"state": "complete", "bytes": 48213, "captured": 32768, "reasons": ["body_limit"], "media_type": "application/json",
        "text": "{\"id\":\"ord_7142\",\"status\":\"open\",\"total\":11870,\"customer\":{\"id\":\"cus_4821\",\"email\":\"***\"},\"items\":[{\"sku\":\"sku-20418\",\"quantity\":2},{\"sku\":\"sku-11873\",\"quantity\":1,\"product\":{\"weight_g\":1840,\"care\":\"Wipe with a dry clo"});
    let headers = json!([
        ["host", "api.shop.example"],
        ["content-type", "application/json"],
        ["authorization", "***"],
        ["user-agent", "shop-web/5.2"],
        ["accept", "application/json"]
    ]);
    let exchange = |method: &str, path: String, route: &str, status: u16, micros: u64| {
        json!({"request": {"method": method, "path": path, "route": route, "headers": headers}, "response": {"status": status}, "ttfb_us": micros * 9 / 10, "duration_us": micros,
            "resource": {"service": "orders-api", "version": "1.8.2"}})
    };
    let with = |mut exchange: Value, changes: Value| {
        crate::support::merge(&mut exchange, changes);
        exchange
    };
    let records = (0..600u64).map(|n| {
        let id = 7000 + n;
        // Numbers that look as if they were random, and are the same each time.
        let spread = 1 + (n * 7919 % 97);
        let exchange = match n * 31 % 23 {
            0..=5 => exchange("GET", format!("/orders/{id}"), "/orders/{id}", 200, 5_000 + spread * 60),
            6..=9 => exchange("GET", "/products".to_owned(), "/products", 200, 14_000 + spread * 200),
            10..=12 => exchange("GET", format!("/products/sku-{id}"), "/products/{sku}", if n % 3 == 0 { 304 } else { 200 }, 900 + spread * 30),
            13..=15 => exchange("PUT", format!("/carts/c-{id:x}/items/3"), "/carts/{id}/items/{n}", 200, 6_000 + spread * 80),
            16 | 17 => exchange("POST", "/sessions".to_owned(), "/sessions", if n % 4 == 0 { 401 } else { 200 }, 3_000 + spread * 20),
            18 => with(
                exchange("POST", format!("/payments/pay_{id}/capture"), "/payments/{id}/capture", if n % 3 == 0 { 503 } else { 200 }, if n % 3 == 0 { 2_000_000 } else { 200_000 }),
                json!({"request": {"body": order}}),
            ),
            19 => with(
                exchange("GET", format!("/orders/{id}/invoice.pdf"), "/orders/{id}/invoice.pdf", 200, 1_840_000),
                json!({"outcome": "response_aborted", "ttfb_us": 24_000, "response": {"headers": [["content-length", "2411520"]],
                    "body": {"state": "aborted", "bytes": 917_504, "captured": 0, "reasons": ["media_type"], "media_type": "application/pdf"}}}),
            ),
            20 => with(
                exchange("POST", format!("/orders/{id}/refund"), "/orders/{id}/refund", 200, 11_200),
                json!({"outcome": "panicked", "response": null, "ttfb_us": null}),
            ),
            21 => with(exchange("POST", "/orders".to_owned(), "/orders", 422, 9_990), json!({"request": {"body": smaller, "query": "expand=items"}})),
            _ => with(
                exchange("POST", "/orders".to_owned(), "/orders", 201, 42_300),
                json!({"ttfb_us": 38_200, "request": {"body": order, "query": "expand=items,prices"}}),
            ),
        };
        if exchange["response"]["status"] == 201 {
            return with(exchange, json!({"response": {"body": truncated, "headers": [["content-type", "application/json"], ["location", "/orders/7142"], ["set-cookie", "***"]]}}));
        }
        exchange
    });
    let records: Vec<Value> = records.collect();
    let (before, after) = records.split_at(records.len() - 12);
    let (now, pause) = (SystemTime::now(), Duration::from_millis(1_450));
    let last = now - pause * 12 - Duration::from_secs(28);
    let mut all = fill_up_to(store, last, pause, before.to_vec());
    let gap = json!({"v": 1, "entry_id": new_id(), "run": new_id(), "gap": {
        "from": body_logger_core::rfc3339::text(last), "to": body_logger_core::rfc3339::text(last + Duration::from_secs(28)), "dropped": 212,
        "reasons": {"dropped_newest": 212}, "seq": [[47990, 48201]]}});
    store
        .write(&[serde_json::from_value::<Entry>(gap).expect("a gap")])
        .expect("a store that works");
    all.extend(fill_up_to(store, now, pause, after.to_vec()));
    all
}
