//! The memory of a shipper, which does not grow with what is still to be shipped.

use std::{
    fs,
    iter::repeat_n,
    time::{Duration, Instant},
};

use body_logger_ship::{Acknowledged, Destination, Outgoing, SendError};

use super::{
    kill::{self, Child},
    log::{line, record_of, Directory, RUN},
};

/// Away for a while, then a slow place where entries are forgotten. It acknowledges a batch with the next one.
struct Forgets {
    back: Instant,
}

impl Destination for Forgets {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        Ok(checkpoint)
    }

    async fn send(&mut self, _: &[Outgoing]) -> Result<Acknowledged, SendError> {
        if Instant::now() < self.back {
            return Err(SendError::unavailable("away"));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok(Acknowledged::default().pending())
    }
}

#[test]
fn memory_is_bounded_however_much_is_to_be_shipped() {
    let test = "bounds::memory_is_bounded_however_much_is_to_be_shipped";
    if let Some(child) = Child::here() {
        let back = Instant::now() + Duration::from_secs(5);
        return child.ship_whole_batches(Forgets { back });
    }
    let directory = Directory::new();
    // Large bodies, and small entries, which take more beside their lines: of both, more than it may take.
    let (mut lines, mut written) = (String::new(), 0);
    let bodies = repeat_n(64 * 1024, 3200).chain(repeat_n(0, 60_000));
    for (seq, body) in (1..).zip(bodies) {
        let mut record = record_of(RUN, seq);
        record.request.body.text = Some("x".repeat(body));
        lines.push_str(&line(&record));
        if lines.len() > 1024 * 1024 {
            directory.append(&lines);
            written += lines.len();
            lines.clear();
        }
    }
    directory.append(&lines);
    assert!(written > 256 * 1024 * 1024, "{written} bytes");
    let mut shipper = kill::start(test, &directory, "", "");
    kill::wait_for(&directory);
    let status = fs::read_to_string(format!("/proc/{}/status", shipper.id()));
    shipper.kill();
    let status = status.expect("a process");
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most = most.and_then(|most| most.trim().strip_suffix(" kB"));
    let most: u64 = most.and_then(|most| most.parse().ok()).expect("a number");
    assert!(most < 64 * 1024, "{most} KiB");
}
