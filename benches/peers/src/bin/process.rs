//! What is counted under callgrind with all its threads: `process SUBJECT TRAFFIC COUNT`. Ends when all is written.

#![forbid(unsafe_code)]

use peers::{Exchanges, Subject, Traffic};

fn main() {
    let count = std::env::args().nth(3).and_then(|count| count.parse().ok());
    // What a process makes once, such as tables of names, is made here: else chance says which thread that renders pays for it.
    drop(Exchanges::new(Subject::Inline, Traffic::Post1300));
    let mut exchanges = Exchanges::from_args();
    exchanges.run(count.expect("arguments: SUBJECT TRAFFIC COUNT"));
    exchanges.finish();
}
