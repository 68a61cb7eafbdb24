//! Names, strings, numbers and literals: each is read whole, then shown or masked.

use std::ops::Range;

use super::{
    lexer::{Lexer, Rest, Stopped},
    number, shapes,
    string::{self, Scan},
};

impl Lexer<'_> {
    /// A name and its colon: whether its value is secret.
    #[inline]
    pub(super) fn name(&mut self) -> Result<bool, Stopped> {
        if self.peek()? != b'"' {
            return Err(self.malformed(self.at));
        }
        let start = self.at;
        let (end, escapes) = match string::scan(self.bytes, start + 1) {
            Scan::Closed { end, escapes } => (end, escapes),
            Scan::Open { whole, escapes } if self.rest != Rest::NoText => {
                return Err(self.cut_name(start + 1..whole, escapes))
            }
            _ => return Err(self.malformed(start)),
        };
        let inside = start + 1..end - 1;
        self.at = end;
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            Some(b':') => {}
            None if self.rest == Rest::Nothing => return Err(self.cut_name(inside, escapes)),
            _ => return Err(self.malformed(start)),
        }
        let colon = self.at;
        self.at += 1;
        if self.hidden_at.is_some() {
            return Ok(false);
        }
        let name = string::unescaped(&self.text[inside.clone()], escapes, &mut self.unescaped);
        let secret = self.rules.names.matches(name)
            | self
                .paths
                .as_mut()
                .is_some_and(|paths| paths.enter_member(name));
        self.mask_shapes(inside, escapes, false);
        if self.compact && colon > end {
            self.output.drop(end..colon);
        }
        Ok(secret)
    }

    /// The input ended in a name, whose text is at `inside` as far as it is there, or before its colon.
    #[cold]
    fn cut_name(&mut self, inside: Range<usize>, escapes: string::Escapes) -> Stopped {
        let start = inside.start - 1;
        if self.hidden_at.is_some() {
            return self.cut(start);
        }
        let name = string::unescaped(&self.text[inside.clone()], escapes, &mut self.unescaped);
        if self.paths.is_some() || self.rules.names.could_become_secret(name) {
            return self.cut_secret(start);
        }
        self.mask_shapes(inside.clone(), escapes, true);
        self.cut(inside.end)
    }

    pub(super) fn string(&mut self) -> Result<(), Stopped> {
        let start = self.at + 1;
        if self.bytes.get(start) == Some(&b'"') {
            // It says nothing.
            self.at = start + 1;
            return Ok(());
        }
        match string::scan(self.bytes, start) {
            Scan::Closed { end, escapes } => {
                if self.quotes_secret(start..end - 1, escapes, false) {
                    self.mask(self.at..end);
                } else {
                    self.mask_shapes(start..end - 1, escapes, false);
                }
                self.at = end;
                Ok(())
            }
            Scan::Open { whole, escapes } if self.rest != Rest::NoText => {
                if self.quotes_secret(start..whole, escapes, true) {
                    return Err(self.cut_secret(self.at));
                }
                self.mask_shapes(start..whole, escapes, true);
                Err(self.cut(whole))
            }
            _ => Err(self.malformed(self.at)),
        }
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<(), Stopped> {
        let start = self.at;
        match number::scan(self.bytes, start) {
            number::Scan::Closed { end, long } => {
                if long && self.looks_for_cards() && number::is_card(&self.bytes[start..end]) {
                    self.mask(start..end);
                }
                self.at = end;
                Ok(())
            }
            number::Scan::Open { whole } if self.rest == Rest::Nothing => self.last_number(whole),
            _ => Err(self.malformed(start)),
        }
    }

    /// The number that goes to the end of the input; `whole` says that it can be one.
    #[cold]
    fn last_number(&mut self, whole: bool) -> Result<(), Stopped> {
        let (start, end) = (self.at, self.bytes.len());
        let number = &self.bytes[start..];
        // Nothing but the end of all input ends a number that stands alone.
        if whole && self.nesting.depth() == 0 && !self.truncated {
            if self.looks_for_cards() && number::is_card(number) {
                self.mask(start..end);
            }
            self.at = end;
            return Ok(());
        }
        let hides = self.looks_for_cards() && number::could_become_card(number);
        Err(if hides {
            self.cut_secret(start)
        } else {
            self.cut(end)
        })
    }

    fn looks_for_cards(&self) -> bool {
        self.rules.shapes && self.hidden_at.is_none()
    }

    #[inline]
    pub(super) fn literal<const N: usize>(&mut self, word: &[u8; N]) -> Result<(), Stopped> {
        let rest = &self.bytes[self.at..];
        let end = self.at + N;
        let whole = rest.first_chunk() == Some(word);
        if whole
            && self
                .bytes
                .get(end)
                .is_none_or(|next| number::may_follow(*next))
        {
            self.at = end;
            Ok(())
        } else if word.starts_with(rest) && self.rest == Rest::Nothing {
            Err(self.cut(self.bytes.len()))
        } else {
            Err(self.malformed(self.at))
        }
    }

    /// Whether the string whose text is at `inside` says JSON with a secret in it; `cut` says that its end is missing.
    ///
    /// Each level of such documents doubles the backslashes of the next, so there are but few levels.
    #[inline]
    fn quotes_secret(&mut self, inside: Range<usize>, escapes: string::Escapes, cut: bool) -> bool {
        // Nothing in JSON is secret without a quote, and a quote in a string is escaped.
        escapes != string::Escapes::None && self.quotes_json_with_secret(inside, cut)
    }

    #[inline(never)]
    fn quotes_json_with_secret(&mut self, inside: Range<usize>, cut: bool) -> bool {
        let raw = &self.text[inside];
        self.hidden_at.is_none() && string::may_say_json(raw) && {
            let said = string::decoded(raw, &mut self.unescaped);
            super::holds_secret(said, cut, self.rules)
        }
    }

    /// Masks the shapes in the string whose text is at `inside`; `cut` says that its end is missing.
    #[inline]
    fn mask_shapes(&mut self, inside: Range<usize>, escapes: string::Escapes, cut: bool) {
        if self.hidden_at.is_some() {
            return;
        }
        // Letters and digits show themselves in the raw text, unless they are escaped.
        let letters = cut || escapes == string::Escapes::Ascii || self.anchors.any_in(&inside);
        let may_hold = letters || shapes::may_hold_card(self.bytes, &inside);
        if may_hold && self.rules.shapes {
            self.mask_found(inside, escapes, |said| {
                if letters {
                    shapes::find(said, cut)
                } else {
                    shapes::find_cards(said)
                }
            });
        }
    }

    #[inline(never)]
    fn mask_found(
        &mut self,
        inside: Range<usize>,
        escapes: string::Escapes,
        find: impl Fn(&str) -> Vec<Range<usize>>,
    ) {
        let raw = &self.text[inside.clone()];
        let found = find(string::unescaped(raw, escapes, &mut self.unescaped));
        let mut positions = string::RawPositions::new(raw, escapes);
        for range in found {
            self.output
                .show_up_to(inside.start + positions.raw_of(range.start));
            self.output.insert_mask();
            self.output
                .resume_at(inside.start + positions.raw_of(range.end));
        }
    }
}
