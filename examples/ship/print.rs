//! A destination that needs no service.

use actix_web_body_logger::ship::{Acknowledged, Destination, Outgoing, SendError};

/// Prints each entry as a line of JSON.
pub(crate) struct Print;

impl Destination for Print {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        Ok(checkpoint)
    }

    #[expect(clippy::print_stdout, reason = "what it is for")]
    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        for entry in batch {
            println!("{}", String::from_utf8_lossy(entry.json()));
        }
        Ok(Acknowledged::default())
    }
}
