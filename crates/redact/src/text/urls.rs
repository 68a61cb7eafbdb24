//! URLs: their users, what is encoded in them, and the parameters that are secret in a URL only.

use memchr::{memchr_iter, memmem, memrchr};

use super::{
    name::{self, Name},
    value::{self, skip},
    Scanner, ENCODED,
};
use crate::{
    characters::Characters,
    encoded::{find_decoded, Encoding},
    redacted::Extent,
    url::is_login,
};

/// Fast path: whether a text has no marks but those of URLs, nor a user in one, nor blanks or quotes, behind which an
/// option may be.
#[inline]
pub(super) fn is_plain(text: &str, seen: Characters) -> bool {
    const OTHERS: Characters = Characters::set(b"=<@%( \"'`[");
    let bytes = text.as_bytes();
    !seen.has_any(OTHERS)
        && !bytes.starts_with(b"-")
        && memchr_iter(b':', bytes).all(|mark| bytes[mark..].starts_with(b"://"))
}

fn is_of_url(byte: u8) -> bool {
    byte > b' ' && !value::is_quote(byte) && !matches!(byte, b'<' | b'>' | b'\\')
}

impl Scanner<'_> {
    /// Hides the user of a URL whose `://` is at `mark`; returns where to go on.
    #[inline(never)]
    pub(super) fn url(&mut self, mark: usize) -> usize {
        let start = mark + "://".len();
        self.encoded_in_url(start, Encoding::Url);
        let end = skip(self.bytes, start, |b| {
            b > b' '
                && !value::is_quote(b)
                && !matches!(b, b'/' | b'?' | b'#' | b'<' | b'>' | b'\\')
        });
        let at = self.bytes[start..end].iter().rposition(|b| *b == b'@');
        match at {
            Some(at) if is_login(&self.text[..mark], &self.bytes[start..start + at]) => {}
            Some(at) => self.found.push(start..start + at),
            // The host may have been cut off behind a password.
            None if self.truncated && end == self.bytes.len() => self.found.push(start..end),
            None => {}
        }
        // The properties of a JDBC address are pairs of their own: `//host:1433;user=sa;password=..`.
        let properties = self.bytes[start..end].iter().position(|b| *b == b';');
        properties.map_or(end, |at| start + at)
    }

    /// Hides what is percent-encoded in a query, if the name before the `=` at `mark` is.
    #[inline(never)]
    pub(super) fn encoded_name(&mut self, mark: usize) {
        let from = self.read.max(self.decoded.min(mark));
        let near = from.max(mark.saturating_sub(name::LONGEST));
        if memrchr(b'%', &self.bytes[near..mark]).is_some() {
            self.encoded_in_url(self.url_before(from, mark), Encoding::Form);
        }
    }

    /// Where the URL, or the part of one, starts that reaches to `end`, but not before `from`.
    fn url_before(&self, from: usize, end: usize) -> usize {
        let before = self.bytes[from..end].iter().rev();
        end - before.take_while(|byte| is_of_url(**byte)).count()
    }

    /// Hides what is percent-encoded in the URL, or the part of one, that starts at `start`.
    fn encoded_in_url(&mut self, start: usize, encoding: Encoding) {
        if start < self.decoded || !self.seen.has_any(ENCODED) {
            return;
        }
        self.decoded = skip(self.bytes, start, is_of_url);
        let url = &self.text[start..self.decoded];
        if !url.contains('%') {
            return;
        }
        let extent = match self.truncated && self.decoded == self.bytes.len() {
            true => Extent::Truncated,
            false => Extent::Whole,
        };
        // A layer of the whole text is scanned after this one. It says the same there if it has no layer below it, nor
        // blanks, which names of words have.
        let is_scanned = self.below == Some(encoding) && url.len() == self.text.len();
        let found = find_decoded(url, encoding, |text, found| {
            let seen = Characters::of(text, extent);
            self.rules.families.scan(text, seen, extent, found);
            if !is_scanned || seen.has_any(Characters::set(b"% ")) {
                let scanner = Scanner::new(text, seen, extent, self.rules);
                let decoded = usize::MAX;
                Scanner { decoded, ..scanner }.find(found);
            }
        });
        self.found.extend(
            found
                .into_iter()
                .map(|range| start + range.start..start + range.end),
        );
    }

    /// Whether this, before the `=` at `mark`, is the signature of a signed URL (Azure's), or the `code` of a query that has a
    /// `state` too, as OAuth's callbacks do.
    pub(super) fn is_credential_of_url(&mut self, name: &Name, mark: usize) -> bool {
        match &self.bytes[name.range.clone()] {
            b"sig" => {
                let before = self.bytes[..name.range.start].last();
                matches!(before, None | Some(b'?' | b'&' | b';'))
            }
            b"code" => self.is_of_callback(mark),
            _ => false,
        }
    }

    fn is_of_callback(&mut self, mark: usize) -> bool {
        if !self.callback.contains(&mark) {
            let start = self.url_before(self.callback.end.min(mark), mark);
            self.callback = start..skip(self.bytes, mark, is_of_url);
            let token = &self.bytes[self.callback.clone()];
            self.callback_has_state = ["?state=", "&state=", "#state="]
                .iter()
                .any(|state| memmem::find(token, state.as_bytes()).is_some());
        }
        // The state may have been cut off.
        self.callback_has_state || self.truncated && self.callback.end == self.bytes.len()
    }
}
