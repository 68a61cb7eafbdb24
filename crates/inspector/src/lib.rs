#![doc = include_str!("../README.md")]

mod access;
mod api;
mod assets;
mod body;
mod charts;
mod compare;
mod format;
mod gap;
mod inspector;
mod page;
mod respond;
mod shared;
mod status;
mod suggestion;
mod time;

pub use self::{
    inspector::{Inspector, InspectorBuilder},
    status::{StatusRow, Tone},
    suggestion::Try,
};
