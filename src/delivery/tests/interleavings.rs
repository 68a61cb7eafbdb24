//! Runs delivery's threads in orders that Shuttle picks, switching at every lock, wait and atomic. Time-outs never
//! expire there, so a thread that would wait for ever is found. `.ci/interleavings` runs them.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use body_logger_core::record::Entry;
use shuttle::{
    future::block_on,
    scheduler::{PctScheduler, RandomScheduler},
    thread, Config, Runner,
};

use super::{
    super::{Delivery, DeliveryParts, Limits, QueuedSink, WhenFull},
    support::{end, end_awaited, end_unrenderable, Reply, Scripted},
};
use crate::{
    capture::MemoryBudget,
    policy::Quorum,
    sink::{Sink, SinkError},
};

const MODES: [WhenFull; 4] = [
    WhenFull::DropNewest,
    WhenFull::DropOldest,
    WhenFull::ShedBodies,
    WhenFull::Wait,
];

/// Runs a test in many orders. Prints one in which it fails, so that it can be replayed.
fn in_many_orders(test: impl Fn() + Send + Sync + 'static) {
    const ORDERS: usize = 150;
    let mut config = Config::new();
    // Rendering a record needs more than Shuttle's default stack.
    config.stack_size = 1 << 20;
    // Silences the warning that Shuttle treats every atomic ordering as `SeqCst`.
    config.silence_warnings = true;
    let test = Arc::new(test);
    let again = Arc::clone(&test);
    Runner::new(RandomScheduler::new(ORDERS), config.clone()).run(move || test());
    // Finds failures that need few switches at unlikely moments.
    Runner::new(PctScheduler::new(3, ORDERS), config).run(move || again());
}

/// Starts a delivery to these sinks, behind queues so small that entries never accumulate.
fn start(sinks: &[Scripted], records: usize, when_full: WhenFull) -> Delivery {
    let limits = Limits {
        records,
        bytes: 100_000,
        when_full,
    };
    let queued = sinks.iter().enumerate().map(|(index, sink)| QueuedSink {
        sink: Box::new(sink.clone()),
        name: index.to_string(),
        limits,
        required: false,
    });
    parts(queued.collect(), Vec::new(), limits).start()
}

fn parts(
    queued: Vec<QueuedSink>,
    inline: Vec<(Box<dyn Sink>, String)>,
    limits: Limits,
) -> DeliveryParts {
    DeliveryParts {
        inline,
        queued,
        quorum: Quorum::default(),
        limits,
        renderer: Arc::default(),
        render_threads: 1,
        budget: MemoryBudget::new(usize::MAX / 2),
    }
}

/// Ends this many exchanges on each of several workers, waiting for admission.
fn end_on_workers(delivery: &Arc<Delivery>, workers: usize, each: usize) {
    let work = |delivery: Arc<Delivery>| {
        move || {
            for _ in 0..each {
                if let Some(admission) = delivery.admission() {
                    block_on(admission);
                }
                end(&delivery, &MemoryBudget::new(usize::MAX), 0);
            }
        }
    };
    let workers: Vec<_> = (0..workers)
        .map(|_| thread::spawn(work(Arc::clone(delivery))))
        .collect();
    for worker in workers {
        worker.join().expect("a worker that does not panic");
    }
}

/// Checks that every number up to the last is held or named, and none came out of order.
fn check(sink: &Scripted, last: u64) {
    let log = sink.log.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(log.holes.is_empty(), "{:?}: {:?}", log.holes, log.events);
    assert!(log.held.windows(2).all(|pair| pair[0] < pair[1]));
    let known: BTreeSet<u64> = log.held.iter().chain(&log.named).copied().collect();
    assert_eq!(known, (1..=last).collect(), "{:?}", log.events);
    assert!(log.syncs > 0);
}

#[test]
fn every_number_is_held_or_named() {
    for when_full in MODES {
        for count in [1, 2] {
            in_many_orders(move || {
                let sinks: Vec<_> = (0..count).map(|_| Scripted::default()).collect();
                sinks[0].script([Reply::Refuse, Reply::TakePrefix(1)]);
                let delivery = Arc::new(start(&sinks, 2, when_full));
                let syncing = {
                    let flush_waiter = delivery.flush_waiter();
                    // Losses at this moment do not matter.
                    thread::spawn(move || _ = flush_waiter.sync_within(Duration::MAX))
                };
                end_on_workers(&delivery, 2, 2);
                syncing.join().expect("a sync that does not panic");
                sinks.iter().for_each(|sink| sink.script([]));
                let flushed = delivery.flush_waiter().wait(Duration::MAX);
                flushed.expect("sinks that work");
                sinks.iter().for_each(|sink| check(sink, 4));
            });
        }
    }
}

/// Two exchanges only: a third might let others join its sync for a time that never ends here.
#[test]
fn whoever_waits_for_an_entry_is_woken() {
    for count in [1, 2] {
        in_many_orders(move || {
            let limits = Limits {
                records: 100,
                bytes: 100_000,
                when_full: WhenFull::DropNewest,
            };
            let queued = (0..count).map(|index| QueuedSink {
                sink: Box::new(Scripted::default()),
                name: index.to_string(),
                limits,
                required: true,
            });
            let delivery = Arc::new(parts(queued.collect(), Vec::new(), limits).start());
            let workers = [(); 2].map(|()| {
                let delivery = Arc::clone(&delivery);
                thread::spawn(move || assert!(block_on(end_awaited(&delivery))))
            });
            for worker in workers {
                worker.join().expect("durable entries");
            }
        });
    }
}

/// A delivery with a queue of so many records for the sink, and an inline sink, so that workers render.
fn rendering_on_workers(sink: &Scripted, records: usize) -> Arc<Delivery> {
    let limits = Limits {
        records,
        bytes: 1 << 20,
        when_full: WhenFull::DropNewest,
    };
    let queued = vec![QueuedSink {
        sink: Box::new(sink.clone()),
        name: String::new(),
        limits,
        required: false,
    }];
    let inline: Box<dyn Sink> = Box::new(None::<Scripted>);
    let inline = vec![(inline, String::new())];
    Arc::new(parts(queued, inline, limits).start())
}

#[test]
fn queues_entries_rendered_on_workers_in_the_order_of_their_numbers() {
    in_many_orders(|| {
        let sink = Scripted::default();
        let delivery = rendering_on_workers(&sink, 100);
        end_on_workers(&delivery, 2, 2);
        let flushed = delivery.flush_waiter().wait(Duration::MAX);
        flushed.expect("sinks that work");
        check(&sink, 4);
    });
}

#[test]
fn numbers_an_entry_that_a_worker_cannot_render_in_the_order_of_the_others() {
    in_many_orders(|| {
        let sink = Scripted::default();
        // Half full with one entry, which the writer thread then takes at once.
        let delivery = rendering_on_workers(&sink, 2);
        let failing = {
            let delivery = Arc::clone(&delivery);
            thread::spawn(move || _ = end_unrenderable(&delivery, &MemoryBudget::new(usize::MAX)))
        };
        end_on_workers(&delivery, 1, 2);
        failing.join().expect("a worker that does not panic");
        let flushed = delivery.flush_waiter().wait(Duration::MAX);
        flushed.expect("sinks that work");
        check(&sink, 3);
    });
}

#[test]
fn renders_on_several_threads_in_the_order_of_the_numbers() {
    in_many_orders(|| {
        let sinks = [Scripted::default()];
        sinks[0].script([Reply::TakePrefix(1)]);
        let limits = Limits {
            records: 3,
            bytes: 100_000,
            when_full: WhenFull::DropNewest,
        };
        let queued = vec![QueuedSink {
            sink: Box::new(sinks[0].clone()),
            name: String::new(),
            limits,
            required: false,
        }];
        let parts = DeliveryParts {
            render_threads: 2,
            ..parts(queued, Vec::new(), limits)
        };
        let delivery = Arc::new(parts.start());
        end_on_workers(&delivery, 2, 2);
        let flushed = delivery.flush_waiter().wait(Duration::MAX);
        flushed.expect("sinks that work");
        check(&sinks[0], 4);
    });
}

#[test]
fn lets_waiting_exchanges_in_without_a_flush() {
    for count in [1, 2] {
        in_many_orders(move || {
            let sinks: Vec<_> = (0..count).map(|_| Scripted::default()).collect();
            let delivery = Arc::new(start(&sinks, 1, WhenFull::Wait));
            end_on_workers(&delivery, 3, 2);
            let flushed = delivery.flush_waiter().wait(Duration::MAX);
            flushed.expect("sinks that work");
            assert_eq!(delivery.sum().lost(), 0);
            sinks.iter().for_each(|sink| check(sink, 6));
        });
    }
}

#[test]
fn answers_a_flush_when_the_logger_is_dropped_meanwhile() {
    for count in [1, 2] {
        in_many_orders(move || {
            let sinks: Vec<_> = (0..count).map(|_| Scripted::default()).collect();
            let delivery = start(&sinks, 2, WhenFull::DropNewest);
            end(&delivery, &MemoryBudget::new(usize::MAX), 0);
            let wait = |_| {
                let flush_waiter = delivery.flush_waiter();
                thread::spawn(move || flush_waiter.wait(Duration::MAX).expect("sinks that work"))
            };
            let waiting: Vec<_> = (0..2).map(wait).collect();
            drop(delivery);
            for waits in waiting {
                waits.join().expect("a flush that is answered");
            }
            sinks.iter().for_each(|sink| check(sink, 1));
        });
    }
}

/// Refuses everything but gaps, and some of those; records the numbers that the gaps name.
#[derive(Clone, Default)]
struct GapsOnly {
    named: Arc<(shuttle::sync::Mutex<u64>, shuttle::sync::Condvar)>,
    refuses: Arc<Mutex<u32>>,
}

impl Sink for GapsOnly {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let [Entry::Gap(gap)] = entries else {
            return Err(SinkError::new("no gap"));
        };
        let mut refuses = self.refuses.lock().expect("a lock");
        if *refuses > 0 {
            *refuses -= 1;
            return Err(SinkError::new("not yet"));
        }
        drop(refuses);
        *self.named.0.lock().expect("a lock") += gap.gap.dropped;
        self.named.1.notify_all();
        Ok(())
    }
}

impl GapsOnly {
    fn wait_for(&self, most: u64) {
        let named = self.named.0.lock().expect("a lock");
        let named = self.named.1.wait_while(named, |named| *named < most);
        assert_eq!(*named.expect("a lock"), most);
    }
}

/// A queue into which nothing fits.
const NO_ROOM: Limits = Limits {
    records: 1,
    bytes: 1,
    when_full: WhenFull::DropNewest,
};

#[test]
fn names_losses_of_an_inline_sink_without_further_entries() {
    in_many_orders(|| {
        let sink = GapsOnly::default();
        *sink.refuses.lock().expect("a lock") = 1;
        let inline: Box<dyn Sink> = Box::new(sink.clone());
        let inline = vec![(inline, "inline".to_owned())];
        let delivery = Arc::new(parts(Vec::new(), inline, NO_ROOM).start());
        end_on_workers(&delivery, 2, 1);
        sink.wait_for(2);
    });
}

#[test]
fn names_an_entry_that_a_worker_cannot_render_without_further_entries() {
    in_many_orders(|| {
        let sink = GapsOnly::default();
        let inline: Box<dyn Sink> = Box::new(sink.clone());
        let inline = vec![(inline, "inline".to_owned())];
        let delivery = parts(Vec::new(), inline, NO_ROOM).start();
        end_unrenderable(&delivery, &MemoryBudget::new(usize::MAX));
        sink.wait_for(1);
    });
}

#[test]
fn names_entries_too_large_for_the_queue_without_further_entries() {
    for count in [1, 2] {
        in_many_orders(move || {
            let sinks: Vec<_> = (0..count).map(|_| GapsOnly::default()).collect();
            let queued = sinks.iter().map(|sink| QueuedSink {
                sink: Box::new(sink.clone()),
                name: String::new(),
                limits: NO_ROOM,
                required: false,
            });
            let delivery = parts(queued.collect(), Vec::new(), NO_ROOM).start();
            let delivery = Arc::new(delivery);
            end_on_workers(&delivery, 2, 1);
            sinks.iter().for_each(|sink| sink.wait_for(2));
        });
    }
}
