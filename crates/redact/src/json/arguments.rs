//! Lists of a command's arguments: secrets that options have with them or behind them.

use memchr::memrchr;

use super::reader::Reader;
use crate::text::{is_secret_option, last_of_commands, may_be_secret_option};

/// What the name of a header or an option says of the element behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Follows {
    #[default]
    Header,
    Option,
    /// The option's argument is of the form `user:secret`.
    UserOption,
}

/// The arguments that were searched for a command whose options have secrets.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// Up to where they were searched.
    searched: usize,
    /// The last one of them.
    command: Option<&'static str>,
}

impl Reader<'_> {
    /// Whether an element, which starts at `start`, is an option with its secret, as in `["mysql", "-psecret"]`, or without.
    pub(super) fn is_secret_option(&mut self, start: usize, text: &str) -> bool {
        /// No command is further away from the first such option.
        const REACH: usize = 256;
        if !may_be_secret_option(text) || self.nesting.in_object() {
            return false;
        }
        // What was searched for the option before is not searched again.
        let near = start.saturating_sub(REACH);
        let from = self.arguments.searched.clamp(near, start);
        let between = &self.bytes[from..start];
        let list = memrchr(b'[', between);
        if list.is_some() || self.arguments.searched < from {
            self.arguments.command = None;
        }
        let command = last_of_commands(&between[list.unwrap_or_default()..]);
        self.arguments = Arguments {
            searched: start,
            command: command.or(self.arguments.command),
        };
        let command = self.arguments.command;
        command.is_some_and(|command| is_secret_option(command, text))
    }
}

/// Whether a text is an option of a command whose value may be the next argument: `--password`, `-p`.
pub(super) fn is_option(text: &str) -> bool {
    let is_of_option = |byte: &u8| *byte == b'-' || byte.is_ascii_alphabetic();
    text.starts_with('-')
        && text.as_bytes().get(1).is_some_and(is_of_option)
        && !text.contains(['=', ' '])
}
