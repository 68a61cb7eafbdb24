//! Looking at many bytes at once.

/// Whether `is_it` says so of any of the bytes. It should not branch: then the compiler makes a few vector instructions
/// of eight calls.
#[inline]
pub(crate) fn any(bytes: &[u8], is_it: impl Fn(u8) -> bool) -> bool {
    let in_block = |block: &[u8; 8]| block.iter().fold(false, |any, byte| any | is_it(*byte));
    match bytes.last_chunk() {
        // What is behind the last whole block is in here, too.
        Some(last) => in_block(last) || bytes.as_chunks().0.iter().any(in_block),
        None => bytes.iter().any(|byte| is_it(*byte)),
    }
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
