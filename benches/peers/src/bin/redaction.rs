//! What is counted under callgrind: `redaction STYLE COUNT` redacts a document so many times.

#![forbid(unsafe_code)]

use std::{env, hint::black_box};

use body_logger_redact::{Extent, Redactor};
use peers::Style;

fn main() {
    let mut args = env::args().skip(1);
    let style = args.next().and_then(|name| Style::named(&name));
    let count = args.next().and_then(|count| count.parse().ok());
    let (Some(style), Some(count)) = (style, count) else {
        panic!("arguments: STYLE COUNT");
    };
    let count: usize = count;
    let document = style.document();
    let redactor = Redactor::default();
    for _ in 0..count {
        drop(black_box(
            redactor.json(black_box(&document), Extent::Whole),
        ));
    }
}
