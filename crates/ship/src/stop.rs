//! Telling a shipper to stop, and by when.

use std::time::Instant;

use tokio::{sync::watch, time};

#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<Option<Instant>>);

pub(crate) fn channel() -> (watch::Sender<Option<Instant>>, Stop) {
    let (sender, receiver) = watch::channel(None);
    (sender, Stop(receiver))
}

impl Stop {
    pub(crate) fn is_requested(&self) -> bool {
        self.0.borrow().is_some()
    }

    pub(crate) async fn requested(&mut self) {
        // A sender that is gone asks for the same.
        let _ = self.0.wait_for(Option::is_some).await;
    }

    /// Until what has begun must be over.
    pub(crate) async fn deadline(&mut self) {
        let by = match self.0.wait_for(Option::is_some).await {
            Ok(by) => *by,
            Err(_) => None,
        };
        if let Some(by) = by {
            time::sleep_until(by.into()).await;
        }
    }
}
