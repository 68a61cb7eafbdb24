//! Names, strings, numbers and literals: each is read whole, then judged.

use std::ops::Range;

use super::{
    edits::Kind,
    number,
    reader::{Member, Reader, Rest, Stopped, Whole},
    string::{self, Escapes, RawPositions, Scan},
};
use crate::{
    decision::{decide, decide_below, Decision, Value},
    finding::Rule,
    harmless::lacks_all,
    input::Extent,
    names::{Below, NameClass, Secrecy, Start},
    scan::{scan, scan_whole},
};

impl Reader<'_> {
    /// A name and its colon, and what its value is judged by.
    #[inline]
    pub(super) fn name(&mut self, start: usize, first: u8) -> Result<(usize, Member), Stopped> {
        if first != b'"' {
            return Err(self.unexpected(start));
        }
        if self.paths.is_none() && !self.hidden {
            let part = string::part_at(self.bytes, start + 1);
            // Most are like this, and were there before.
            if let Some((length, b':')) = string::short(part) {
                let known = self.cache.known_short(Start::of_part(part, length));
                if let Some(known) = known.filter(|known| known.is_clean) {
                    return Ok(self.known_name(start, length, known.class));
                }
            }
        }
        self.any_name(start)
    }

    /// A name without escapes that has its colon behind it.
    #[inline(always)]
    fn known_name(&mut self, start: usize, length: usize, class: NameClass) -> (usize, Member) {
        self.name = start + 1..start + 1 + length;
        (self.name.end + 2, Member::under(class))
    }

    #[inline(never)]
    fn any_name(&mut self, start: usize) -> Result<(usize, Member), Stopped> {
        let (end, escapes) = match string::scan(self.bytes, start + 1) {
            Scan::Closed { end, escapes } => (end, escapes),
            // The name alone says nothing, and what it lacks could say that its value is secret.
            Scan::Open { .. } if self.rest != Rest::NoText => return Err(self.cut(start)),
            _ => return Err(self.malformed(start)),
        };
        let inside = start + 1..end - 1;
        self.name = inside.clone();
        let (colon, byte) = self.token(end);
        match byte {
            b':' => {}
            _ if colon == self.bytes.len() && self.rest == Rest::Nothing => {
                return Err(self.cut(start))
            }
            _ => return Err(self.malformed(start)),
        }
        if self.hidden {
            return Ok((colon + 1, Member::default()));
        }
        if self.paths.is_none() && escapes == Escapes::None {
            let known = self.cache.known(&self.text[inside.clone()]);
            if let Some(known) = known.filter(|known| known.is_clean) {
                return Ok((colon + 1, Member::under(known.class)));
            }
        }
        let mut buffer = std::mem::take(&mut self.unescaped);
        let name = string::unescaped(&self.text[inside.clone()], escapes, &mut buffer);
        let class = self.rules.names.class_in(&self.cache, name);
        let on_path = self
            .paths
            .as_mut()
            .is_some_and(|paths| paths.enter_member(name));
        self.found.clear();
        scan(name, Extent::Whole, self.rules, &mut self.found);
        let is_field = class.secrecy == Secrecy::Field;
        if self.found.is_empty() && escapes == Escapes::None && !is_field {
            self.cache.keep(name, class, true);
        }
        self.mask_found(inside.clone(), escapes);
        self.unescaped = buffer;
        let whole = match on_path {
            true => Whole::Path,
            false if is_field => Whole::Field,
            false => Whole::No,
        };
        let member = Member::under(class);
        Ok((colon + 1, Member { whole, ..member }))
    }

    pub(super) fn scalar(
        &mut self,
        at: usize,
        byte: u8,
        member: &Member,
    ) -> Result<usize, Stopped> {
        match byte {
            b'"' => self.any_string(at, member),
            b'-' | b'0'..=b'9' => self.number(at, member),
            b't' => self.literal(at, b"true"),
            b'f' => self.literal(at, b"false"),
            b'n' => self.literal(at, b"null"),
            _ => Err(self.unexpected(at)),
        }
    }

    /// Decides on a value by the name that it stands under, and those above.
    pub(super) fn decide(&self, class: NameClass, value: Value<'_>) -> Decision {
        if self.context.outer.secrecy == Secrecy::Harmless {
            decide(class, value)
        } else {
            decide_below(self.context.outer, class, value)
        }
    }

    /// The string at `start`. Most have no escapes.
    #[inline(always)]
    pub(super) fn string(&mut self, start: usize, member: &Member) -> Result<usize, Stopped> {
        if let Some(end) = string::plain_end(self.bytes, start + 1) {
            if self.is_ordinary(start + 1..end - 1, member) {
                self.scan_plain(start + 1..end - 1);
            } else if !self.hidden {
                self.whole_string(start + 1..end - 1, Escapes::None, member);
            }
            return Ok(end);
        }
        self.any_string(start, member)
    }

    #[inline(never)]
    pub(super) fn any_string(&mut self, start: usize, member: &Member) -> Result<usize, Stopped> {
        match string::scan(self.bytes, start + 1) {
            Scan::Closed { end, escapes } => {
                if !self.hidden {
                    self.whole_string(start + 1..end - 1, escapes, member);
                }
                Ok(end)
            }
            Scan::Open { whole, escapes } if self.rest != Rest::NoText => {
                Err(self.cut_string(start + 1..whole, escapes, member))
            }
            _ => Err(self.malformed(start)),
        }
    }

    /// Fast path: whether nothing but what stands in a string can make it secret, nor does it say anything of others.
    #[inline]
    fn is_ordinary(&self, inside: Range<usize>, member: &Member) -> bool {
        let is_alone = || match self.nesting.in_object() {
            true => self.graphs.is_empty() && !self.in_data(),
            false => self.is_ordinary_element(&self.text[inside]),
        };
        !self.hidden && self.is_ordinary_place(member) && is_alone()
    }

    /// Fast path: whether the array that is open has but its elements to hide.
    #[inline]
    pub(super) fn is_ordinary_array(&self, member: &Member) -> bool {
        !self.hidden
            && self.paths.is_none()
            && !self.rules.families.has_opt_ins()
            && self.is_ordinary_place(member)
            && self.is_alone_in_array()
    }

    #[inline]
    fn is_ordinary_place(&self, member: &Member) -> bool {
        member.class.says_nothing() && self.context.outer.secrecy == Secrecy::Harmless
    }

    /// Looks into a string without escapes, of which most have nothing.
    #[inline]
    pub(super) fn scan_plain(&mut self, inside: Range<usize>) {
        if !lacks_all(&self.text[inside.clone()], self.rules) {
            self.scan_for_plain(inside);
        }
    }

    #[inline(never)]
    fn scan_for_plain(&mut self, inside: Range<usize>) {
        self.found.clear();
        scan_whole(&self.text[inside.clone()], self.rules, &mut self.found);
        if !self.found.is_empty() {
            self.mask_found(inside, Escapes::None);
        }
    }

    fn whole_string(&mut self, inside: Range<usize>, escapes: Escapes, member: &Member) {
        let mut buffer = std::mem::take(&mut self.unescaped);
        let text = string::unescaped(&self.text[inside.clone()], escapes, &mut buffer);
        let value = inside.start - 1..inside.end + 1;
        match self.decide(member.class, Value::Text(text)) {
            Decision::Mask(rule) => {
                self.edits.push(value.clone(), rule, Kind::Value);
            }
            Decision::Show => {}
            Decision::Scan => {
                self.wait(value.clone(), text, member);
                self.found.clear();
                scan(text, Extent::Whole, self.rules, &mut self.found);
                self.mask_found(inside, escapes);
            }
        }
        self.note_string(text, value, member);
        self.unescaped = buffer;
    }

    #[cold]
    fn cut_string(&mut self, inside: Range<usize>, escapes: Escapes, member: &Member) -> Stopped {
        let start = inside.start - 1;
        if self.hidden {
            return self.cut(self.bytes.len());
        }
        let mut buffer = std::mem::take(&mut self.unescaped);
        let text = string::unescaped(&self.text[inside.clone()], escapes, &mut buffer);
        // What is plain or well known so far need not be so to its end.
        let secret = member.class.is_secret()
            || self.context.header.is_secret()
            || self.context.outer.is_secret() && member.class.below != Below::Descriptive
            || matches!(
                self.decide(member.class, Value::Text(text)),
                Decision::Mask(_)
            )
            || self.is_secret_option(start, text)
            || self.would_wait(member);
        if secret {
            return self.cut_value(start, Rule::Truncated);
        }
        self.found.clear();
        scan(text, Extent::Truncated, self.rules, &mut self.found);
        self.mask_found(inside.clone(), escapes);
        self.unescaped = buffer;
        self.cut(inside.end)
    }

    /// Masks what was found in the string whose text is at `inside`.
    fn mask_found(&mut self, inside: Range<usize>, escapes: Escapes) {
        let mut positions = RawPositions::new(&self.text[inside.clone()], escapes);
        for finding in &self.found {
            let start = inside.start + positions.raw_of(finding.range.start);
            let end = inside.start + positions.raw_of(finding.range.end);
            self.edits.push(start..end, finding.rule, Kind::Part);
        }
    }

    #[inline]
    fn number(&mut self, at: usize, member: &Member) -> Result<usize, Stopped> {
        let (end, long) = match number::short_end(self.bytes, at) {
            Some(end) => (end, false),
            None => match number::scan(self.bytes, at) {
                number::Scan::Closed { end, long } => (end, long),
                number::Scan::Open { whole } if self.rest == Rest::Nothing => {
                    return self.last_number(at, whole, member)
                }
                _ => return Err(self.malformed(at)),
            },
        };
        if !self.hidden && (long || !self.is_ordinary_number(member)) {
            self.whole_number(at..end, long, member);
        }
        Ok(end)
    }

    /// Fast path: whether a number is shown, and says nothing of others, nor do others say anything of it.
    #[inline]
    fn is_ordinary_number(&self, member: &Member) -> bool {
        let is_alone = || match self.nesting.in_object() {
            true => self.graphs.is_empty() && !self.in_data(),
            false => self.is_alone_in_array(),
        };
        self.is_ordinary_place(member) && is_alone()
    }

    fn whole_number(&mut self, range: Range<usize>, long: bool, member: &Member) {
        match self.decide(member.class, Value::Number) {
            Decision::Mask(rule) => {
                self.edits.push(range, rule, Kind::Value);
            }
            Decision::Scan => {
                let number = &self.text[range.clone()];
                self.wait(range.clone(), number, member);
                if long {
                    if let Some(family) = self.rules.families.of_number(number, Extent::Whole) {
                        self.edits.push(range, Rule::Family(family), Kind::Value);
                    }
                }
            }
            Decision::Show => {}
        }
    }

    /// The number that goes to the end of the input; `whole` says that it can be one.
    #[cold]
    fn last_number(
        &mut self,
        start: usize,
        whole: bool,
        member: &Member,
    ) -> Result<usize, Stopped> {
        let end = self.bytes.len();
        // Nothing but the end of all input ends a number that stands alone.
        if whole && self.nesting.depth() == 0 && self.extent == Extent::Whole {
            if !self.hidden {
                self.whole_number(start..end, true, member);
            }
            return Ok(end);
        }
        if self.hidden {
            return Err(self.cut(end));
        }
        let secret = matches!(self.decide(member.class, Value::Number), Decision::Mask(_))
            || self.would_wait(member);
        let family = self
            .rules
            .families
            .of_number(&self.text[start..], Extent::Truncated);
        Err(if secret {
            self.cut_value(start, Rule::Truncated)
        } else if family.is_some() {
            self.cut(start)
        } else {
            self.cut(end)
        })
    }

    #[inline]
    fn literal<const N: usize>(&mut self, at: usize, word: &[u8; N]) -> Result<usize, Stopped> {
        let rest = &self.bytes[at..];
        if rest.starts_with(word) {
            let end = at + N;
            let ends = match self.bytes.get(end) {
                Some(byte) => number::may_follow(*byte),
                None => self.rest == Rest::Nothing,
            };
            return if ends {
                Ok(end)
            } else {
                Err(self.malformed(at))
            };
        }
        if word.starts_with(rest) && self.rest == Rest::Nothing {
            return Err(self.cut(self.bytes.len()));
        }
        Err(self.malformed(at))
    }
}
