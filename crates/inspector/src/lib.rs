#![doc = include_str!("../README.md")]

mod access;
mod api;
mod assets;
mod body;
mod compare;
mod format;
mod inspector;
mod page;
mod respond;

pub use self::inspector::{Inspector, InspectorBuilder, Try};
