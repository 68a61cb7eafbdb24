//! Marks that are as wide as the characters around them, in texts of East Asian languages: `密码：q7K`.

use memchr::memmem;

use super::{
    bytes::skip,
    name,
    scanner::Scanner,
    value::{self, Style},
};
use crate::characters::Characters;

const MARKS: [&str; 2] = ["\u{ff1a}", "\u{ff1d}"];

/// Whether such a mark may be in a text with these characters.
#[inline]
pub(super) fn may_have_marks(seen: Characters) -> bool {
    const FIRST: Characters = Characters::set(b"\xef");
    seen.has_any(FIRST)
}

/// Hides the values behind such marks, which are of ASCII: what follows in the text's own script is a sentence.
#[inline(never)]
pub(super) fn find(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    for own in MARKS {
        let mut from = 0;
        for mark in memmem::find_iter(bytes, own) {
            let name = name::before(scanner.text, from, mark);
            from = mark + own.len();
            let Some(name) = name else {
                continue;
            };
            let (begins_line, name) = (name.line.is_some(), &scanner.text[name.range]);
            let class = scanner.class_of(name);
            if !class.is_secret() {
                continue;
            }
            let start = skip(bytes, from, |b| b == b' ');
            let (value, style) = match value::quoted_start(bytes, start) {
                Some(inner) => (inner..value::quoted_end(bytes, inner), Style::Quoted),
                None => {
                    let end = skip(bytes, start, |b| b.is_ascii_graphic());
                    // A sentence is in one script, and does not begin with a pair: what stands here is a value.
                    let is_alone = begins_line || !name.is_ascii();
                    let style = if is_alone {
                        Style::Separated
                    } else {
                        Style::Token
                    };
                    (start..end, style)
                }
            };
            scanner.hide_if(class, value, style);
        }
    }
}
