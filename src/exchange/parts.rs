//! What a logger is made of.

use std::sync::Arc;

use crate::{delivery::Delivery, policy::Policy, render::Renderer};

/// What a logger is made of: parts that know nothing of each other but that what is delivered is rendered first.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) policy: Policy,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) delivery: Delivery,
}
