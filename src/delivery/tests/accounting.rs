//! Whatever sinks do: once they work again, the numbers they hold and the numbers their gaps name are together all
//! numbers assigned.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use body_logger_core::record::{entry_id, Entry, Record};
use proptest::{collection::vec, prelude::*};

use super::{
    super::{
        batch::Batch, flush::deadline, gap::GapReason, memory, state::Queued as _, DeliveryParts,
        Limits, QueuedSink, WhenFull,
    },
    support::{end, end_unrenderable, Reply, Scripted, Stepped},
};
use crate::{
    capture::{MemoryBudget, Reservation},
    policy::Quorum,
    sink::{BatchOptions, Sink},
};

#[derive(Debug, Clone)]
enum Step {
    End(usize),
    Write,
    Sink(usize),
    Script(usize, Reply),
    Sync,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop_oneof![3 => Just(0), 2 => 1..3_000usize, 1 => 1..40_000usize].prop_map(Step::End),
        2 => Just(Step::Write),
        3 => (0..3usize).prop_map(Step::Sink),
        3 => (0..3usize, any_reply()).prop_map(|(sink, reply)| Step::Script(sink, reply)),
        1 => Just(Step::Sync),
    ]
}

fn any_reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        1 => Just(Reply::Take),
        2 => Just(Reply::Refuse),
        1 => (0..5usize).prop_map(Reply::TakePrefix),
        1 => Just(Reply::TakeEverySecond),
        1 => Just(Reply::TakeHalfSilently),
        1 => Just(Reply::Panic),
        1 => Just(Reply::Explode),
    ]
}

fn any_mode() -> impl Strategy<Value = WhenFull> {
    prop_oneof![
        Just(WhenFull::DropNewest),
        Just(WhenFull::DropOldest),
        Just(WhenFull::ShedBodies),
        Just(WhenFull::Wait),
    ]
}

prop_compose! {
    fn any_limits()(records in 1..12usize, bytes in 500..40_000usize, when_full in any_mode()) -> Limits {
        Limits { records, bytes, when_full }
    }
}

/// Runs all steps except those of the sink `stuck`.
fn run(
    limits: &[Limits],
    steps: &[Step],
    max_record_bytes: usize,
    stuck: Option<usize>,
) -> (Stepped, bool) {
    let mut all = Stepped::new(limits, max_record_bytes);
    let mut is_silent = false;
    for step in steps {
        match step {
            Step::End(body) => {
                all.end(*body);
            }
            Step::Write => all.write(),
            Step::Sink(sink) if Some(*sink) == stuck => {}
            Step::Sink(sink) => all.sink(*sink),
            Step::Script(sink, _) if *sink >= limits.len() || Some(*sink) == stuck => {}
            Step::Script(sink, reply) => {
                is_silent |= matches!(reply, Reply::TakeHalfSilently);
                all.log(*sink).script.push_back(reply.clone());
            }
            Step::Sync => {
                all.request();
            }
        }
        check_limits(&all, limits);
        check_budget(&all);
    }
    (all, is_silent)
}

/// Checks that the budget is charged for everything that is queued for any sink.
fn check_budget(all: &Stepped) {
    let (_, raw) = all.writer.queue.depth();
    let batches = all.lanes.iter().map(|lane| lane.queue.depth().1);
    // Sinks share most batches.
    let most = batches.max().unwrap_or(0);
    let in_use = all.budget.in_use();
    assert!(in_use >= raw + most, "{in_use} of {raw} and {most}");
}

fn check_limits(all: &Stepped, limits: &[Limits]) {
    let most = |limits: &Limits| match limits.when_full {
        WhenFull::Wait => (limits.records + limits.records.max(1024), 2 * limits.bytes),
        _ => (limits.records, limits.bytes),
    };
    // With several sinks, one with `Wait` makes the queue before them wait, too.
    let mut first = limits[0];
    if limits.iter().any(|it| it.when_full == WhenFull::Wait) {
        first.when_full = WhenFull::Wait;
    }
    let (records, bytes) = all.writer.queue.depth();
    assert!(
        records <= most(&first).0 && bytes <= most(&first).1,
        "{records} {bytes} {first:?}"
    );
    for (lane, limits) in all.lanes.iter().zip(limits) {
        let (records, bytes) = lane.queue.depth();
        assert!(
            records <= most(limits).0 && bytes <= most(limits).1,
            "{records} {bytes} {limits:?}"
        );
    }
}

/// Makes all sinks work again, and checks what they hold.
fn settle(mut all: Stepped, is_silent: bool) -> Result<(), TestCaseError> {
    for sink in 0..all.sinks.len() {
        all.sinks[sink].script([]);
    }
    let last = all.end(0);
    all.finish();
    let request = all.request();
    all.finish();
    for answer in request.wait(deadline(Duration::ZERO)) {
        prop_assert_eq!(answer, Some(Ok(())));
    }
    for sink in 0..all.sinks.len() {
        let log = all.log(sink);
        prop_assert!(log.syncs > 0);
        prop_assert!(log.holes.is_empty(), "{:?}: {:?}", log.holes, log.events);
        prop_assert!(
            log.held.windows(2).all(|pair| pair[0] < pair[1]),
            "{:?}",
            log.events
        );
        let held: BTreeSet<u64> = log.held.iter().copied().collect();
        let named: BTreeSet<u64> = log.named.iter().copied().collect();
        prop_assert_eq!(
            named.len(),
            log.named.len(),
            "named twice: {:?}",
            log.events
        );
        let both: Vec<_> = held.intersection(&named).collect();
        prop_assert!(is_silent || both.is_empty(), "held and named: {:?}", both);
        let all_numbers: BTreeSet<u64> = (1..=last).collect();
        prop_assert_eq!(&held | &named, all_numbers);
        let counters = &all.delivery.of_sinks()[sink].counters;
        prop_assert_eq!(counters.lost(), named.len() as u64);
        prop_assert_eq!(counters.written + counters.lost(), last);
        let lost = [
            ("dropped_newest", counters.dropped_newest),
            ("dropped_oldest", counters.dropped_oldest),
            ("sink_error", counters.sink_error),
            ("sink_panic", counters.sink_panic),
        ];
        for (reason, count) in lost {
            prop_assert_eq!(
                log.reasons.get(reason).copied().unwrap_or(0),
                count,
                "{}",
                reason
            );
        }
    }
    prop_assert_eq!(all.budget.in_use(), 0);
    Ok(())
}

#[test]
fn assigns_the_number_in_the_step_that_queues_the_entry() {
    const THREADS: u64 = 4;
    const EACH: u64 = 2_000;
    let limits = Limits {
        records: usize::MAX / 4,
        bytes: usize::MAX / 4,
        when_full: WhenFull::DropNewest,
    };
    let mut all = Stepped::new(&[limits], 1 << 20);
    let run = &all.delivery.shared.run;
    let (delivery, budget) = (&all.delivery, &all.budget);
    thread::scope(|scope| {
        let end_each = || (0..EACH).for_each(|_| _ = end(delivery, budget, 0));
        let ends: Vec<_> = (0..THREADS).map(|_| scope.spawn(end_each)).collect();
        while ends.iter().any(|thread| !thread.is_finished()) {
            let queue = &all.writer.queue;
            let (queued, taken) = queue.change(|state| (state.depth().0, run.taken()));
            assert_eq!(queued as u64, taken);
        }
    });
    all.finish();
    let held = all.log(0).held.clone();
    assert_eq!(held, (1..=THREADS * EACH).collect::<Vec<_>>());
}

#[test]
fn names_an_entry_that_cannot_be_rendered_in_its_place() {
    let limits = Limits {
        records: 100,
        bytes: 1 << 20,
        when_full: WhenFull::DropNewest,
    };
    for sinks in [1, 2] {
        let mut all = Stepped::new(&vec![limits; sinks], 1 << 20);
        all.end(0);
        end_unrenderable(&all.delivery, &all.budget);
        all.end(0);
        all.finish();
        for sink in 0..sinks {
            let log = all.log(sink);
            assert_eq!(log.events, ["1", "[2..=2]", "3"]);
            assert_eq!(log.reasons, BTreeMap::from([("sink_panic".to_owned(), 1)]));
        }
        assert_eq!(all.budget.in_use(), 0);
    }
}

#[test]
fn derives_the_id_of_an_entry_rendered_on_a_worker_from_its_number() {
    let limits = Limits {
        records: 100,
        bytes: 1 << 20,
        when_full: WhenFull::DropNewest,
    };
    for queued in [0, 1] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = {
            let seen = Arc::clone(&seen);
            move |record: &Record| seen.lock().expect("a lock").push(record.clone())
        };
        let inline: Box<dyn Sink> = Box::new(sink);
        let queued = (0..queued).map(|_| QueuedSink {
            sink: Box::new(Scripted::default()),
            name: String::new(),
            limits,
            required: false,
        });
        let parts = DeliveryParts {
            inline: vec![(inline, String::new())],
            queued: queued.collect(),
            quorum: Quorum::default(),
            limits,
            renderer: Arc::default(),
            render_threads: 1,
            budget: MemoryBudget::new(usize::MAX / 2),
        };
        let delivery = parts.assemble().delivery;
        for seq in 1..=3 {
            assert_eq!(end(&delivery, &MemoryBudget::new(usize::MAX), 0), seq);
        }
        let seen = seen.lock().expect("a lock");
        assert_eq!(seen.len(), 3);
        for (seq, record) in (1..).zip(&*seen) {
            let took = Duration::from_micros(record.duration_us.expect("it is over"));
            let expected = entry_id(record.run, seq, record.time + took);
            assert_eq!((record.seq, record.entry_id), (seq, expected));
        }
    }
}

#[test]
fn returns_the_number_of_an_entry_that_a_worker_cannot_render() {
    let inline: Box<dyn Sink> = Box::new(|_: &Record| {});
    let parts = DeliveryParts {
        inline: vec![(inline, String::new())],
        queued: Vec::new(),
        quorum: Quorum::default(),
        limits: Limits {
            records: 100,
            bytes: 1 << 20,
            when_full: WhenFull::DropNewest,
        },
        renderer: Arc::default(),
        render_threads: 1,
        budget: MemoryBudget::new(usize::MAX / 2),
    };
    let delivery = parts.assemble().delivery;
    let budget = MemoryBudget::new(usize::MAX);
    assert_eq!(end(&delivery, &budget, 0), 1);
    assert_eq!(end_unrenderable(&delivery, &budget), 2);
    assert_eq!(end_unrenderable(&delivery, &budget), 3);
}

#[test]
fn a_sink_gets_no_more_entries_at_once_than_it_wants() {
    let limits = Limits {
        records: 100,
        bytes: 1 << 20,
        when_full: WhenFull::DropNewest,
    };
    for sinks in [1, 2] {
        let wants = |records| Scripted {
            options: Some(BatchOptions::default().records(records)),
            ..Scripted::default()
        };
        let wanted = &[2, 3][..sinks];
        let scripted = wanted.iter().map(|records| wants(*records)).collect();
        let mut all = Stepped::with_sinks(scripted, &vec![limits; sinks], 1 << 20);
        for _ in 0..10 {
            all.end(0);
        }
        all.finish();
        for (sink, wanted) in wanted.iter().enumerate() {
            let log = all.log(sink);
            assert_eq!((log.held.len(), log.largest_batch), (10, *wanted));
        }
    }
}

#[test]
fn splits_a_gap_whose_line_would_be_too_long() {
    const MOST: usize = 4096;
    let limits = Limits {
        records: 1,
        bytes: 1 << 20,
        when_full: WhenFull::DropNewest,
    };
    let mut all = Stepped::new(&[limits], MOST);
    let lost = || (u64::MAX - 1000..u64::MAX).step_by(2);
    let [status] = &*all.writer.outlet.statuses() else {
        panic!("there is one sink");
    };
    status.lose(GapReason::DroppedNewest, lost());
    all.write();
    let log = all.log(0);
    assert_eq!(log.named, lost().collect::<Vec<_>>());
    assert!(
        (MOST - 512..=MOST).contains(&log.longest_gap),
        "{}",
        log.longest_gap
    );
}

#[test]
fn charges_the_copies_in_a_batch_joined_from_shared_ones() {
    let limits = Limits {
        records: 100,
        bytes: 1 << 20,
        when_full: WhenFull::DropNewest,
    };
    let lingers = Scripted {
        options: Some(BatchOptions::default().linger(Duration::from_secs(1))),
        ..Scripted::default()
    };
    let sinks = vec![lingers, Scripted::default()];
    let mut all = Stepped::with_sinks(sinks, &[limits; 2], 1 << 20);
    all.log(0).budget = Some(all.budget.clone());
    for _ in 0..2 {
        all.end(1000);
        all.write();
    }
    let waiting: usize = all.lanes.iter().map(|lane| lane.queue.depth().1).sum();
    all.sink(0);
    assert_eq!(all.log(0).held, [1, 2]);
    let in_use = all.log(0).most_in_use;
    assert!(in_use >= waiting, "{in_use} of {waiting}");
    all.finish();
    assert_eq!(all.budget.in_use(), 0);
}

#[test]
fn charges_the_copy_without_bodies_of_a_shared_batch() {
    let budget = MemoryBudget::new(1 << 20);
    let entry = Entry::Record(Record::example());
    let bytes = memory::bytes(&entry);
    let mut reservation = Reservation::empty(budget.clone());
    reservation.charge(bytes);
    let mut batch = Arc::new(Batch {
        entries: vec![entry],
        numbers: vec![1],
        reservations: vec![reservation],
        bytes,
        ..Batch::default()
    });
    let of_another_sink = Arc::clone(&batch);

    assert_eq!(batch.shed_bodies(), 1);

    assert!(batch.bytes < bytes);
    assert_eq!(of_another_sink.bytes, bytes);
    assert_eq!(budget.in_use(), bytes + batch.bytes);
    drop(of_another_sink);
    assert_eq!(budget.in_use(), batch.bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_number_is_held_or_named(
        limits in vec(any_limits(), 1..4),
        steps in vec(any_step(), 0..150),
        max_record_bytes in prop_oneof![Just(0), Just(700), Just(256 * 1024)],
    ) {
        let (all, is_silent) = run(&limits, &steps, max_record_bytes, None);
        settle(all, is_silent)?;
    }

    #[test]
    fn a_blocked_sink_does_not_affect_other_sinks(
        limits in vec(any_limits(), 2..4),
        steps in vec(any_step(), 0..150),
    ) {
        let (well, _) = run(&limits, &steps, 4096, None);
        let (all, is_silent) = run(&limits, &steps, 4096, Some(0));
        for sink in 1..limits.len() {
            prop_assert_eq!(&all.log(sink).events, &well.log(sink).events);
        }
        settle(all, is_silent)?;
    }
}
