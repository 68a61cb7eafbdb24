use super::*;
use crate::capture::{memory_budget::MAX_REFERENCES, Reservation};

fn push(capture: &mut BodyCapture, chunk: &[u8]) {
    capture.push(&Bytes::copy_from_slice(chunk));
}

#[test]
fn keeps_the_first_bytes_and_counts_all() {
    let budget = MemoryBudget::new(1000);
    let mut capture = BodyCapture::new(4, KeptPart::Prefix, &budget);
    for chunk in [&b"ab"[..], b"", b"cde", b"f"] {
        push(&mut capture, chunk);
    }
    assert_eq!(&*capture.kept(), b"abcd");
    assert_eq!(capture.seen(), 6);
    assert!(!capture.starved());
}

#[test]
fn keeps_the_last_bytes_with_part_end() {
    let budget = MemoryBudget::new(1000);
    let mut capture = BodyCapture::new(200, KeptPart::Suffix, &budget);
    let mut all = Vec::new();
    for (chunk, byte) in [75, 0, 125, 25, 300, 25].into_iter().zip(b'a'..) {
        let chunk = vec![byte; chunk];
        push(&mut capture, &chunk);
        all.extend_from_slice(&chunk);
        assert!(all.ends_with(&capture.kept()));
        assert_eq!(capture.kept_len(), all.len().min(200));
        assert_eq!(capture.has_beginning(), all.len() <= 200);
        assert_eq!(budget.in_use(), capture.held());
    }
    assert_eq!(capture.seen(), 550);
    assert_eq!(
        &*capture.kept(),
        [[b'e'; 175].as_slice(), &[b'f'; 25]].concat()
    );
}

#[test]
fn discards_the_kept_suffix_when_the_budget_is_exhausted() {
    let budget = MemoryBudget::new(100);
    let mut capture = BodyCapture::new(1000, KeptPart::Suffix, &budget);
    for size in [80, 80, 1] {
        push(&mut capture, &[b'x'; 80][..size]);
    }
    assert!(capture.starved());
    assert_eq!((&*capture.kept(), capture.seen()), (&b""[..], 161));
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn allocates_the_declared_length_if_the_first_chunk_is_an_eighth_of_it() {
    for (declared, first, held) in [
        (1000, 125, 1000),
        (1000, 124, 124),
        (9000, 625, 5000),
        (9000, 624, 624),
        (100, 5000, 5000),
    ] {
        let budget = MemoryBudget::new(100_000);
        let mut capture = BodyCapture::new(5000, KeptPart::Prefix, &budget);
        capture.expect(declared);
        push(&mut capture, &vec![b'x'; first]);
        assert_eq!((capture.held(), budget.in_use()), (held, held));
    }
}

#[test]
fn reserves_exactly_what_is_allocated() {
    let budget = MemoryBudget::new(100_000);
    let mut capture = BodyCapture::new(10_000, KeptPart::Prefix, &budget);
    for _ in 0..777 {
        push(&mut capture, b"seven b");
        assert_eq!(budget.in_use(), capture.held());
    }
    capture.trim();
    assert_eq!(budget.in_use(), capture.held());
    assert!(capture.held() <= 777 * 7 * 9 / 8);
    drop(capture);
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn keeps_a_contiguous_prefix_when_the_budget_is_exhausted() {
    let budget = MemoryBudget::new(100);
    let mut capture = BodyCapture::new(1000, KeptPart::Prefix, &budget);
    push(&mut capture, &[b'1'; 80]);
    push(&mut capture, b"what fits no more");
    push(&mut capture, &[b'2'; 80]);
    assert!(capture.starved());
    push(&mut capture, b"3");
    assert_eq!(&*capture.kept(), [b'1'; 80]);
    assert_eq!(capture.seen(), 178);
}

#[test]
fn reserves_nothing_for_a_short_body_but_drops_it_when_the_budget_is_exhausted() {
    let budget = MemoryBudget::new(10);
    let mut capture = BodyCapture::new(1000, KeptPart::Prefix, &budget);
    push(&mut capture, b"short");
    assert_eq!((&*capture.kept(), budget.in_use()), (&b"short"[..], 0));
    let mut other = Reservation::empty(budget.clone());
    other.charge(11);
    push(&mut capture, b"er");
    assert!(capture.starved());
    assert_eq!((&*capture.kept(), capture.seen()), (&b"short"[..], 7));
}

#[test]
fn discard_releases_the_reservation_and_continues_to_count() {
    let budget = MemoryBudget::new(100);
    let mut capture = BodyCapture::new(1000, KeptPart::Prefix, &budget);
    push(&mut capture, &[b'x'; 80]);
    assert_eq!(budget.in_use(), 80);
    capture.discard();
    assert_eq!(budget.in_use(), 0);
    push(&mut capture, b"more");
    assert_eq!((capture.seen(), &*capture.kept()), (84, &b""[..]));
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn keeps_a_large_first_chunk_by_reference() {
    let budget = MemoryBudget::new(1_000_000);
    let chunk = Bytes::from(vec![b'1'; 30_000]);
    let mut capture = BodyCapture::new(40_000, KeptPart::Prefix, &budget);
    capture.expect(100_000);
    capture.push(&chunk);
    assert_eq!(capture.kept().as_ptr(), chunk.as_ptr());
    assert_eq!((capture.held(), budget.in_use()), (0, 30_000));
    // Later chunks are copied, and `kept` then joins all of them.
    push(&mut capture, &[b'2'; 20_000]);
    assert_eq!((capture.kept_len(), capture.seen()), (40_000, 50_000));
    assert_eq!(
        *capture.kept(),
        [[b'1'; 30_000].as_slice(), &[b'2'; 10_000]].concat()
    );
    assert_eq!(budget.in_use(), 40_000);
    capture.discard();
    assert_eq!((budget.in_use(), capture.kept_len()), (0, 0));
    assert!(chunk.is_unique());
}

#[test]
fn copies_chunks_that_are_small_or_mostly_discarded_or_not_first() {
    let budget = MemoryBudget::new(1_000_000);
    for (limit, size) in [(40_000, LARGE_CHUNK - 1), (20_000, 40_002), (100, 100_000)] {
        let chunk = Bytes::from(vec![b'x'; size]);
        let mut capture = BodyCapture::new(limit, KeptPart::Prefix, &budget);
        capture.push(&chunk);
        assert!(chunk.is_unique(), "{limit} of {size}");
        assert_eq!(capture.kept_len(), limit.min(size));
        capture.discard();
    }
    for part in [KeptPart::Prefix, KeptPart::Suffix] {
        let chunk = Bytes::from(vec![b'x'; 20_000]);
        let mut capture = BodyCapture::new(40_000, part, &budget);
        push(&mut capture, b"first");
        capture.push(&chunk);
        assert!(chunk.is_unique(), "{part:?}");
        assert_eq!(capture.kept_len(), 20_005);
        capture.discard();
    }
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn limits_the_chunks_kept_by_reference() {
    let budget = MemoryBudget::new(10_000_000);
    let chunk = Bytes::from(vec![b'x'; LARGE_CHUNK]);
    let kept: Vec<_> = (0..MAX_REFERENCES + 10)
        .map(|_| {
            let mut capture = BodyCapture::new(40_000, KeptPart::Prefix, &budget);
            capture.push(&chunk);
            assert_eq!(*capture.kept(), *chunk);
            capture
        })
        .collect();
    let refers = |capture: &&BodyCapture| capture.kept().as_ptr() == chunk.as_ptr();
    assert_eq!(kept.iter().filter(refers).count(), MAX_REFERENCES);
    drop(kept);
    assert_eq!(budget.in_use(), 0);
    assert_eq!(budget.references(), 0);
}

#[test]
fn drops_a_large_chunk_when_the_budget_is_exhausted() {
    let budget = MemoryBudget::new(LARGE_CHUNK - 1);
    let chunk = Bytes::from(vec![b'x'; LARGE_CHUNK]);
    let mut capture = BodyCapture::new(40_000, KeptPart::Prefix, &budget);
    capture.push(&chunk);
    assert!(capture.starved() && chunk.is_unique());
    assert_eq!((capture.kept_len(), budget.in_use()), (0, 0));
    assert_eq!(budget.references(), 0);
}

#[test]
fn trim_copies_a_chunk_kept_by_reference() {
    let budget = MemoryBudget::new(1 << 20);
    let all = Bytes::from(vec![b'x'; 4 * LARGE_CHUNK]);
    let mut capture = BodyCapture::new(2 * LARGE_CHUNK, KeptPart::Prefix, &budget);
    capture.push(&all.slice(..LARGE_CHUNK));
    push(&mut capture, b"yy");
    assert_eq!(budget.references(), 1);
    let kept = capture.kept().into_owned();
    capture.trim();
    assert_eq!((budget.references(), &*capture.kept()), (0, &*kept));
    assert_eq!(budget.in_use(), capture.held());
    // Nothing else references the buffer that the chunk was a slice of.
    assert!(all.is_unique());
}

#[test]
fn trim_takes_over_a_buffer_that_nothing_else_refers_to_and_shrinks_it() {
    for (spare, is_taken_over) in [(0, true), (10 * LARGE_CHUNK, false)] {
        let budget = MemoryBudget::new(1 << 20);
        let mut buffer = Vec::with_capacity(LARGE_CHUNK + spare);
        buffer.resize(LARGE_CHUNK, b'x');
        let mut capture = BodyCapture::new(2 * LARGE_CHUNK, KeptPart::Prefix, &budget);
        capture.push(&buffer.into());
        let before = capture.kept().as_ptr();
        capture.trim();
        assert_eq!(*capture.kept(), [b'x'; LARGE_CHUNK]);
        assert!(!is_taken_over || capture.kept().as_ptr() == before);
        assert_eq!((budget.references(), budget.in_use()), (0, LARGE_CHUNK));
        assert_eq!(capture.held(), LARGE_CHUNK);
    }
}

#[test]
fn trim_keeps_the_start_of_a_long_chunk_that_nothing_else_refers_to() {
    let budget = MemoryBudget::new(1 << 20);
    let mut capture = BodyCapture::new(LARGE_CHUNK, KeptPart::Prefix, &budget);
    let mut chunk = Bytes::from([vec![b'-'], vec![b'x'; 8 * LARGE_CHUNK]].concat());
    capture.push(&chunk.split_off(1));
    drop(chunk);
    capture.trim();
    assert_eq!(*capture.kept(), [b'x'; LARGE_CHUNK]);
    assert_eq!((budget.references(), budget.in_use()), (0, LARGE_CHUNK));
    assert_eq!(capture.held(), LARGE_CHUNK);
}

#[test]
fn a_capture_that_keeps_nothing_is_not_starved() {
    let budget = MemoryBudget::new(0);
    let mut other = Reservation::empty(budget.clone());
    other.charge(1);
    for part in [KeptPart::Prefix, KeptPart::Suffix] {
        let mut capture = BodyCapture::new(0, part, &budget);
        push(&mut capture, b"bytes");
        assert!(!capture.starved(), "{part:?}");
        assert_eq!((capture.seen(), capture.kept_len()), (5, 0));
    }
}

#[test]
fn releases_what_is_reserved_when_dropped_unless_it_was_handed_over() {
    let budget = MemoryBudget::new(1_000_000);
    let chunk = Bytes::from(vec![b'x'; LARGE_CHUNK]);
    for hands_over in [false, true] {
        let mut capture = BodyCapture::new(40_000, KeptPart::Prefix, &budget);
        capture.push(&chunk);
        push(&mut capture, &[b'y'; 100]);
        let reserved = LARGE_CHUNK + 100;
        assert_eq!((budget.in_use(), budget.references()), (reserved, 1));
        let mut handed_over = Reservation::empty(budget.clone());
        if hands_over {
            handed_over.take_over(capture.hand_over());
        }
        drop(capture);
        let kept = if hands_over { reserved } else { 0 };
        assert_eq!((budget.in_use(), budget.references()), (kept, 0));
        drop(handed_over);
        assert_eq!(budget.in_use(), 0);
    }
}
