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

# Build and open the documentation.
doc:
    cargo doc --no-deps --all-features --open
