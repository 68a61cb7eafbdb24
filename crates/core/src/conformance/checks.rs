//! The checks of a sink by itself.

use std::{panic, sync::Barrier, thread};

use super::{
    entries::{
        at_number, bodies, exchange, gap, gap_of, large, many, of_thread, start, unspeakable,
        unusual,
    },
    trial::Trial,
    Check,
};
use crate::record::Entry;

/// Number of threads that write at once, of batches per thread, and of entries per batch.
const THREADS: usize = 8;
const BATCHES: usize = 20;
const BATCH: usize = 5;

const LARGE: usize = 4 * 1024 * 1024;

pub(super) const ALL: [Check; 13] = [
    ("it takes an empty batch", empty),
    ("it takes one entry", one),
    ("it takes many entries in their order, each once", ordered),
    ("it takes entries of every kind", kinds),
    ("it takes bodies of every kind", |trial| {
        all(trial, bodies())
    }),
    ("it takes what is unusual", |trial| all(trial, unusual())),
    ("it takes a large text", |trial| {
        all(trial, vec![large(LARGE)])
    }),
    ("it takes ten thousand entries at once", |trial| {
        all(trial, many(10_000))
    }),
    ("it flushes and syncs at any time", flushed),
    ("it takes more after it was flushed", more),
    ("it goes on after an entry that it may refuse", refused),
    ("it says which entries of a batch it has lost", accounted),
    ("it takes batches from several threads at once", threads),
];

fn all(mut trial: Trial, entries: Vec<Entry>) {
    trial.write(&entries);
    trial.end();
}

fn empty(mut trial: Trial) {
    trial.write(&[]);
    trial.write(&many(1));
    trial.write(&[]);
    trial.end();
}

fn one(trial: Trial) {
    all(trial, vec![exchange("one")]);
}

fn ordered(mut trial: Trial) {
    let entries = many(500);
    let mut rest = &entries[..];
    for size in [1, 2, 7, 90, 400] {
        let (batch, after) = rest.split_at(size);
        trial.write(batch);
        rest = after;
    }
    trial.end();
}

fn kinds(trial: Trial) {
    let entries = vec![
        start("long"),
        exchange("short"),
        gap(3),
        exchange("long"),
        gap(1),
        start("other"),
    ];
    all(trial, entries);
}

fn flushed(mut trial: Trial) {
    trial.flush();
    trial.sync();
    trial.write(&many(3));
    for _ in 0..2 {
        trial.flush();
        trial.sync();
    }
    trial.end();
}

fn more(mut trial: Trial) {
    for batch in many(12).chunks(3) {
        trial.write(batch);
        trial.flush();
        trial.expect_all();
        trial.sync();
    }
    trial.end();
}

fn refused(mut trial: Trial) {
    trial.write(&[exchange("before")]);
    let unspeakable = [unspeakable()];
    if trial.offer(&unspeakable).is_empty() {
        trial.given(&unspeakable);
    }
    trial.write(&[exchange("after")]);
    trial.end();
}

/// Writes batches with an entry that the sink may refuse, and then a gap with the entries that it reports as lost, as
/// a logger does.
fn accounted(mut trial: Trial) {
    let mut last = 0;
    for refused in [0, 1, BATCH - 1, BATCH] {
        let numbers = last + 1..=last + BATCH as u64;
        last = *numbers.end();
        let numbers: Vec<u64> = numbers.collect();
        let entry = |(at, number): (usize, &u64)| {
            let entry = if at == refused {
                unspeakable()
            } else {
                exchange(number)
            };
            at_number(*number, entry)
        };
        let entries: Vec<_> = numbers.iter().enumerate().map(entry).collect();
        let lost = trial.offer(&entries);
        trial.given(&entries);
        if !lost.is_empty() {
            let lost: Vec<u64> = lost.into_iter().map(|at| numbers[at]).collect();
            trial.write(&[gap_of(&lost)]);
        }
    }
    trial.end_with(Trial::expect_accounted);
}

fn threads(mut trial: Trial) {
    let start = &Barrier::new(THREADS);
    let entries = |thread| of_thread(thread, BATCHES * BATCH);
    trial.call("write on several threads", |sink| {
        thread::scope(|scope| {
            let write = |thread| {
                scope.spawn(move || {
                    let entries = entries(thread);
                    start.wait();
                    entries
                        .chunks(BATCH)
                        .try_for_each(|batch| sink.write(batch))
                })
            };
            let writers: Vec<_> = (0..THREADS).map(write).collect();
            let ended = writers.into_iter().map(|writer| {
                let result = writer.join();
                result.unwrap_or_else(|panic| panic::resume_unwind(panic))
            });
            ended.collect()
        })
    });
    for thread in 0..THREADS {
        trial.given(&entries(thread));
    }
    trial.end_with(Trial::expect_by_thread);
}
