//! The highest rate at which no record is lost: whatever the clients ask for, they wait while the queue is full. What is
//! not written or shipped when they stop asking counts as well.

use peers::{document, Subject, Traffic};

use crate::{figures::median, load::Protocol, under_load, Setting};

const SETTING: Setting = Setting {
    name: "saturation",
    protocol: Protocol::Http1,
    workers: 1,
    drains: true,
};

/// What a process may take beyond what it takes without middleware: the captured bytes of the default configuration, and
/// some for everything else.
const MOST_MIB: f64 = 64.0 + 16.0;

pub(crate) fn table() -> String {
    let traffic = [Traffic::Get, Traffic::Post1K, Traffic::Post64K];
    let mut table = format!("{}\n\n| |", document::machine());
    for traffic in traffic {
        table += &format!(" {}: requests/s | peak MiB |", traffic.name());
    }
    table += &format!("\n|---|{}\n", "---:|".repeat(2 * traffic.len()));
    let seen = traffic.map(|traffic| under_load(&SETTING, traffic, Subject::LOSSLESS));
    for (n, subject) in Subject::LOSSLESS.iter().enumerate() {
        table += &format!("| {} |", subject.name());
        for of_traffic in &seen {
            let (of_subject, base) = (&of_traffic[n], &of_traffic[0]);
            assert!(of_subject.lost == 0.0, "{} lost records", subject.name());
            let more = of_subject.peak_mib - base.peak_mib;
            assert!(more <= MOST_MIB, "{} took {more} MiB", subject.name());
            let rates: Vec<_> = of_subject.slices.iter().map(|it| it.per_second).collect();
            table += &format!(" {:.0} | {:.0} |", median(&rates), of_subject.peak_mib);
        }
        table.push('\n');
    }
    println!("{table}");
    table
}
