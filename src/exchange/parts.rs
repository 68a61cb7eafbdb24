//! The parts of a logger.

use std::sync::Arc;

use crate::{delivery::Delivery, policy::Policy, render::Renderer};

/// The parts of a logger. They are independent, except that delivery calls the renderer.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) policy: Policy,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) delivery: Delivery,
}
