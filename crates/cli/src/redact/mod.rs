//! `body-logger redact`.

mod explained;
mod har;

use std::io::{self, Read};

use body_logger_redact::{End, Format, Redactor};

use self::explained::Explained;
use crate::{
    failure::{Done, Failure},
    notice::notice,
    output::{Escape, Output},
};

/// Redact standard input with the default rules, and print it
///
/// Values under secret names, known kinds of tokens and other secrets become ***; what cannot be understood is withheld,
/// from there to the end. Clean a log or a HAR file with it before you share it:
///
///     body-logger redact --har < session.har > shared.har
///     body-logger redact --explain < audit.jsonl > shared.jsonl
///
/// Without an option for the format, input that begins with { or [ is read as JSON, anything else as text. All of the
/// input is held in memory.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    format: FormatArgs,

    /// Say on standard error what was hidden, and by which rule: the place of each hidden value, never the value.
    #[arg(long)]
    explain: bool,
}

#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct FormatArgs {
    /// Read JSON: one document, or several, such as the lines of a log.
    #[arg(long)]
    json: bool,

    /// Read text of any kind, such as a log that is not JSON.
    #[arg(long)]
    text: bool,

    /// Read a form, as browsers send it: a=1&b=2.
    #[arg(long)]
    form: bool,

    /// Read an HTTP archive, as the developer tools of browsers save it: headers, cookies, URLs and bodies are each
    /// redacted as what they are, all else as JSON. It stays an HTTP archive.
    #[arg(long)]
    har: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Json,
    Text,
    Form,
    Har,
}

impl FormatArgs {
    fn input(&self, bytes: &[u8]) -> Input {
        let is_json = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
        match self {
            Self { har: true, .. } => Input::Har,
            Self { json: true, .. } => Input::Json,
            Self { form: true, .. } => Input::Form,
            Self { text: true, .. } => Input::Text,
            _ if is_json => Input::Json,
            _ => Input::Text,
        }
    }
}

pub(crate) fn run(args: Args) -> Result<Done, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Failure::cannot("read standard input", error))?;

    let mut explained = Explained::new(Redactor::default());
    let input = args.format.input(&bytes);
    let (mut shown, done) = match input {
        Input::Har => (har::redact(&bytes, &mut explained)?, Done::Whole),
        Input::Json => redact(&bytes, Format::Json, &mut explained),
        Input::Form => redact(&bytes, Format::Form, &mut explained),
        Input::Text => redact(&bytes, Format::Text, &mut explained),
    };
    if bytes.ends_with(b"\n") && !shown.ends_with('\n') {
        shown.push('\n');
    }

    let escape = match input {
        Input::Har | Input::Json => Escape::Json,
        Input::Form | Input::Text => Escape::Text,
    };
    let mut output = Output::new();
    output.write_lines(&shown, escape)?;
    output.flush()?;
    if args.explain {
        explained.report();
    }
    Ok(done)
}

fn redact(bytes: &[u8], format: Format<'_>, explained: &mut Explained) -> (String, Done) {
    // Editors and shells end texts with a line feed, which no form has.
    let bytes = match format {
        Format::Form => bytes.trim_ascii_end(),
        _ => bytes,
    };
    let redacted = explained.redact("", bytes, format);
    let problem = match redacted.end {
        End::Complete => return (redacted.into_string(), Done::Whole),
        End::Truncated => "the input ends before its format does",
        End::Malformed => "what follows is not understood, and withheld",
    };
    let at = redacted.consumed;
    notice(&format!("standard input, at byte {at}: {problem}"));
    (redacted.into_string(), Done::InPart)
}
