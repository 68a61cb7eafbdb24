//! Reading while a `JsonLinesFile` rotates, compresses and is opened anew.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use proptest::prelude::*;

use super::*;

#[cfg(feature = "compress")]
const COMPRESSIONS: [body_logger_jsonl::Compression; 3] = [
    body_logger_jsonl::Compression::None,
    body_logger_jsonl::Compression::Gzip,
    body_logger_jsonl::Compression::Zstd,
];
#[cfg(not(feature = "compress"))]
const COMPRESSIONS: [body_logger_jsonl::Compression; 1] = [body_logger_jsonl::Compression::None];

fn open(directory: &Directory, lines: u64, compression: usize) -> JsonLinesFile {
    let file = JsonLinesFile::at(directory.live())
        .rotate_at(lines * line(1000).len() as u64)
        .compress(COMPRESSIONS[compression % COMPRESSIONS.len()]);
    file.open().expect("a file")
}

#[derive(Debug, Clone)]
enum Step {
    /// So many entries are written in one batch.
    Write(usize),
    /// The writer is dropped, which waits for compression, and opened anew with other options.
    Reopen(u64, usize),
    /// So many entries are read.
    Read(usize),
    /// A new reader begins where the other one is.
    Resume,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1usize..8).prop_map(Step::Write),
        1 => (1u64..6, 0usize..3).prop_map(|(lines, it)| Step::Reopen(lines, it)),
        3 => (1usize..8).prop_map(Step::Read),
        1 => Just(Step::Resume),
    ]
}

proptest! {
    // Each rotation syncs: an eighth of what is usual, or asked for.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]

    #[test]
    fn nothing_is_lost_or_repeated_whatever_the_writer_and_the_reader_do(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let directory = Directory::new("steps");
        let mut file = open(&directory, 2, 1);
        let mut reader = directory.reader().follow();
        let (mut written, mut found) = (0, Vec::new());
        for step in &steps {
            match step {
                Step::Write(entries) => {
                    log(&file, written..written + entries);
                    written += entries;
                }
                Step::Reopen(lines, compression) => {
                    drop(file);
                    file = open(&directory, *lines, *compression);
                }
                Step::Read(entries) => found.extend(reader.by_ref().take(*entries).map(read)),
                Step::Resume => {
                    let position = saved(&reader.current_position());
                    reader = directory.reader().from(position).follow();
                }
            }
        }
        found.extend(all(&mut reader));
        prop_assert_eq!(&found, &numbers(0..written));
        // And all is as it was read when nothing moves any more.
        drop(file);
        prop_assert_eq!(all(&mut directory.reader()), found);
    }
}

#[test]
fn nothing_is_lost_or_repeated_while_another_thread_writes() {
    const ENTRIES: usize = 900;
    let directory = Directory::new("thread");
    for compression in 0..COMPRESSIONS.len() {
        let _ = fs::remove_file(directory.live());
        for file in directory.closed() {
            fs::remove_file(file).expect("a file");
        }
        let file = open(&directory, 7, compression);
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for number in (0..ENTRIES).step_by(3) {
                    log(&file, number..number + 3);
                }
                ended.store(true, Ordering::Release);
            });
            let start = Instant::now();
            let mut reader = directory.reader().follow();
            let mut found = Vec::new();
            while found.len() < ENTRIES {
                let had_ended = ended.load(Ordering::Acquire);
                let before = found.len();
                found.extend(reader.by_ref().take(100).map(read));
                assert!(
                    !had_ended || found.len() > before,
                    "{} were found",
                    found.len()
                );
                assert!(start.elapsed() < Duration::from_secs(120));
                if found.len() % 7 == 0 {
                    let position = saved(&reader.current_position());
                    reader = directory.reader().from(position).follow();
                }
            }
            assert_eq!(found, numbers(0..ENTRIES));
            assert_eq!(all(&mut reader), []);
        });
    }
}
