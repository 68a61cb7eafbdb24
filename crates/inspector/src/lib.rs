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
mod status;
mod time;

pub use self::{
    inspector::{Inspector, InspectorBuilder, Try},
    status::{StatusRow, Tone},
};
