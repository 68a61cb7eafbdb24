//! URLs and hosts: their users, paths, queries and fragments.

use std::{borrow::Cow, ops::Range};

use memchr::{memchr, memchr2, memmem, memrchr};

use crate::{
    characters::Characters,
    clean,
    finding::{in_order, Finding, Rule},
    input::Extent,
    masker::Masker,
    pairs::{mask_pairs, readable},
    path,
    redacted::Report,
    rules::Rules,
    scan::scan,
    text::is_login,
};

/// Redacts a URL, absolute or relative.
///
/// Behind a byte in its query or fragment that is none of theirs, all is withheld.
pub(crate) fn redact_url<'u>(url: &'u str, rules: &Rules, report: &mut Report) -> Cow<'u, str> {
    let base = memchr2(b'?', b'#', url.as_bytes()).unwrap_or(url.len());
    let (behind, whole) = readable(&url[base..]);
    let url = &url[..base + behind.len()];
    let fragment = memchr(b'#', url.as_bytes()).unwrap_or(url.len());
    let extent = |ends: bool| match whole || !ends {
        true => Extent::Whole,
        false => Extent::Truncated,
    };

    let mut masker = Masker::new(url);
    mask_base(&mut masker, base, rules, report);
    if base < fragment {
        let extent = extent(fragment == url.len());
        mask_pairs(&mut masker, base + 1..fragment, extent, rules, report);
    }
    if fragment < url.len() {
        mask_pairs(
            &mut masker,
            fragment + 1..url.len(),
            extent(true),
            rules,
            report,
        );
    }
    masker.finish()
}

/// Redacts a host, which may have a user before it.
pub(crate) fn redact_host<'h>(host: &'h str, rules: &Rules, report: &mut Report) -> Cow<'h, str> {
    if clean::is_known(host, rules) {
        return Cow::Borrowed(host);
    }
    let mut found = Vec::new();
    if is_plain_host(host) {
        // No pair is in it, and most hosts have nothing else.
        let seen = Characters::of(host, Extent::Whole);
        rules.families.scan(host, seen, Extent::Whole, &mut found);
    } else {
        scan(host, Extent::Whole, rules, &mut found);
    }
    found.extend(memrchr(b'@', host.as_bytes()).and_then(|at| user(0..at)));
    if found.is_empty() {
        clean::keep(host, rules);
    }
    in_order(&mut found);
    let mut masker = Masker::new(host);
    masker.mask_all(&found, report);
    masker.finish()
}

/// Whether this is the name or the address of a host, and its port.
fn is_plain_host(host: &str) -> bool {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    port.len() <= 5
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && name.bytes().all(is_of_name)
        && !name.starts_with('-')
}

/// Masks what is secret before a URL's query, which is at `end`.
fn mask_base(masker: &mut Masker<'_>, end: usize, rules: &Rules, report: &mut Report) {
    let base = &masker.text()[..end];
    let mut found = Vec::new();
    let mut path_start = 0;
    if let Some(slashes) = memmem::find(base.as_bytes(), b"//") {
        let start = slashes + 2;
        let authority = &base.as_bytes()[start..];
        // A backslash is a slash for browsers.
        let length = memchr2(b'/', b'\\', authority).unwrap_or(authority.len());
        // The last `@` ends the user, whatever else is in it.
        let user_end = memrchr(b'@', &authority[..length])
            .filter(|at| !is_login(&base[..slashes], &authority[..*at]));
        found.extend(user_end.and_then(|at| user(start..start + at)));
        path_start = start + length;
    }
    path::find(base, path_start, rules, &mut found);
    in_order(&mut found);
    masker.mask_all(&found, report);
}

fn user(range: Range<usize>) -> Option<Finding> {
    (!range.is_empty()).then_some(Finding {
        range,
        rule: Rule::Structure,
    })
}

#[cfg(test)]
mod tests;
