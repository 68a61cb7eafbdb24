//! Prints how often a worker allocates for as many exchanges as are measured: `allocations SUBJECT TRAFFIC`.

#![forbid(unsafe_code)]

use peers::{Exchanges, MEASURED};

fn main() {
    let mut exchanges = Exchanges::from_args();
    let allocations = allocation_counter::measure(|| exchanges.run(MEASURED));
    println!("{}", allocations.count_total);
}
