//! What is secret.

use super::{
    field_path::FieldPath,
    masking::Masking,
    names::SecretNames,
    percent::{form_decoded, without_cut_escape},
};

/// What is masked in bodies, and in all else that is text.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The names whose values are masked wherever they are.
    pub(crate) names: SecretNames,
    /// Values in JSON that are masked where they stand.
    pub(crate) paths: Vec<FieldPath>,
    /// Whether values of a [secret shape](super::shapes) are masked under any name.
    pub(crate) shapes: bool,
    /// What masked values read.
    pub(crate) masking: Masking,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            names: SecretNames::default(),
            paths: Vec::new(),
            shapes: true,
            masking: Masking::default(),
        }
    }
}

impl Rules {
    /// Whether a percent-encoded name is secret, or a part of one such as `user[password]` or `user.password`.
    #[inline]
    pub(super) fn is_name(&self, name: &str) -> bool {
        if name.len() < self.names.shortest() {
            return false;
        }
        if !name.bytes().any(ends_part) {
            // Nor is there an escape in it.
            return self.names.matches(name);
        }
        self.is_name_of_parts(name)
    }

    #[inline(never)]
    fn is_name_of_parts(&self, name: &str) -> bool {
        let name = form_decoded(name);
        self.names.matches(&name) || parts(&name).any(|part| self.names.matches(part))
    }

    /// Whether a percent-encoded name that was cut might have been secret.
    pub(super) fn could_become_name(&self, name: &str) -> bool {
        if self.is_name(name) {
            return true;
        }
        let name = form_decoded(without_cut_escape(name));
        // Half a character's bytes.
        let name = name.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let last_part = parts(name).last().unwrap_or(name);
        self.names.could_become_secret(name) || self.names.could_become_secret(last_part)
    }
}

/// What a name such as `user[password]` is made of.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|char: char| u8::try_from(char).is_ok_and(ends_part))
}

fn ends_part(byte: u8) -> bool {
    static ENDS_PART: [bool; 256] = {
        let mut ends_part = [false; 256];
        let mut byte = 0;
        while byte < ends_part.len() {
            ends_part[byte] =
                (byte as u8).is_ascii_punctuation() && !matches!(byte as u8, b'-' | b'_');
            byte += 1;
        }
        ends_part
    };
    ENDS_PART[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_parts_and_behind_escapes() {
        let rules = Rules::default();
        for name in [
            "token",
            "X-Api-Key",
            "card+number",
            "pass%77ord",
            "user[password]",
            "user%5bpass%5d[0]",
            "a.pin",
            "/cb?token",
            "?token",
            "$..ssn",
        ] {
            assert!(rules.is_name(name), "{name}");
        }
        for name in ["", "user", "tokens_used", "my password", "%", "[]", "pas%"] {
            assert!(!rules.is_name(name), "{name}");
        }
    }

    #[test]
    fn a_cut_name_might_have_been_secret() {
        let rules = Rules::default();
        for name in [
            "",
            "pa",
            "pa%",
            "pa%7",
            "pa%73",
            "user[",
            "user[pa",
            "user%5Bpa",
            "pass[x",
        ] {
            assert!(rules.could_become_name(name), "{name}");
        }
        for name in ["quantity", "user[quantity", "quantity%5"] {
            assert!(!rules.could_become_name(name), "{name}");
        }
    }
}
