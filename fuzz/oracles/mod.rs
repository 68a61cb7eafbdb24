//! What has to hold of whatever anybody sends.

pub mod decode;
pub mod form;
pub mod forwarded;
pub mod json;
pub mod multipart;
mod planted;
pub mod record;
mod served;
mod tree;
