//! Orders, kept in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use actix_web::{http::header, web, HttpRequest, HttpResponse};
use actix_web_body_logger::Exchange;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::accounts;

/// How many orders are kept; older ones make room for newer ones.
const KEPT_ORDERS: usize = 10_000;

/// What a client sends. The card would be charged now, and is not kept.
#[derive(Deserialize)]
pub(crate) struct NewOrder {
    item: String,
    #[serde(default = "one")]
    quantity: u32,
    deliver_to: Option<String>,
    #[serde(rename = "card_number")]
    _card_number: Option<String>,
}

fn one() -> u32 {
    1
}

#[derive(Clone, Serialize)]
struct Order {
    id: u64,
    item: String,
    quantity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    deliver_to: Option<String>,
}

/// All orders. Every worker has a thread of its own, so they share this behind a lock.
#[derive(Default)]
pub(crate) struct Orders(Mutex<BTreeMap<u64, Order>>);

impl Orders {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Order>> {
        // Nothing panics halfway through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, new: NewOrder) -> Order {
        let mut orders = self.lock();
        let id = orders.last_key_value().map_or(1, |(last, _)| last + 1);
        let order = Order {
            id,
            item: new.item,
            quantity: new.quantity,
            deliver_to: new.deliver_to,
        };
        orders.insert(id, order.clone());
        if orders.len() > KEPT_ORDERS {
            orders.pop_first();
        }
        order
    }

    fn get(&self, id: u64) -> Option<Order> {
        self.lock().get(&id).cloned()
    }
}

pub(crate) async fn create(
    req: HttpRequest,
    exchange: Exchange,
    orders: web::Data<Orders>,
    new: web::Json<NewOrder>,
) -> HttpResponse {
    if let Some(user) = accounts::user(req.headers()) {
        exchange.set_attribute("user", user);
    }
    let order = orders.add(new.into_inner());
    HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/orders/{}", order.id)))
        .json(order)
}

pub(crate) async fn show(orders: web::Data<Orders>, id: web::Path<String>) -> HttpResponse {
    // What is not a number is not an order, either.
    match id.parse().ok().and_then(|id| orders.get(id)) {
        Some(order) => HttpResponse::Ok().json(order),
        None => HttpResponse::NotFound().json(json!({ "error": "no such order" })),
    }
}
