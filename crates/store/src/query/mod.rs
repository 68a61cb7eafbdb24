//! Answers questions about records.

mod conditions;
mod gaps;
mod page;
mod read;
mod scan;

pub(crate) use self::{
    conditions::Conditions,
    gaps::gaps_in,
    page::{neighbours, page, rank},
    read::{entry, exchange, newest, records_at},
    scan::{blocks, times, Order},
};
pub use self::{
    gaps::StoredGap,
    page::{Neighbours, Page, Rank},
    read::StoredRecord,
};
