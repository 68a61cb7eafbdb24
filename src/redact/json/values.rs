//! The grammar of documents: values, and the levels that they are in.
//!
//! What reads something begins at a place in the text, and says where it ends.

use super::{
    lexer::{Lexer, Rest, Stopped},
    paths::PathCursor,
    End,
};

impl Lexer<'_> {
    #[inline]
    pub(super) fn document(&mut self, at: usize) -> Result<usize, Stopped> {
        let start = self.skip_white_space(at);
        let Some(byte) = self.bytes.get(start) else {
            let ended = !self.truncated && self.rest == Rest::Nothing;
            return Err(if ended {
                self.stop(End::Complete, start)
            } else {
                self.unexpected(start)
            });
        };
        if start > at && self.compact && self.documents > 0 {
            self.output.insert("\n");
        }
        if let Some(paths) = &mut self.paths {
            paths.enter_document();
        }
        let end = self.value(start, *byte)?;
        self.documents += 1;
        Ok(end)
    }

    /// A value with all that is in it; `byte` is its first.
    #[inline(always)]
    fn value(&mut self, at: usize, byte: u8) -> Result<usize, Stopped> {
        match byte {
            b'{' | b'[' => self.container(at, byte),
            _ => self.scalar(at, byte),
        }
    }

    #[inline(always)]
    fn scalar(&mut self, at: usize, byte: u8) -> Result<usize, Stopped> {
        match byte {
            b'"' => self.string(at),
            b'-' | b'0'..=b'9' => self.number(at),
            b't' => self.literal(at, b"true"),
            b'f' => self.literal(at, b"false"),
            b'n' => self.literal(at, b"null"),
            _ => Err(self.unexpected(at)),
        }
    }

    /// An object or array.
    #[inline(never)]
    fn container(&mut self, mut at: usize, mut byte: u8) -> Result<usize, Stopped> {
        let outside = self.nesting.depth();
        let mut secret = false;
        loop {
            'has_next: {
                at = match byte {
                    _ if secret => self.masked_value(at, byte)?,
                    b'{' | b'[' => {
                        at = self.open(at, byte == b'{');
                        (at, byte) = self.token(at);
                        if byte != self.nesting.closing() {
                            break 'has_next;
                        }
                        // Nothing is in it.
                        at
                    }
                    _ => self.scalar(at, byte)?,
                };
                // A value ends at `at`, and so may the levels that it is in.
                loop {
                    (at, byte) = self.token(at);
                    if byte == b',' {
                        (at, byte) = self.token(at + 1);
                        break 'has_next;
                    }
                    if byte != self.nesting.closing() {
                        return Err(self.unexpected(at));
                    }
                    at = self.close(at);
                    if self.nesting.depth() == outside {
                        return Ok(at);
                    }
                }
            }
            if self.nesting.in_object() {
                (at, secret) = self.name(at, byte)?;
                (at, byte) = self.token(at);
            } else {
                secret = self.enters_secret_element();
            }
        }
    }

    #[inline(never)]
    fn masked_value(&mut self, start: usize, byte: u8) -> Result<usize, Stopped> {
        if start == self.bytes.len() {
            return Err(self.unexpected(start));
        }
        self.output.show_up_to(start);
        self.hidden = true;
        let end = self.value(start, byte)?;
        self.hidden = false;
        self.mask(start..end);
        Ok(end)
    }

    #[inline]
    fn open(&mut self, start: usize, object: bool) -> usize {
        self.nesting.open(object);
        if let Some(paths) = self.paths.as_mut().filter(|_| !self.hidden) {
            paths.open(object);
        }
        let mut at = start + 1;
        // Arrays often begin with arrays.
        while !object && self.paths.is_none() && self.bytes.get(at) == Some(&b'[') {
            self.nesting.open(false);
            at += 1;
        }
        at
    }

    #[inline]
    fn close(&mut self, at: usize) -> usize {
        self.nesting.close();
        if let Some(paths) = self.paths.as_mut().filter(|_| !self.hidden) {
            paths.close();
        }
        at + 1
    }

    #[inline]
    fn enters_secret_element(&mut self) -> bool {
        let paths = self.paths.as_mut().filter(|_| !self.hidden);
        paths.is_some_and(PathCursor::enter_element)
    }

    /// Where the next token starts, and its first byte: 0 at the end of the text.
    #[inline]
    fn token(&mut self, at: usize) -> (usize, u8) {
        match self.bytes.get(at) {
            Some(byte) if *byte > b' ' => (at, *byte),
            _ => self.token_behind_white_space(at),
        }
    }

    #[inline(never)]
    fn token_behind_white_space(&mut self, at: usize) -> (usize, u8) {
        let start = self.skip_white_space(at);
        (start, self.bytes.get(start).copied().unwrap_or_default())
    }

    /// Where a token should start, there is none, or the text ended within a document, or before one.
    #[cold]
    pub(super) fn unexpected(&mut self, at: usize) -> Stopped {
        if at == self.bytes.len() && self.rest == Rest::Nothing {
            self.cut(at)
        } else {
            // Outside strings no part of a character is understood.
            self.malformed(at)
        }
    }

    fn skip_white_space(&mut self, start: usize) -> usize {
        let end = white_space_end(self.bytes, start);
        if self.compact && end > start && !self.hidden {
            self.output.drop(start..end);
        }
        end
    }
}

#[inline]
pub(super) fn white_space_end(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}
