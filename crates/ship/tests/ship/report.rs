//! What a shipper writes to the application's log.

use std::{
    sync::{Mutex, Once},
    time::Duration,
};

use super::{
    log::{lines, Directory},
    memory::Memory,
    shipper, stop, until,
};

/// Keeps the lines of all tests.
struct Lines(Mutex<Vec<String>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        // That of this test only, as others log without end.
        if record.level() == log::Level::Info && record.args().to_string().contains("a reporter") {
            self.0
                .lock()
                .expect("no panic")
                .push(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

fn reported() -> Vec<String> {
    LINES.0.lock().expect("no panic").clone()
}

#[test]
fn a_shipper_says_how_far_it_is() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| log::set_logger(&LINES).expect("the only logger"));
    log::set_max_level(log::LevelFilter::Info);
    let directory = Directory::new();
    let handle = shipper(&directory, Memory::default())
        .name("a reporter")
        .report_every(Duration::from_millis(5));
    let handle = handle.spawn().expect("a shipper");
    directory.append(&lines(1..11));
    let all = "body logger: a reporter: shipped 10 entries (";
    until(|| reported().iter().any(|line| line.starts_with(all)));
    stop(handle);
}
