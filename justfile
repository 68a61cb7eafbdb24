# What is done often. `just` lists it.

_default:
    @just --list

# Run the main job: an order API on 127.0.0.1:8080 that appends records to audit.jsonl.
audit *ARGS:
    cargo run --example audit -- {{ARGS}}

# Run all tests, with each set of features that matters.
test:
    cargo test
    cargo test --all-features

# All that has to hold before a change lands.
check:
    .ci/run

# Look for inputs that break a promise: json, form, multipart, decode, forwarded or record; of the library text, url, header or cookie. Needs cargo-fuzz and a nightly toolchain.
fuzz TARGET *ARGS:
    cargo +nightly fuzz run {{TARGET}} -- -max_len=2048 -len_control=10 {{ARGS}}

# Compare the speed of redaction with what one would use otherwise, and write the tables of docs/benchmarks.md.
bench-redaction: (bench-table "json" "-p body-logger-redact") (bench-table "micro" "") (bench-table "linear" "-p body-logger-redact")

[private]
bench-table NAME WHERE:
    cargo bench {{WHERE}} --bench {{NAME}} | \
        cargo run --release --locked --no-default-features --manifest-path benches/peers/Cargo.toml --bin table -- {{NAME}}

# Compare the time of each format over hostile bodies with that over plain JSON. Needs a quiet machine.
bench-formats:
    cargo bench --bench formats

# Compare the throughput and the memory of servers whose sinks are well and not. Takes ten minutes.
delivery *ARGS:
    cargo bench --bench delivery -- {{ARGS}}

# Keep downloads of 8 GiB and 1 GiB whole, and compare with what the disk and the server do alone. Needs a quiet machine, and 16 GiB of disk. `--sized 64M --chunked 64M` is quick.
bench-spool *ARGS:
    cargo bench --features hash --bench spool -- {{ARGS}}

# Serve mixed traffic for ten minutes, after which nothing may have grown.
soak *ARGS:
    cargo bench --bench delivery -- soak {{ARGS}}

# Compare the throughput of a server whose clients wait for their records with that of best effort, and with what the disk's syncs allow. Needs a quiet machine.
bench-required *ARGS:
    cargo bench --bench delivery -- required {{ARGS}}

# The proofs that take long: a thousand kills, ten minutes of mixed traffic. CI runs them with smaller counts.
prove: (kill "1000") (kill-required "200") (kill-ship "100") (outage "60") soak interleavings

# Mutate what a change against `main` touches, and list what no test sees. Needs cargo-mutants.
mutants *ARGS:
    git diff main -- src crates >target/change.diff
    cargo mutants --in-diff target/change.diff --all-features {{ARGS}}

# Run delivery's threads in many orders, under Shuttle.
interleavings:
    .ci/interleavings

# Kill processes that log, at random moments: of each run only the end may be missing.
kill TIMES="300":
    BODY_LOGGER_KILLS={{TIMES}} cargo test --all-features --test integration sinks::file::killed

# Kill processes whose routes require delivery, at random moments: nothing is done unrecorded.
kill-required TIMES="200":
    BODY_LOGGER_KILLS={{TIMES}} cargo test --all-features --test integration required::killed

# Kill shippers, their connections, servers and members of a cluster at random moments: each entry arrives once. Needs both services, see `.ci/run`.
kill-ship TIMES="50":
    BODY_LOGGER_KILLS={{TIMES}} cargo test -p body-logger-ship --all-features --test ship kill

# Ship to destinations that are slow, and away for so many seconds, while a log grows. Needs both services, see `.ci/run`.
outage SECONDS="60":
    BODY_LOGGER_OUTAGE={{SECONDS}} cargo test -p body-logger-ship --all-features --test ship away

# Compare the throughput of shippers with that of the same clients without one. Needs both services and a quiet machine.
bench-ship:
    cargo bench -p body-logger-ship --all-features --bench throughput

# Compare the throughput of a server whose log is shipped by the same process with that of one whose log is not. Needs a quiet machine.
bench-shipping *ARGS:
    cargo bench --features ship --bench delivery -- shipping {{ARGS}}

# Time `body-logger show` beside `grep` of the same file; with `instructions`, count them, for which valgrind is needed.
bench-show *ARGS:
    cargo bench -p body-logger-cli --bench show -- {{ARGS}}

# Compare a file of JSON lines that has proofs with one that has none, and verify a log. Needs a quiet machine.
bench-proofs *MEGABYTES:
    cargo bench -p body-logger-tlog --all-features --bench proofs -- {{MEGABYTES}}

# Count what an exchange costs the whole process, beside the same job written by hand, and redaction alone, and write the first table and the plot of docs/benchmarks.md. Needs valgrind.
bench-process:
    cargo build --release --locked --manifest-path benches/peers/Cargo.toml --bins
    cargo run --release --locked --manifest-path benches/peers/Cargo.toml -- process

# Count what an exchange costs beside other middleware, and write the table of docs/benchmarks.md. Needs valgrind.
bench-exchanges:
    cargo build --release --locked --manifest-path benches/peers/Cargo.toml --bins
    cargo run --release --locked --manifest-path benches/peers/Cargo.toml

# Put servers under load over loopback, and write the tables of docs/benchmarks.md. Needs wrk, h2load, a quiet machine, and for the table `saturation` both services, see `.ci/run`.
bench-loopback *TABLE:
    cargo build --release --locked --features ship --manifest-path benches/peers/Cargo.toml
    cargo run --release --locked --features ship --manifest-path benches/peers/Cargo.toml --bin loopback -- {{TABLE}}

# Write down what an exchange costs, for `just check` to keep to. Needs valgrind.
budgets:
    cargo build --release --locked --no-default-features --manifest-path benches/peers/Cargo.toml --bins
    cargo run --release --locked --no-default-features --manifest-path benches/peers/Cargo.toml -- budgets

# Take the pictures of the inspector in docs/inspector, in light and dark. Needs chromium and chromedriver.
pictures:
    BODY_LOGGER_BROWSER_REQUIRED=1 BODY_LOGGER_PICTURES=docs/inspector cargo test --package body-logger-inspector --test browser pictures

# Measure the inspector's page in Chromium: first paint over 100,000 records, and scrolling. Needs chromium, chromedriver and a quiet machine.
bench-page:
    BODY_LOGGER_BROWSER_REQUIRED=1 cargo bench --package body-logger-inspector --bench page

# Build and open the documentation.
doc:
    cargo doc --no-deps --all-features --open
