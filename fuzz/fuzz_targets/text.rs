#![no_main]

#[allow(dead_code, reason = "the targets share the oracles")]
#[path = "../../crates/redact/tests/oracles/mod.rs"]
mod oracles;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracles::text::check(input));
