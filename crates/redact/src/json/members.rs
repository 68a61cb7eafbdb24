//! Fast path: members whose names followed each other in an earlier object, too, and the elements of arrays.
//!
//! What is not as simple is left to the [grammar](super::values).

use super::{
    edits::Kind,
    number,
    reader::{Member, Reader, Stopped},
    string,
};
use crate::{
    decision::{decide, Decision, Value},
    harmless::{is_short_and_harmless, is_short_word},
    names::{Expected, Role, Secrecy},
    rules::Rules,
};

/// Where the grammar goes on.
pub(super) enum Next {
    /// At a name.
    Name(usize),
    /// At the object or array that is the value of a member.
    Value(usize, Member),
    /// Behind the value of a member.
    Behind(usize),
}

/// Where the grammar goes on in an array.
pub(super) enum Elements {
    /// At an element, which is the first one or not, and its first byte.
    At(usize, u8, bool),
    /// Behind an element.
    Behind(usize),
}

impl Reader<'_> {
    /// Whether a name and its value alone decide on the value, in the object that is open.
    #[inline]
    pub(super) fn is_ordinary_object(&self) -> bool {
        !self.hidden
            && self.paths.is_none()
            && self.context.outer.secrecy == Secrecy::Harmless
            && self.graphs.is_empty()
            && !self.in_data()
    }

    /// Reads on from the name at `at` in an object that is [ordinary](Self::is_ordinary_object).
    #[inline(never)]
    pub(super) fn ordinary_members(&mut self, mut at: usize) -> Result<Next, Stopped> {
        let bytes = self.bytes;
        let has_opt_ins = self.rules.families.has_opt_ins();
        loop {
            let Some(Expected {
                length,
                says_nothing,
            }) = self.cache.next(string::part_at(bytes, at))
            else {
                return Ok(Next::Name(at));
            };
            let colon = at + 1 + length + 1;
            let (start, byte) = match bytes.get(colon + 1) {
                Some(byte) if *byte > b' ' => (colon + 1, *byte),
                _ => self.token(colon + 1),
            };
            let ordinary = match says_nothing && !has_opt_ins {
                true if byte == b'[' => self.ordinary_array(start),
                true => ordinary_value(bytes, start, byte, self.rules),
                false => Ordinary::No,
            };
            let end = match ordinary {
                Ordinary::End(end) => end,
                Ordinary::Short(end) => {
                    self.scan_plain(start + 1..end - 1);
                    end
                }
                Ordinary::No if says_nothing && byte == b'"' => self.string_alone(start)?,
                Ordinary::No => {
                    self.name = at + 1..colon - 1;
                    let member = Member::under(self.cache.last_class());
                    if matches!(byte, b'{' | b'[') {
                        return Ok(Next::Value(start, member));
                    }
                    let end = match byte {
                        b'"' => self.named_string(start, &member)?,
                        _ => self.scalar(start, byte, &member)?,
                    };
                    if !self.is_ordinary_object() {
                        return Ok(Next::Behind(end));
                    }
                    end
                }
            };
            if bytes.get(end) != Some(&b',') {
                return Ok(Next::Behind(end));
            }
            let (name, byte) = match bytes.get(end + 1) {
                Some(byte) if *byte > b' ' => (end + 1, *byte),
                _ => self.token(end + 1),
            };
            if byte != b'"' {
                return Ok(Next::Name(name));
            }
            at = name;
        }
    }

    /// The end of the array at `start`, if its elements can hide nothing and say nothing of others: a level need not be opened.
    ///
    /// What was read of any other one is read once more, up to its first element that is not as simple.
    #[inline(never)]
    fn ordinary_array(&mut self, start: usize) -> Ordinary {
        if !self.is_alone_in_array() {
            return Ordinary::No;
        }
        let noted = self.white_space.len();
        let (mut at, mut byte) = self.token(start + 1);
        while let Some(end) = ordinary_element(self.bytes, at, byte) {
            (at, byte) = self.token(end);
            match byte {
                b',' => (at, byte) = self.token(at + 1),
                b']' => {
                    self.nesting.pass_level();
                    return Ordinary::End(at + 1);
                }
                _ => break,
            }
        }
        self.white_space.truncate(noted);
        Ordinary::No
    }

    /// Reads on from the first element, at `at`, of an array whose elements say nothing of each other.
    ///
    /// Without this, a record with a list of two words takes 4 % more instructions.
    #[inline(never)]
    pub(super) fn ordinary_elements(&mut self, mut at: usize, mut byte: u8) -> Elements {
        let mut is_first = true;
        while let Some(end) = ordinary_element(self.bytes, at, byte) {
            let (behind, next) = self.token(end);
            if next != b',' {
                return Elements::Behind(behind);
            }
            (at, byte) = self.token(behind + 1);
            is_first = false;
        }
        Elements::At(at, byte, is_first)
    }

    /// The string at `start`, which nothing but its text can make secret, and which says nothing of others.
    #[inline(never)]
    fn string_alone(&mut self, start: usize) -> Result<usize, Stopped> {
        if !self.rules.families.has_opt_ins() {
            if let Some(end) = string::harmless_end(self.bytes, start + 1) {
                return Ok(end);
            }
        }
        match string::plain_end(self.bytes, start + 1) {
            Some(end) => {
                self.scan_plain(start + 1..end - 1);
                Ok(end)
            }
            None => self.any_string(start, &Member::default()),
        }
    }

    /// The string at `start` under a name that says something, or that says something of its neighbours.
    #[inline(never)]
    fn named_string(&mut self, start: usize, member: &Member) -> Result<usize, Stopped> {
        let end = string::plain_end(self.bytes, start + 1);
        let waits = matches!(member.class.role, Role::Value | Role::KeyPart);
        let Some(end) = end.filter(|_| !waits) else {
            return self.string(start, member);
        };
        let text = &self.text[start + 1..end - 1];
        match decide(member.class, Value::Text(text)) {
            Decision::Mask(rule) => {
                self.edits.push(start..end, rule, Kind::Value);
            }
            Decision::Scan => self.scan_plain(start + 1..end - 1),
            Decision::Show => {}
        }
        if member.class.role != Role::None {
            self.note_member(text, start..end, member);
        }
        Ok(end)
    }
}

/// The end of an element that can hide nothing and says nothing of others, if that is seen at once.
#[inline(always)]
fn ordinary_element(bytes: &[u8], start: usize, byte: u8) -> Option<usize> {
    if byte != b'"' {
        return ordinary_scalar(bytes, start, byte);
    }
    let part = string::part_at(bytes, start + 1);
    let length = string::short_length(&part)?;
    // Such words have no dash, as options and most names of headers have.
    let is_ordinary =
        is_short_word(&part, length) && !part[..length].eq_ignore_ascii_case(b"cookie");
    is_ordinary.then_some(start + 1 + length + 1)
}

/// What is seen of a value at once.
enum Ordinary {
    /// The end of a value that can hide nothing.
    End(usize),
    /// The end of a short string.
    Short(usize),
    No,
}

#[inline(always)]
fn ordinary_value(bytes: &[u8], start: usize, byte: u8, rules: &Rules) -> Ordinary {
    if byte != b'"' {
        return ordinary_scalar(bytes, start, byte).map_or(Ordinary::No, Ordinary::End);
    }
    let part = string::part_at(bytes, start + 1);
    let Some(length) = string::short_length(&part) else {
        return Ordinary::No;
    };
    let end = start + 1 + length + 1;
    match is_short_word(&part, length) || is_short_and_harmless(&part[..length], rules) {
        true => Ordinary::End(end),
        false => Ordinary::Short(end),
    }
}

/// The end of a short number or a literal, if that is seen at once.
#[inline(always)]
fn ordinary_scalar(bytes: &[u8], start: usize, byte: u8) -> Option<usize> {
    let length = match byte {
        b'-' | b'0'..=b'9' => return number::short_end(bytes, start),
        b't' | b'n' => 4,
        b'f' => 5,
        _ => return None,
    };
    let word = bytes.get(start..start + length)?;
    let follows = *bytes.get(start + length)?;
    let is_literal = matches!(word, b"true" | b"false" | b"null");
    (is_literal && number::may_follow(follows)).then_some(start + length)
}
