//! Destinations that fail.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc, Mutex,
    },
    time::Duration,
};

use body_logger_ship::{Acknowledged, Destination, Outgoing, SendError};
use tokio::time;

use super::{
    log::{lines, Directory},
    memory::{Fault, Memory},
    shipper, stop, until, LIMIT,
};

#[test]
fn whatever_a_call_does_each_entry_arrives_once_and_in_order() {
    for fault in [
        Fault::Unreachable,
        Fault::Lost,
        Fault::Unacknowledged,
        Fault::Torn(0),
        Fault::Torn(50),
        Fault::Torn(99),
    ] {
        for leaves_pending in [false, true] {
            let directory = Directory::new();
            directory.append(&lines(1..501));
            let memory = Memory::failing([fault, fault]).leaving_pending(leaves_pending);
            let handle = shipper(&directory, memory.clone()).batch_entries(100);
            let handle = handle.spawn().expect("a shipper");
            assert_eq!(memory.numbers(500), Vec::from_iter(1..501), "{fault:?}");
            let counters = stop(handle);
            assert_eq!((counters.shipped, counters.retries), (500, 2), "{fault:?}");
            assert_eq!((counters.lag_entries, counters.lag_bytes), (0, 0));
        }
    }
}

/// Does not answer when it is called first, until the time limit of a call has passed.
struct HangsOnce {
    hung: bool,
    memory: Memory,
}

impl Destination for HangsOnce {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        self.memory.connect(checkpoint).await
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        if !std::mem::replace(&mut self.hung, true) {
            time::pause();
            time::advance(LIMIT * 2).await;
            time::resume();
            return std::future::pending().await;
        }
        self.memory.send(batch).await
    }
}

#[test]
fn a_destination_that_does_not_answer_is_called_again() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let memory = Memory::default();
    let destination = HangsOnce {
        hung: false,
        memory: memory.clone(),
    };
    let shipper = shipper(&directory, destination).call_timeout(LIMIT * 2);
    let handle = shipper.spawn().expect("a shipper");
    assert_eq!(memory.numbers(10), Vec::from_iter(1..11));
    assert_eq!(stop(handle).retries, 1);
}

#[test]
fn refused_entries_are_dead_letters_and_all_others_arrive() {
    for leaves_pending in [false, true] {
        let directory = Directory::new();
        directory.append(&lines(1..2001));
        let poison = [1, 500, 501, 1000, 1001];
        let memory = Memory::refusing(poison).leaving_pending(leaves_pending);
        let handle = shipper(&directory, memory.clone())
            .spawn()
            .expect("a shipper");
        let expected = Vec::from_iter((1..2001).filter(|seq| !poison.contains(seq)));
        assert_eq!(memory.numbers(1995), expected);
        let counters = stop(handle);
        assert_eq!((counters.shipped, counters.dead_letters), (1995, 5));
        let letters = poison.map(|seq| (seq, "poison".to_owned()));
        assert_eq!(directory.dead_letters(), letters);
        // By halves, not one by one.
        assert!(memory.sizes().len() < 100, "{:?}", memory.sizes());
    }
}

/// Acknowledges a batch only when it has been called with the next one, or is to finish.
struct Waits {
    sent: Arc<Mutex<Vec<usize>>>,
    finishes: bool,
}

impl Destination for Waits {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        Ok(checkpoint)
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        self.sent.lock().expect("no panic").push(batch.len());
        Ok(Acknowledged::default().pending())
    }

    async fn finish(&mut self) -> Result<Acknowledged, SendError> {
        match self.finishes {
            true => Ok(Acknowledged::default()),
            false => std::future::pending().await,
        }
    }
}

#[test]
fn the_next_batch_is_sent_while_the_one_before_is_acknowledged() {
    let directory = Directory::new();
    directory.append(&lines(1..31));
    let sent = Arc::new(Mutex::new(Vec::new()));
    let waits = |finishes| Waits {
        sent: Arc::clone(&sent),
        finishes,
    };
    let handle = shipper(&directory, waits(false)).batch_entries(10);
    let handle = handle.spawn().expect("a shipper");
    // The last batch is never acknowledged, and the position is before it.
    until(|| handle.counters().shipped == 20);
    let counters = handle.stop(Duration::ZERO).expect("a thread that ends");
    assert_eq!((counters.shipped, counters.lag_entries), (20, 10));
    assert_eq!(*sent.lock().expect("no panic"), [10, 10, 10]);
    let handle = shipper(&directory, waits(true)).until_end();
    let handle = handle.spawn().expect("a shipper");
    until(|| !handle.is_running());
    assert_eq!(stop(handle).shipped, 10);
}

/// Says that an entry is to blame, before it has seen one.
struct RefusesConnections;

impl Destination for RefusesConnections {
    async fn connect(&mut self, _: Option<u64>) -> Result<Option<u64>, SendError> {
        Err(SendError::refused("not now"))
    }

    async fn send(&mut self, _: &[Outgoing]) -> Result<Acknowledged, SendError> {
        Ok(Acknowledged::default())
    }
}

#[test]
fn no_entry_is_to_blame_where_no_connection_is_made() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let handle = shipper(&directory, RefusesConnections);
    let handle = handle.spawn().expect("a shipper");
    until(|| handle.counters().retries >= 3 || handle.counters().dead_letters > 0);
    let counters = stop(handle);
    assert_eq!((counters.shipped, counters.dead_letters), (0, 0));
}

#[test]
fn a_torn_dead_letter_spoils_no_other() {
    let directory = Directory::new();
    let dead = directory.file("position.json.dead.jsonl");
    std::fs::write(&dead, r#"{"time":"2026-"#).expect("a file");
    directory.append(&lines(1..2));
    let memory = Memory::refusing([1]);
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    directory.append(&lines(2..3));
    memory.numbers(1);
    stop(handle);
    let text = std::fs::read_to_string(&dead).expect("a file");
    let last = text.lines().last().expect("a line");
    let letter: serde_json::Value = serde_json::from_str(last).expect("a whole line");
    assert_eq!(letter["entry"]["seq"], 1);
}

#[cfg(unix)]
#[test]
fn dead_letters_and_positions_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let directory = Directory::new();
    directory.append(&lines(1..3));
    let memory = Memory::refusing([1]);
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    memory.numbers(1);
    stop(handle);
    for name in ["position.json", "position.json.dead.jsonl"] {
        let metadata = std::fs::metadata(directory.file(name)).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

/// Has a checkpoint from its first connection on.
struct Checkpointed {
    position: std::path::PathBuf,
    sent_unsaved: Arc<AtomicBool>,
}

impl Destination for Checkpointed {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        Ok(checkpoint.or(Some(7)))
    }

    async fn send(&mut self, _: &[Outgoing]) -> Result<Acknowledged, SendError> {
        let text = std::fs::read_to_string(&self.position).unwrap_or_default();
        if !text.contains(r#""checkpoint":7"#) {
            self.sent_unsaved.store(true, Relaxed);
        }
        Ok(Acknowledged::default())
    }
}

#[test]
fn nothing_is_sent_while_the_first_checkpoint_cannot_be_saved() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let position = directory.file("position.json");
    // What is saved first is a file of this name.
    let obstacle = directory.file("position.json.tmp");
    std::fs::create_dir(&obstacle).expect("a directory");
    let sent_unsaved = Arc::new(AtomicBool::new(false));
    let destination = Checkpointed {
        position,
        sent_unsaved: Arc::clone(&sent_unsaved),
    };
    let handle = shipper(&directory, destination);
    let handle = handle.spawn().expect("a shipper");
    until(|| handle.counters().retries >= 3);
    std::fs::remove_dir(&obstacle).expect("a directory");
    until(|| handle.counters().shipped == 10);
    stop(handle);
    assert!(!sent_unsaved.load(Relaxed));
}

/// Takes so long that the next batch is read meanwhile.
struct Slow(Memory);

impl Destination for Slow {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        self.0.connect(checkpoint).await
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.0.send(batch).await
    }
}

#[test]
fn no_more_than_a_batch_is_sent_beyond_a_position_that_cannot_be_saved() {
    let directory = Directory::new();
    directory.append(&lines(1..1001));
    let memory = Memory::default();
    let obstacle = directory.file("position.json.tmp");
    std::fs::create_dir(&obstacle).expect("a directory");
    let handle = shipper(&directory, Slow(memory.clone())).batch_entries(100);
    let handle = handle.spawn().expect("a shipper");
    until(|| handle.counters().retries >= 3);
    assert!(handle.counters().shipped <= 200);
    std::fs::remove_dir(&obstacle).expect("a directory");
    assert_eq!(memory.numbers(1000), Vec::from_iter(1..1001));
    stop(handle);
    let next = shipper(&directory, memory.clone()).until_end();
    let next = next.spawn().expect("a shipper");
    until(|| !next.is_running());
    assert_eq!(stop(next).shipped, 0, "the position is behind all of it");
}
