//! JSON web keys (RFC 7517): the private members beside `"kty"` are masked, in either order.

use std::ops::Range;

use super::{edits::Kind, levels::WebKey, reader::Reader};
use crate::finding::Rule;

/// A private member has more bytes: those of one of 128 bits have 22.
const SHORTEST: usize = 20;

impl Reader<'_> {
    fn web_key(&mut self) -> &mut WebKey {
        let depth = self.nesting.depth();
        if self.web_key_depth() != Some(depth) {
            self.web_keys.push(WebKey {
                depth,
                has_type: false,
                values: Vec::new(),
            });
        }
        let last = self.web_keys.len() - 1;
        &mut self.web_keys[last]
    }

    pub(super) fn web_key_depth(&self) -> Option<usize> {
        self.web_keys.last().map(|key| key.depth)
    }

    /// The object that is open has a `kty`.
    pub(super) fn note_key_type(&mut self) {
        self.web_key().has_type = true;
    }

    /// Notes the value of a member such as `d`.
    pub(super) fn wait_for_key_type(&mut self, value: Range<usize>) {
        if value.len() >= SHORTEST {
            let edit = self.edits.push(value, Rule::Structure, Kind::Waiting);
            self.web_key().values.push(edit);
        }
    }

    /// The level at `depth` ended.
    #[inline]
    pub(super) fn end_web_key(&mut self, depth: usize) {
        if self.web_key_depth() == Some(depth) {
            if let Some(key) = self.web_keys.pop().filter(|key| key.has_type) {
                self.mask_key(&key);
            }
        }
    }

    /// The input ended: a `kty` may have followed.
    pub(super) fn end_open_web_keys(&mut self) {
        for key in std::mem::take(&mut self.web_keys) {
            self.mask_key(&key);
        }
    }

    fn mask_key(&mut self, key: &WebKey) {
        for edit in &key.values {
            self.edits.get_mut(*edit).kind = Kind::Value;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Extent, Redactor};

    #[track_caller]
    fn check(input: &str, extent: Extent, expected: &str) {
        let shown = Redactor::default().json(input.as_bytes(), extent);
        assert_eq!(shown.as_str(), expected, "{input}");
    }

    /// Of a value, with its closing quote.
    const SECRET_END: &str = "q7Kd92mXw4tBzR5vLpN3hT8s\"";

    #[test]
    fn the_private_members_of_a_key_are_masked_in_either_order() {
        for (input, expected) in [
            (
                r#"{"kty":"EC","x":"S","d":"S"}"#,
                r#"{"kty":"EC","x":"S","d":"***"}"#,
            ),
            (
                r#"{"p":"S","kty":"RSA","n":"S","dq":"S"}"#,
                r#"{"p":"***","kty":"RSA","n":"S","dq":"***"}"#,
            ),
            (
                r#"[{"jwk":{"k":"S","kty":"oct"}},{"k":"S","a":{"kty":"oct"}}]"#,
                r#"[{"jwk":{"k":"***","kty":"oct"}},{"k":"S","a":{"kty":"oct"}}]"#,
            ),
            (
                r#"{"kty":"none","d":"2026","p":12}"#,
                r#"{"kty":"none","d":"2026","p":12}"#,
            ),
        ] {
            let (input, expected) = (
                input.replace("S\"", SECRET_END),
                expected.replace("S\"", SECRET_END),
            );
            let redactor = Redactor::default();
            // Names that the same rules have judged before are read in another way.
            for _ in 0..3 {
                let shown = redactor.json(input.as_bytes(), Extent::Whole);
                assert_eq!(shown.as_str(), expected, "{input}");
            }
        }
    }

    #[test]
    fn what_may_be_of_a_key_that_was_cut_off_is_masked() {
        for (input, expected) in [
            (r#"{"d":"q7Kd92mXw4tBzR5vLpN3hT8s","#, r#"{"d":"***","#),
            (r#"{"kty":"EC","d":"q7Kd92"#, r#"{"kty":"EC","d":"***""#),
            (r#"{"d":"q7Kd92"#, r#"{"d":"***""#),
        ] {
            check(input, Extent::Truncated, expected);
        }
    }
}
