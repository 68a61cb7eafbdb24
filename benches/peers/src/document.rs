//! Where the tables go.

use std::{env, fs, path::Path, thread};

/// Writes a picture of `docs/benchmarks.md`.
pub fn write_picture(name: &str, svg: &str) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    fs::write(docs.join(name), svg).expect("it can be written");
}

/// Puts a table where `docs/benchmarks.md` says that it belongs.
pub fn replace(name: &str, table: &str) {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md");
    let text = fs::read_to_string(&document).expect("the document is there");
    let begin = format!("<!-- begin {name} -->\n");
    let end = format!("<!-- end {name} -->");
    let (before, rest) = text
        .split_once(&begin)
        .expect("it has a place for the table");
    let (_, after) = rest.split_once(&end).expect("the place ends");
    fs::write(document, format!("{before}{begin}{table}{end}{after}")).expect("it can be written");
}

/// What the figures of a table are of.
pub fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split_once(": "));
    let model = model.map_or(env::consts::ARCH, |(_, model)| model);
    let cpus = thread::available_parallelism().map_or(0, usize::from);
    format!("{model}, {cpus} CPUs, {}.", env::consts::OS)
}
