//! The service over a real socket: who gets in, what is in the way of whom, what is said.

#[path = "../support/mod.rs"]
mod support;

mod access;
mod answers;
mod http;
mod token;
