//! Colours of formatted text.

use std::{
    ffi::{OsStr, OsString},
    io::IsTerminal,
};

/// Whether [`text`](super::text) is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Color {
    /// No colours.
    #[default]
    Never,
    /// Colours by ANSI escape sequences.
    Always,
}

impl Color {
    /// Returns `Always` if `output` is a terminal, unless the environment sets `NO_COLOR`
    /// ([no-color.org](https://no-color.org)) or `TERM=dumb`.
    ///
    /// ```
    /// use body_logger_core::format::Color;
    ///
    /// let color = Color::of(&std::io::stdout());
    /// # let _ = color;
    /// ```
    #[must_use]
    pub fn of(output: &impl IsTerminal) -> Self {
        let variable = |name: &str| std::env::var_os(name);
        Self::choose(output.is_terminal(), variable)
    }

    fn choose(is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let unwanted = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = variable("TERM").as_deref() == Some(OsStr::new("dumb"));
        if is_terminal && !unwanted && !dumb {
            Self::Always
        } else {
            Self::Never
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_terminals_unless_the_environment_forbids_it() {
        for (is_terminal, no_color, term, expected) in [
            (true, None, None, Color::Always),
            (false, None, None, Color::Never),
            (true, Some(""), Some("xterm"), Color::Always),
            (true, Some("1"), None, Color::Never),
            (true, Some("0"), None, Color::Never),
            (true, None, Some("dumb"), Color::Never),
        ] {
            let variable = |name: &str| match name {
                "NO_COLOR" => no_color.map(OsString::from),
                _ => term.map(OsString::from),
            };
            assert_eq!(Color::choose(is_terminal, variable), expected);
        }
    }

    #[test]
    fn a_file_is_not_a_terminal() {
        let file = std::fs::File::open("Cargo.toml").expect("a file");
        assert_eq!(Color::of(&file), Color::Never);
    }
}
