//! What shippers write to the application's log.

use std::sync::{Mutex, Once};

/// Keeps the lines with certain texts, as others log without end.
struct Kept {
    wanted: Mutex<Vec<&'static str>>,
    lines: Mutex<Vec<String>>,
}

static KEPT: Kept = Kept {
    wanted: Mutex::new(Vec::new()),
    lines: Mutex::new(Vec::new()),
};

impl log::Log for Kept {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = record.args().to_string();
        let wanted = self.wanted.lock().expect("no panic");
        if wanted.iter().any(|text| line.contains(text)) {
            self.lines.lock().expect("no panic").push(line);
        }
    }

    fn flush(&self) {}
}

/// The lines with a text that those of no other test have, such as the name of a shipper.
pub(crate) struct Logged(&'static str);

impl Logged {
    pub(crate) fn with(text: &'static str) -> Self {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| log::set_logger(&KEPT).expect("the only logger"));
        log::set_max_level(log::LevelFilter::Info);
        KEPT.wanted.lock().expect("no panic").push(text);
        Self(text)
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = KEPT.lines.lock().expect("no panic");
        lines
            .iter()
            .filter(|line| line.contains(self.0))
            .cloned()
            .collect()
    }

    /// Waits for a line with this text as well.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        let start = std::time::Instant::now();
        while !self.lines().iter().any(|line| line.contains(text)) {
            assert!(start.elapsed() < super::LIMIT, "{text}: {:?}", self.lines());
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}
