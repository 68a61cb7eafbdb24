//! What is measured under callgrind: `instructions SUBJECT TRAFFIC`.

#![forbid(unsafe_code)]

use std::hint::black_box;

use peers::{Exchanges, MEASURED};

fn main() {
    measured(&mut Exchanges::from_args());
}

/// Instructions are counted while this runs, on the thread that runs it.
#[inline(never)]
fn measured(exchanges: &mut Exchanges) {
    exchanges.run(MEASURED);
    // Something has to be left to do, or this would end where the call begins.
    black_box(exchanges);
}
