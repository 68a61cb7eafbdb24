//! URLs: their users, what is encoded in them, and the parameters that are secret in a URL only.

use memchr::{memchr_iter, memmem, memrchr};

use super::{
    bytes::skip,
    marks::assigns_no_secret,
    name::{self, Name},
    scanner::{Scanner, ENCODED},
};
use crate::{
    characters::{table_with_blanks, Characters},
    decision,
    input::Extent,
    layers::find_decoded,
    path,
    percent::Encoding,
    rules::Rules,
};

/// Fast path: whether a text has no marks but those of URLs, nor a user in one, nor blanks or quotes, behind which an
/// option may be, and its parameters say nothing.
#[inline]
pub(super) fn is_plain(text: &str, seen: Characters, rules: &Rules) -> bool {
    const OTHERS: Characters = Characters::set(b"<@%( \"'`[\xef");
    const ASSIGNED: Characters = Characters::set(b"=");
    let bytes = text.as_bytes();
    !seen.has_any(OTHERS)
        && !bytes.starts_with(b"-")
        && memchr_iter(b':', bytes).all(|mark| bytes[mark..].starts_with(b"://"))
        && (!seen.has_any(ASSIGNED) || assigns_no_secret(text, rules))
}

fn is_of_url(byte: u8) -> bool {
    /// Blanks and control characters, quotes, and what else may be around a URL.
    static ENDS_URL: [bool; 256] = table_with_blanks(b"\"'`<>\\");
    !ENDS_URL[usize::from(byte)]
}

/// Whether a URL's user, behind `before` and its slashes, is the name of one and no token: those of SSH have no other, and
/// `git` is nobody.
pub(crate) fn is_login(before: &str, user: &[u8]) -> bool {
    /// No login name is longer (Linux).
    const LONGEST: usize = 32;
    let scheme = before.trim_end_matches(':');
    let is_of_ssh = scheme.ends_with("ssh") || scheme.ends_with("sftp");
    let is_name = |user: &str| {
        user.len() <= LONGEST
            && user
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            && decision::is_plain(user)
    };
    user == b"git" || is_of_ssh && std::str::from_utf8(user).is_ok_and(is_name)
}

/// Whether an address of a driver may be in a text with these characters.
pub(super) fn may_have_addresses(seen: Characters) -> bool {
    const TCP: Characters = Characters::set(b":@tcp(");
    const UNIX: Characters = Characters::set(b":@unix(");
    seen.has_all(TCP) || seen.has_all(UNIX)
}

/// Hides the secrets of addresses as drivers of Go write them: `ada:secret@tcp(db:3306)/shop`.
pub(super) fn in_addresses(scanner: &mut Scanner<'_>) {
    /// The longest user and secret.
    const LONGEST: usize = 256;
    let bytes = scanner.bytes;
    for network in ["@tcp(", "@unix("] {
        for at in memmem::find_iter(bytes, network) {
            let before = &bytes[at.saturating_sub(LONGEST)..at];
            let token = before.iter().rev().take_while(|b| is_of_url(**b)).count();
            let start = at - token;
            if let Some(colon) = bytes[start..at].iter().position(|b| *b == b':') {
                scanner.found.push(start + colon + 1..at);
            }
        }
    }
}

/// Whether the first lines of requests may be in a text with these characters.
#[inline]
pub(super) fn may_have_requests(seen: Characters) -> bool {
    const VERSION: Characters = Characters::set(b" HTP/");
    seen.has_all(VERSION)
}

/// Hides the secrets of links for one use in lines such as `GET /reset-password/q7K.. HTTP/1.1`.
pub(super) fn in_requests(scanner: &mut Scanner<'_>) {
    /// The longest target that is looked through.
    const LONGEST: usize = 512;
    let bytes = scanner.bytes;
    for at in memmem::find_iter(bytes, " HTTP/") {
        let before = &bytes[at.saturating_sub(LONGEST)..at];
        let target = before.iter().rev().take_while(|b| is_of_url(**b)).count();
        let start = at - target;
        let path = bytes[start..at].iter().take_while(|b| **b != b'?').count();
        let found = path::secrets_of_links(&scanner.text[start..start + path]);
        let found = found.map(|range| start + range.start..start + range.end);
        scanner.found.extend(found);
    }
}

impl Scanner<'_> {
    /// Hides the user of a URL whose `://` is at `mark`; returns where to go on.
    #[inline(never)]
    pub(super) fn url(&mut self, mark: usize) -> usize {
        static ENDS_HOST: [bool; 256] = table_with_blanks(b"\"'`<>\\/?#");
        let start = mark + "://".len();
        self.encoded_in_url(start, Encoding::Url);
        let end = skip(self.bytes, start, |b| !ENDS_HOST[usize::from(b)]);
        let at = self.bytes[start..end].iter().rposition(|b| *b == b'@');
        match at {
            Some(at) if is_login(&self.text[..mark], &self.bytes[start..start + at]) => {}
            Some(at) => self.found.push(start..start + at),
            // A password, whose host is missing as the text was truncated.
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
        // The state may be missing as the text was truncated.
        self.callback_has_state || self.truncated && self.callback.end == self.bytes.len()
    }
}
