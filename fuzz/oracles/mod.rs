//! What has to hold of whatever anybody sends.

pub mod json;
mod planted;
mod tree;
