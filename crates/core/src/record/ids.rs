//! The ids of runs and entries.

use std::time::SystemTime;

use uuid::{Builder, NoContext, Timestamp, Uuid};

/// Generates the id of a run, or of an entry without a number: a UUID v7.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::new_v7(Timestamp::now(NoContext))
}

/// Returns the id of the entry with this number. It is deterministic, so that all sinks get the same id however often
/// an entry is rendered. Ids within a run differ, and those of different runs differ like random ones.
#[must_use]
pub fn entry_id(run: Uuid, seq: u64, at: SystemTime) -> Uuid {
    let (high, low) = run.as_u64_pair();
    // The mixing steps of splitmix64, which are invertible: different numbers stay different.
    let mut mixed = low ^ seq.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // The builder overwrites bits of the first and the third byte with the version and the variant.
    let [m0, m1, m2, m3, m4, m5, m6, m7] = mixed.to_be_bytes();
    let [.., h0, h1] = high.to_be_bytes();
    let random = [h0, m0, h1, m1, m2, m3, m4, m5, m6, m7];
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    let millis = u64::try_from(millis).unwrap_or(u64::MAX);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn entry_ids_are_version_7_with_the_time_and_unique_per_entry() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(0x0123_4567_89ab);
        let (run, other) = (new_id(), new_id());
        let id = entry_id(run, 1, at);
        assert_eq!(id, entry_id(run, 1, at));
        assert!(id.to_string().starts_with("01234567-89ab-7"), "{id}");
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        let numbers = (0..10_000).chain([u64::MAX]);
        let ids = numbers.flat_map(|seq| [run, other].map(|run| entry_id(run, seq, at)));
        let distinct: std::collections::BTreeSet<Uuid> = ids.collect();
        assert_eq!(distinct.len(), 2 * 10_001);
    }
}
