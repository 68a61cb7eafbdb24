//! `body-logger ship` to a receiver of OTLP.

use super::{super::*, receivers::Collector};

#[test]
fn ships_a_log_to_a_receiver_of_otlp() {
    let collector = Collector::start();
    let directory = Directory::new("ship-otlp");
    directory.with("audit.jsonl.1", lines(0..2));
    let live = directory.with(
        "audit.jsonl",
        lines(2..5) + &gap_text(&gap(5..7, "dropped_newest")),
    );
    let log = ["audit.jsonl.1", "audit.jsonl"].map(|name| {
        let text = fs::read_to_string(directory.file(name));
        text.expect("a log")
    });
    let shipped = run(&["ship", &live, "--once", "--to", &collector.url]);
    assert_eq!((shipped.code, &shipped.err[..]), (0, ""));
    let expected: Vec<_> = log.iter().flat_map(|text| text.lines()).collect();
    assert_eq!(collector.entries(), expected);
    for head in collector.heads() {
        assert!(head.starts_with("POST /v1/logs HTTP/1.1\r\n"), "{head}");
        for header in [
            "content-type: application/x-protobuf\r\n",
            "content-encoding: gzip\r\n",
        ] {
            assert!(head.contains(header), "{head}");
        }
    }
    // It goes on behind that.
    directory.with("audit.jsonl", log[1].clone() + &lines(7..8));
    let again = run(&["ship", &live, "--once", "--to", &collector.url]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert_eq!(collector.entries().len(), expected.len() + 1);
}
