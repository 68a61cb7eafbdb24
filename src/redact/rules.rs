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
    pub(super) fn is_name(&self, name: &str) -> bool {
        let name = form_decoded(name);
        let has_parts = name.bytes().any(|byte| ends_part(char::from(byte)));
        self.names.matches(&name)
            || has_parts && name.split(ends_part).any(|part| self.names.matches(part))
    }

    /// Whether a percent-encoded name that was cut might have been secret.
    pub(super) fn could_become_name(&self, name: &str) -> bool {
        if self.is_name(name) {
            return true;
        }
        let name = form_decoded(without_cut_escape(name));
        // Half a character's bytes.
        let name = name.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let last_part = name.rsplit(ends_part).next().unwrap_or(name);
        self.names.could_become_secret(name) || self.names.could_become_secret(last_part)
    }
}

fn ends_part(char: char) -> bool {
    char.is_ascii_punctuation() && !matches!(char, '-' | '_')
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
