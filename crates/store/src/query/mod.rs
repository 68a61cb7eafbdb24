//! Answers queries about records, block by block.
//!
//! In each block, a query uses the index that finds the fewest rows. It can stop after any block, with a page that says where to
//! continue.

mod conditions;
mod gaps;
mod page;
mod read;
mod scan;
mod window;

pub(crate) use self::{
    conditions::Conditions,
    gaps::gaps_in,
    page::{neighbours, page, rank},
    read::{entry, exchange, newest, records_at},
    scan::{blocks, times},
    window::Order,
};
pub use self::{
    gaps::StoredGap,
    page::{Neighbours, Page, Rank},
    read::StoredRecord,
};
