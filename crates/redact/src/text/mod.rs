//! The one scanner of text: pairs, URLs, connection strings, commands, markup.
//!
//! A text has no grammar, so this is best effort. Each `:`, `=` or `<` is visited once, for a name before it or behind
//! it; what is found to be a value is not scanned again, which keeps the work linear.

mod blocks;
mod bytes;
mod codes;
mod header;
mod hide;
mod maps;
mod marks;
mod markup;
mod name;
mod named;
mod options;
mod prose;
mod scanner;
mod tables;
#[cfg(test)]
mod tests;
mod urls;
mod value;
mod wide;
mod wifi;
mod words;

use self::scanner::Scanner;
pub(crate) use self::{
    marks::{assigns_no_secret, encoded_mark},
    options::{
        is_secret_option, is_user_option, last_of_commands, may_be_secret_option, secret_of_user,
    },
    tables::may_begin_table,
    urls::is_login,
    words::has_secret_word,
};
use crate::{
    characters::Characters, finding::Finding, input::Extent, percent::Encoding, rules::Rules,
};

/// What begins or marks one of the notations.
const BEGINNINGS: Characters = Characters::set(b":=<-%(\xef");

/// Appends the values beside secret names in `text`, in which these characters were `seen`: in order, apart from each other.
/// `rules` has the names and the decision. Layers `below` it, in this encoding, are scanned too.
#[inline]
pub(crate) fn scan_text(
    text: &str,
    seen: Characters,
    below: Option<Encoding>,
    extent: Extent,
    rules: &Rules,
    out: &mut Vec<Finding>,
) {
    // What is looked for here begins with what is there, also where the text was truncated.
    let seen = match extent {
        Extent::Whole => seen,
        Extent::Truncated => Characters::of(text, Extent::Whole),
    };
    let is_plain_url = || extent == Extent::Whole && urls::is_plain(text, seen, rules);
    if seen.has_any(BEGINNINGS) && !is_plain_url()
        || has_secret_word(seen)
        || may_have_others(text.as_bytes(), seen)
    {
        let scanner = Scanner::new(text, seen, extent, rules);
        find_in(Scanner { below, ..scanner }, out);
    }
}

/// Whether a text with these characters may have what neither begins with a mark nor stands behind a secret word.
#[inline]
fn may_have_others(text: &[u8], seen: Characters) -> bool {
    named::may_have_headers(seen)
        || tables::may_be_table(text, seen)
        || tables::may_have_statements(seen)
        || codes::may_have_codes(seen)
        || markup::may_be_escaped(seen)
        || urls::may_have_requests(seen)
}

#[inline(never)]
fn find_in(scanner: Scanner<'_>, out: &mut Vec<Finding>) {
    scanner.find(out);
}
