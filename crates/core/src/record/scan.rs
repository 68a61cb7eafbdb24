//! Looking at many bytes at once.

/// Whether `is_it` says so of any of the bytes. It should not branch: then the compiler makes a few vector instructions
/// of as many calls as there are bytes in a block.
#[inline]
pub(crate) fn any(bytes: &[u8], is_it: impl Fn(u8) -> bool) -> bool {
    if let Some(last) = bytes.last_chunk::<16>() {
        // What is behind the last whole block is in here, too.
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
    fn a_byte_is_found_wherever_it_stands() {
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
