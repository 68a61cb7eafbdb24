//! Names, strings, numbers and literals: each is read whole, then shown or masked.

use std::ops::Range;

use super::{
    lexer::{Lexer, Rest, Stopped},
    number, shapes,
    string::{self, Scan},
    values::white_space_end,
};
use crate::scan;

impl Lexer<'_> {
    /// A name and its colon, and whether its value is secret.
    #[inline]
    pub(super) fn name(&mut self, start: usize, first: u8) -> Result<(usize, bool), Stopped> {
        if first != b'"' {
            return Err(self.unexpected(start));
        }
        // Most are like this.
        if let Some((name, b':')) = string::short(self.bytes, start + 1) {
            let colon = start + 1 + name.len() + 1;
            let short = name.len() < *shapes::CARD_DIGITS.start();
            if short && !self.hidden && self.paths.is_none() && !self.anchors.any_before(colon) {
                return Ok((colon + 1, self.rules.names.matches_bytes(name)));
            }
        }
        self.any_name(start)
    }

    #[inline(never)]
    fn any_name(&mut self, start: usize) -> Result<(usize, bool), Stopped> {
        let (end, escapes) = match string::scan(self.bytes, start + 1) {
            Scan::Closed { end, escapes } => (end, escapes),
            Scan::Open { whole, escapes } if self.rest != Rest::NoText => {
                return Err(self.cut_name(start + 1..whole, escapes))
            }
            _ => return Err(self.malformed(start)),
        };
        let inside = start + 1..end - 1;
        let colon = white_space_end(self.bytes, end);
        match self.bytes.get(colon) {
            Some(b':') => {}
            None if self.rest == Rest::Nothing => return Err(self.cut_name(inside, escapes)),
            _ => return Err(self.malformed(start)),
        }
        if self.hidden {
            return Ok((colon + 1, false));
        }
        let secret = self.leads_to_secret(inside.clone(), escapes);
        self.mask_shapes(inside, escapes, false);
        if self.compact && colon > end {
            self.output.drop(end..colon);
        }
        Ok((colon + 1, secret))
    }

    /// Whether the value is secret of the name whose text is at `inside`.
    fn leads_to_secret(&mut self, inside: Range<usize>, escapes: string::Escapes) -> bool {
        let name = string::unescaped(&self.text[inside], escapes, &mut self.unescaped);
        let named = self.rules.names.matches(name);
        let paths = self.paths.as_mut();
        named | paths.is_some_and(|paths| paths.enter_member(name))
    }

    /// The input ended in a name, whose text is at `inside` as far as it is there, or before its colon.
    #[cold]
    fn cut_name(&mut self, inside: Range<usize>, escapes: string::Escapes) -> Stopped {
        let start = inside.start - 1;
        if self.hidden {
            return self.cut(start);
        }
        let name = string::unescaped(&self.text[inside.clone()], escapes, &mut self.unescaped);
        if self.paths.is_some() || self.rules.names.could_become_secret(name) {
            return self.cut_secret(start);
        }
        self.mask_shapes(inside.clone(), escapes, true);
        self.cut(inside.end)
    }

    #[inline(always)]
    pub(super) fn string(&mut self, start: usize) -> Result<usize, Stopped> {
        if let Some(end) = string::plain_end(self.bytes, start + 1) {
            let letters = self.anchors.any_before(end);
            if !letters && !shapes::may_hold_card(self.bytes, &(start + 1..end - 1)) {
                return Ok(end);
            }
        }
        self.any_string(start)
    }

    #[inline(never)]
    fn any_string(&mut self, start: usize) -> Result<usize, Stopped> {
        match string::scan(self.bytes, start + 1) {
            Scan::Closed { end, escapes } => {
                if self.quotes_secret(start + 1..end - 1, escapes, false) {
                    self.mask(start..end);
                } else {
                    self.mask_shapes(start + 1..end - 1, escapes, false);
                }
                Ok(end)
            }
            Scan::Open { whole, escapes } if self.rest != Rest::NoText => {
                Err(self.cut_string(start + 1..whole, escapes))
            }
            _ => Err(self.malformed(start)),
        }
    }

    #[cold]
    fn cut_string(&mut self, inside: Range<usize>, escapes: string::Escapes) -> Stopped {
        if self.quotes_secret(inside.clone(), escapes, true) {
            return self.cut_secret(inside.start - 1);
        }
        self.mask_shapes(inside.clone(), escapes, true);
        self.cut(inside.end)
    }

    #[inline(always)]
    pub(super) fn number(&mut self, at: usize) -> Result<usize, Stopped> {
        if let Some(end) = number::short_end(self.bytes, at) {
            return Ok(end);
        }
        self.any_number(at)
    }

    #[inline(never)]
    fn any_number(&mut self, at: usize) -> Result<usize, Stopped> {
        match number::scan(self.bytes, at) {
            number::Scan::Closed { end, long } => {
                if long && self.looks_for_cards() && number::is_card(&self.bytes[at..end]) {
                    self.mask(at..end);
                }
                Ok(end)
            }
            number::Scan::Open { whole } if self.rest == Rest::Nothing => {
                self.last_number(at, whole)
            }
            _ => Err(self.malformed(at)),
        }
    }

    /// The number that goes to the end of the input; `whole` says that it can be one.
    #[cold]
    fn last_number(&mut self, start: usize, whole: bool) -> Result<usize, Stopped> {
        let end = self.bytes.len();
        let number = &self.bytes[start..];
        // Nothing but the end of all input ends a number that stands alone.
        if whole && self.nesting.depth() == 0 && !self.truncated {
            if self.looks_for_cards() && number::is_card(number) {
                self.mask(start..end);
            }
            return Ok(end);
        }
        let hides = self.looks_for_cards() && number::could_become_card(number);
        Err(if hides {
            self.cut_secret(start)
        } else {
            self.cut(end)
        })
    }

    fn looks_for_cards(&self) -> bool {
        self.rules.shapes && !self.hidden
    }

    #[inline]
    pub(super) fn literal<const N: usize>(
        &mut self,
        at: usize,
        word: &[u8; N],
    ) -> Result<usize, Stopped> {
        let rest = &self.bytes[at..];
        let whole = rest.first_chunk() == Some(word);
        if whole && rest.get(N).is_none_or(|next| number::may_follow(*next)) {
            Ok(at + N)
        } else if word.starts_with(rest) && self.rest == Rest::Nothing {
            Err(self.cut(self.bytes.len()))
        } else {
            Err(self.malformed(at))
        }
    }

    /// Whether the string whose text is at `inside` says JSON with a secret in it; `cut` says that its end is missing.
    ///
    /// Each level of such documents doubles the backslashes of the next, so there are but few levels.
    #[inline]
    fn quotes_secret(&mut self, inside: Range<usize>, escapes: string::Escapes, cut: bool) -> bool {
        // Nothing in JSON is secret without a quote, and a quote in a string is escaped.
        escapes != string::Escapes::None
            && !self.hidden
            && string::may_say_json(&self.bytes[inside.clone()])
            && self.says_secret(inside, escapes, cut)
    }

    #[inline(never)]
    fn says_secret(&mut self, inside: Range<usize>, escapes: string::Escapes, cut: bool) -> bool {
        let letters = self.has_letters(&inside, escapes);
        let raw = &self.text[inside];
        // Without these there is no name, no number and no shape in it, unless they are escaped.
        let telling = |b: u8| (b.wrapping_sub(b'-') <= b'=' - b'-') | (b == b'{');
        let may_hold = letters || self.paths.is_some() || scan::any(raw.as_bytes(), telling);
        may_hold && {
            let said = string::decoded(raw, &mut self.unescaped);
            super::holds_secret_within(said, cut, letters, self.rules)
        }
    }

    /// Masks the shapes in the string whose text is at `inside`; `cut` says that its end is missing.
    #[inline]
    fn mask_shapes(&mut self, inside: Range<usize>, escapes: string::Escapes, cut: bool) {
        if self.hidden || !self.rules.shapes {
            return;
        }
        let letters = cut || self.has_letters(&inside, escapes);
        if letters || shapes::may_hold_card(self.bytes, &inside) {
            self.mask_found(inside, escapes, letters, cut);
        }
    }

    /// Whether there may be letters of shapes in the string whose text is at `inside`: they show themselves in the raw text,
    /// as digits do, unless they are escaped.
    fn has_letters(&mut self, inside: &Range<usize>, escapes: string::Escapes) -> bool {
        escapes == string::Escapes::Ascii || self.anchors.any_in(inside)
    }

    #[inline(never)]
    fn mask_found(
        &mut self,
        inside: Range<usize>,
        escapes: string::Escapes,
        letters: bool,
        cut: bool,
    ) {
        let raw = &self.text[inside.clone()];
        let said = string::unescaped(raw, escapes, &mut self.unescaped);
        self.found.clear();
        if letters {
            shapes::find_into(said, cut, &mut self.found);
        } else {
            shapes::find_cards_into(said, &mut self.found);
        }
        let mut positions = string::RawPositions::new(raw, escapes);
        for range in &self.found {
            self.output
                .show_up_to(inside.start + positions.raw_of(range.start));
            self.output.insert_mask();
            self.output
                .resume_at(inside.start + positions.raw_of(range.end));
        }
    }
}
