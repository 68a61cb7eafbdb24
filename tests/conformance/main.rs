//! All sinks pass the same checks, and each check can fail.

mod broken;
mod sinks;
