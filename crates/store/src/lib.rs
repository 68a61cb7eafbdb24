#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod connections;
mod error;
mod overview;
mod position;
mod query;
mod retention;
mod schema;
mod store;
mod subscribers;
mod write;

pub use self::{
    builder::StoreBuilder,
    error::{StoreError, StoreErrorKind},
    overview::{BodyTotals, Bucket, Durations, Overview, RouteTotals, Totals},
    position::{InvalidPosition, Position},
    query::{Neighbours, Page, Rank, StoredGap, StoredRecord},
    store::{Store, StoreCounters},
    subscribers::Subscription,
};
