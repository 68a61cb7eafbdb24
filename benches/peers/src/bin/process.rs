//! What is counted under callgrind with all its threads: `process SUBJECT TRAFFIC COUNT`. Ends when all is written.

#![forbid(unsafe_code)]

use peers::Exchanges;

fn main() {
    let count = std::env::args().nth(3).and_then(|count| count.parse().ok());
    let mut exchanges = Exchanges::from_args();
    exchanges.run(count.expect("arguments: SUBJECT TRAFFIC COUNT"));
    exchanges.finish();
}
