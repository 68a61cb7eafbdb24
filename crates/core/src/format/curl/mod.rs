//! A `curl` command that repeats a request.

mod body;
mod headers;
mod target;

use self::body::Content;
use super::{masked::Masked, names::Names, shell::quoted};
use crate::record::Record;

/// A command that repeats the recorded request, for a POSIX shell with `curl`.
///
/// The method, the target, the headers and the body are those of the record, and `curl` is kept from
/// adding headers of its own. **Comments in front of the command say what differs:**
///
/// - Masked values stay masked: the command sends `***` for them. A client may have sent `***`, too.
///   What reads like the keyed hash of a masked value
///   is listed apart, as a record does not tell whether it is one.
/// - Of a body that was not recorded as a whole the command sends the part that was. Bodies are sent
///   in UTF-8 and without content coding, JSON without white space between its tokens.
/// - A multipart form is written anew by `curl`, without its files. Other multipart bodies are left out.
/// - The target of `CONNECT` is taken from the host, and several cookie fields of HTTP/2 are joined.
///
/// The case and order of header names are not recorded. `--compressed` goes with `accept-encoding`, so
/// that the answer can be read.
///
/// Whatever the client sent, the shell runs nothing of it: each value is one argument, in single
/// quotes. An argument with control characters is spelled by `printf`; a body that has any, or that was
/// recorded as base64, is piped in through `base64 -d`. **The host is the one that the client
/// named**: look at it before you send secrets there.
///
/// ```
/// use body_logger_core::{format, Record};
///
/// assert_eq!(
///     format::curl(&Record::example()),
///     r#"# masked, to be put in: query 'token', header 'authorization', body 'password'
/// curl 'http://localhost:8080/orders/7?page=2&token=***' \
///   --header 'authorization: ***' \
///   --header 'content-type: application/json' \
///   --header 'accept:' \
///   --header 'user-agent:' \
///   --data-raw '{ "item": "server", "password": "***" }'"#
/// );
/// ```
#[must_use]
pub fn curl(record: &Record) -> String {
    let request = &record.request;
    let mut curl = Curl::default();
    let url = curl.target(request);
    let content = curl.content(request);
    curl.method(&request.method, content);
    curl.headers(request, content);
    curl.data(&request.body, content);
    curl.command(&url)
}

#[derive(Debug, Default)]
struct Curl {
    masked: Masked,
    notes: Vec<String>,
    left_out: Names,
    /// Parts without something that they had.
    untyped: Names,
    partial: Names,
    /// What goes before the command, to feed its standard input.
    input: Option<String>,
    flags: String,
    options: Vec<String>,
}

impl Curl {
    fn method(&mut self, method: &str, content: Option<Content<'_>>) {
        match (method, content) {
            ("HEAD", _) => self.flags.push_str(" --head"),
            ("GET", None) | ("POST", Some(_)) => {}
            _ if is_token(method) => self.option("--request", method, "method"),
            _ => self.left_out.add("method", method),
        }
    }

    /// An option with an argument.
    fn option(&mut self, option: &str, argument: &str, what: &'static str) {
        match quoted(argument) {
            Some(argument) => self.options.push(format!("{option} {argument}")),
            None => self.left_out.add(what, argument),
        }
    }

    fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn command(self, url: &str) -> String {
        let mut command = String::with_capacity(256);
        // Comments have words of ours and quoted names only: a shell that knows no comments (some do
        // not where people type) runs nothing in them.
        let may_be = "may be keyed hashes of masked values, to be put in then";
        for (what, names) in [
            ("masked, to be put in", &self.masked.masked),
            (may_be, &self.masked.hashed),
            ("left out", &self.left_out),
            ("sent without its media type", &self.untyped),
            ("not recorded as a whole", &self.partial),
        ] {
            if !names.is_empty() {
                command.push_str(&format!("# {what}: {names}\n"));
            }
        }
        for note in &self.notes {
            command.push_str(&format!("# {note}\n"));
        }
        command.push_str(self.input.as_deref().unwrap_or_default());
        command.push_str(&format!("curl{} {url}", self.flags));
        for option in &self.options {
            command.push_str(" \\\n  ");
            command.push_str(option);
        }
        command
    }
}

/// Whether it is a name that a method or a header can have.
fn is_token(name: &str) -> bool {
    let in_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(in_token)
}
