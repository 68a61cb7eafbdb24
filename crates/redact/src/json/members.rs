//! Fast path: members whose names followed each other in an earlier object, too.
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
    names::{Expected, NameCache, Role, Secrecy},
    rules::Rules,
    scan::{is_short_and_harmless, is_short_word},
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
    pub(super) fn ordinary_members(&mut self, at: usize) -> Result<Next, Stopped> {
        let mut names = self.cache.clone();
        let next = self.members_in_order(at, &mut names);
        self.cache.go_on_from(&names);
        next
    }

    #[inline(always)]
    fn members_in_order(&mut self, mut at: usize, names: &mut NameCache) -> Result<Next, Stopped> {
        let bytes = self.bytes;
        let has_opt_ins = self.rules.families.has_opt_ins();
        loop {
            let part = bytes.get(at..).and_then(|rest| rest.first_chunk());
            let Some(Expected {
                length,
                says_nothing,
            }) = part.and_then(|part| names.next(*part))
            else {
                return Ok(Next::Name(at));
            };
            let colon = at + 1 + length + 1;
            let (start, byte) = match bytes.get(colon + 1) {
                Some(byte) if *byte > b' ' => (colon + 1, *byte),
                _ => self.token(colon + 1),
            };
            let ordinary = match says_nothing && !has_opt_ins {
                true => ordinary_value(bytes, start, byte, self.rules),
                false => None,
            };
            let end = match ordinary {
                Some(end) => end,
                None if says_nothing && byte == b'"' => self.string_alone(start)?,
                None => {
                    self.name = at + 1..colon - 1;
                    let member = Member::under(names.last_class());
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

    /// The string at `start`, which nothing but its text can make secret, and which says nothing of others.
    #[inline(never)]
    fn string_alone(&mut self, start: usize) -> Result<usize, Stopped> {
        match string::plain_end(self.bytes, start + 1) {
            Some(end) => {
                self.scan_for_plain(start + 1..end - 1);
                Ok(end)
            }
            None => self.any_string(start, &Member::default()),
        }
    }

    /// The string at `start` under a name that says something, or that says something of its neighbours.
    #[inline(never)]
    fn named_string(&mut self, start: usize, member: &Member) -> Result<usize, Stopped> {
        let end = string::plain_end(self.bytes, start + 1);
        let Some(end) = end.filter(|_| member.class.role != Role::Value) else {
            return self.string(start, member);
        };
        let text = &self.text[start + 1..end - 1];
        match decide(member.class, Value::Text(text)) {
            Decision::Mask(rule) => {
                self.edits.push(start..end, rule, Kind::Value);
            }
            Decision::Scan => self.scan_for_plain(start + 1..end - 1),
            Decision::Show => {}
        }
        if member.class.role != Role::None {
            self.note_member(text, start..end, member);
        }
        Ok(end)
    }
}

/// The end of a value that can hide nothing, if that is seen at once.
#[inline(always)]
fn ordinary_value(bytes: &[u8], start: usize, byte: u8, rules: &Rules) -> Option<usize> {
    let length = match byte {
        b'"' => {
            let part = bytes.get(start + 1..)?.first_chunk()?;
            let length = string::short_length(part)?;
            let is_harmless =
                is_short_word(part, length) || is_short_and_harmless(&part[..length], rules);
            return is_harmless.then_some(start + 1 + length + 1);
        }
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
