//! Serializes ranges as pairs of the first number and the last.

pub(super) mod list {
    use std::ops::RangeInclusive;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::record) fn serialize<S: Serializer>(
        ranges: &[RangeInclusive<u64>],
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.collect_seq(ranges.iter().map(|range| (range.start(), range.end())))
    }

    pub(in crate::record) fn deserialize<'de, D: Deserializer<'de>>(
        input: D,
    ) -> Result<Vec<RangeInclusive<u64>>, D::Error> {
        let pairs = Vec::<(u64, u64)>::deserialize(input)?;
        Ok(pairs
            .into_iter()
            .map(|(first, last)| first..=last)
            .collect())
    }
}

pub(super) mod optional {
    use std::ops::RangeInclusive;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::record) fn serialize<S: Serializer>(
        range: &Option<RangeInclusive<u64>>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        let pair = range.as_ref().map(|range| (range.start(), range.end()));
        pair.serialize(out)
    }

    pub(in crate::record) fn deserialize<'de, D: Deserializer<'de>>(
        input: D,
    ) -> Result<Option<RangeInclusive<u64>>, D::Error> {
        let pair = Option::<(u64, u64)>::deserialize(input)?;
        Ok(pair.map(|(first, last)| first..=last))
    }
}
