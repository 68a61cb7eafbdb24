//! Scans many bytes at once.

/// Whether `is_it` returns true for any byte. It should not branch: then the compiler turns the calls for a block of
/// bytes into a few vector instructions.
#[inline]
pub(crate) fn any(bytes: &[u8], is_it: impl Fn(u8) -> bool) -> bool {
    if let Some(last) = bytes.last_chunk::<16>() {
        // The last 16 bytes overlap the last block, and include the bytes after it.
        return any_in(last, &is_it)
            || bytes
                .as_chunks()
                .0
                .iter()
                .any(|b: &[u8; 16]| any_in(b, &is_it));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return any_in(first, &is_it) | any_in(last, &is_it);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return any_in(first, &is_it) | any_in(last, &is_it);
    }
    bytes.iter().any(|byte| is_it(*byte))
}

fn any_in<const N: usize>(block: &[u8; N], is_it: impl Fn(u8) -> bool) -> bool {
    block.iter().fold(false, |any, byte| any | is_it(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_byte_at_any_position() {
        for length in 0..40 {
            let mut bytes = vec![b'a'; length];
            assert!(!any(&bytes, |byte| byte == b'b'));
            for at in 0..length {
                bytes[at] = b'b';
                assert!(any(&bytes, |byte| byte == b'b'), "{length} {at}");
                bytes[at] = b'a';
            }
        }
    }
}
