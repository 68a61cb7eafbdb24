//! Paths of requests and of URLs.

use std::{borrow::Cow, cell::Cell, ops::Range};

use memchr::{memchr, memchr2, memrchr};

use self::route::{route_values, RouteValues};
use crate::{
    decision::{decide, is_plain, Decision, Value},
    encoded::{scan_decoded, scan_encoded},
    finding::{in_order, Finding, Rule},
    input::{Extent, Route},
    mask::MASK,
    masker::Masker,
    names::Secrecy,
    pairs::find_pairs,
    percent::{percent_decoded, Encoding},
    redacted::Report,
    rules::Rules,
    scan::scan,
};

mod route;

/// Redacts the path of a request, as the client sent it.
pub(crate) fn redact_path<'p>(
    path: &'p str,
    extent: Extent,
    route: Route<'_>,
    rules: &Rules,
    report: &mut Report,
) -> Cow<'p, str> {
    let mut found = Vec::new();
    let truncated = extent == Extent::Truncated;
    let values = match secret_values(path, truncated, route, rules) {
        RouteValues::Anywhere => {
            report.note(Rule::Name, String::new);
            return Cow::Owned(format!("/{MASK}"));
        }
        RouteValues::At(ranges) => ranges,
    };
    found.extend(values.iter().cloned().map(|range| Finding {
        range,
        rule: Rule::Name,
    }));
    if truncated {
        let start = memrchr(b'/', path.as_bytes()).map_or(0, |slash| slash + 1);
        found.push(Finding {
            range: start..path.len(),
            rule: Rule::Truncated,
        });
    }
    find(path, 0, rules, &mut found);
    in_order(&mut found);
    let mut masker = Masker::new(path);
    for finding in found {
        let is_whole = values.contains(&finding.range) || is_segment(path, &finding.range);
        if is_whole && finding.rule != Rule::Truncated {
            let value = percent_decoded(&path[finding.range.clone()]);
            masker.mask_value(finding, &value, rules, report);
        } else {
            masker.mask(finding.range, finding.rule, report);
        }
    }
    masker.finish()
}

fn is_segment(path: &str, range: &Range<usize>) -> bool {
    let ends = range.end == path.len() || path[range.end..].starts_with('/');
    path[..range.start].ends_with('/') && ends
}

/// Finds the values of route parameters with secret names. A value under a name such as `key` is one if it looks random.
fn secret_values(path: &str, truncated: bool, route: Route<'_>, rules: &Rules) -> RouteValues {
    let (pattern, must_match) = match route {
        Route::Unknown => return RouteValues::At(Vec::new()),
        Route::Nothing => return RouteValues::Anywhere,
        Route::Pattern(pattern) => (pattern, false),
        Route::PatternOrNothing(pattern) => (pattern, true),
    };
    let faint = Cell::new(None);
    let is_secret = |name: &str| {
        let class = rules.names.class(name);
        if class.secrecy == Secrecy::Faint {
            faint.set(Some(class));
        }
        class.secrecy > Secrecy::Faint
    };
    let mut values = route_values(path, truncated, pattern, must_match, is_secret);
    if let (Some(class), RouteValues::At(ranges)) = (faint.get(), &mut values) {
        let is_faint = |name: &str| rules.names.class(name).secrecy == Secrecy::Faint;
        if let RouteValues::At(faint) = route_values(path, truncated, pattern, false, is_faint) {
            ranges.extend(faint.into_iter().filter(|range| {
                let value = percent_decoded(&path[range.clone()]);
                matches!(decide(class, Value::Text(&value)), Decision::Mask(_))
            }));
        }
    }
    values
}

/// Appends what is secret in `text`, which ends with a path that begins at `start`: token families, pairs, and the
/// parameters of segments, as in `/cart;jsessionid=1/items`.
pub(crate) fn find(text: &str, start: usize, rules: &Rules, out: &mut Vec<Finding>) {
    /// Maximum number of percent-encoded segments. All after them is hidden: only a path that was made to take long has
    /// more.
    const MOST_DECODED: usize = 128;
    find_in_segments(text, start, rules, out);
    find_in_links(text, start, out);
    let bytes = text.as_bytes();
    // Decoded by itself, a segment ends where it ends: what looks like a token may go on after a `/`.
    let (mut segment, mut decoded) = (0, 0);
    while memchr2(b'%', b'+', &bytes[segment..]).is_some() {
        if decoded == MOST_DECODED {
            out.push(Finding {
                range: segment..text.len(),
                rule: Rule::Text,
            });
            break;
        }
        let end = memchr(b'/', &bytes[segment..]).map_or(text.len(), |length| segment + length);
        let mut found = Vec::new();
        let own = &text[segment..end];
        if own.len() == text.len() {
            // As it is written, it was read above.
            scan_decoded(own, Encoding::Form, Extent::Whole, rules, &mut found);
        } else if memchr2(b'%', b'+', own.as_bytes()).is_some() {
            scan_encoded(own, Encoding::Form, Extent::Whole, rules, &mut found);
            decoded += 1;
        }
        out.extend(found.into_iter().map(|mut finding| {
            finding.range.start += segment;
            finding.range.end += segment;
            finding
        }));
        segment = text.len().min(end + 1);
    }
    let mut at = start;
    while let Some(length) = memchr(b';', &bytes[at..]) {
        let parameters = at + length + 1;
        let end =
            memchr(b'/', &bytes[parameters..]).map_or(text.len(), |length| parameters + length);
        find_pairs(
            text,
            parameters..end,
            b';',
            Extent::Whole,
            rules,
            |hidden| {
                out.push(hidden.finding());
            },
        );
        at = end;
    }
}

/// Appends what is behind a segment that is of links for one use.
fn find_in_links(text: &str, start: usize, out: &mut Vec<Finding>) {
    out.extend(secrets_of_links(&text[start..]).map(|range| Finding {
        range: start + range.start..start + range.end,
        rule: Rule::Structure,
    }));
}

/// What is behind a segment of `path` that is of links for one use: `/reset-password/q7Kd92..`.
pub(crate) fn secrets_of_links(path: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    /// Such a token is no shorter.
    const SHORTEST: usize = 16;
    /// No id of a user that stands between is longer.
    const LONGEST_ID: usize = 12;
    let (mut next, mut before, mut two_before) = (0, "", "");
    path.split('/').filter_map(move |segment| {
        // Most are short.
        let is_behind_link =
            || is_link(before) || before.len() <= LONGEST_ID && is_link(two_before);
        let is_secret = segment.len() >= SHORTEST && is_behind_link() && !is_plain(segment);
        let range = next..next + segment.len();
        (two_before, before) = (before, segment);
        next = range.end + 1;
        is_secret.then_some(range)
    })
}

/// Whether addresses with this segment are sent by mail, with a secret behind it that lets in whoever has it.
fn is_link(segment: &str) -> bool {
    const LONGEST: usize = 20;
    let is_of_word = |byte: &u8| !matches!(byte, b'-' | b'_');
    let mut word = [0; LONGEST];
    let mut length = 0;
    for byte in segment.bytes().filter(is_of_word) {
        let Some(place) = word.get_mut(length) else {
            return false;
        };
        *place = byte.to_ascii_lowercase();
        length += 1;
    }
    matches!(
        &word[..length],
        b"reset"
            | b"resetpassword"
            | b"passwordreset"
            | b"forgotpassword"
            | b"setpassword"
            | b"newpassword"
            | b"changepassword"
            | b"verifyemail"
            | b"emailverification"
            | b"confirmemail"
            | b"magic"
            | b"magiclink"
            | b"activate"
            | b"invite"
            | b"invitation"
            | b"acceptinvite"
            | b"acceptinvitation"
            | b"unsubscribe"
    )
}

/// Appends what is secret in `text`; a token or a value in its path ends with its segment.
fn find_in_segments(text: &str, start: usize, rules: &Rules, out: &mut Vec<Finding>) {
    /// Maximum number of tokens. All after them is hidden with the last one, as it is read again for each.
    const MOST_TOKENS: usize = 8;
    let mut from = 0;
    for tokens in 0.. {
        let mut found = Vec::new();
        scan(&text[from..], Extent::Whole, rules, &mut found);
        for finding in &mut found {
            finding.range = from + finding.range.start..from + finding.range.end;
        }
        let ends = found.iter().enumerate().find_map(|(at, finding)| {
            let is_in_path = finding.range.start >= start && tokens < MOST_TOKENS;
            let end = is_in_path.then(|| segment_end(text, finding))??;
            Some((at, end))
        });
        let Some((at, end)) = ends else {
            out.append(&mut found);
            return;
        };
        found.truncate(at + 1);
        found[at].range.end = end;
        out.append(&mut found);
        from = end;
    }
}

/// Where a token or a value in a path ends before the finding does: with its segment, if a plain one follows. One that is
/// not plain belongs to it, as base64 may have a `/`.
fn segment_end(text: &str, finding: &Finding) -> Option<usize> {
    if !matches!(finding.rule, Rule::Text | Rule::Family("bearer" | "basic")) {
        return None;
    }
    let hidden = &text[finding.range.clone()];
    let is_plain_behind = |slash: &usize| {
        let behind = &hidden[slash + 1..];
        is_plain(behind.split('/').next().unwrap_or_default())
    };
    let mut segments = memchr::memchr_iter(b'/', hidden.as_bytes());
    let end = segments.find(is_plain_behind)?;
    Some(finding.range.start + end)
}

#[cfg(test)]
mod tests {
    use crate::{Extent, Redactor, Route};

    #[track_caller]
    fn check(path: &str, extent: Extent, route: Route<'_>, expected: &str) {
        let shown = Redactor::default().path(path, extent, route);
        assert_eq!(shown.text, expected, "{path} of {route:?}");
    }

    #[test]
    fn hides_what_is_behind_more_encoded_segments_than_paths_have() {
        let path = "/a%20b".repeat(128);
        check(&path, Extent::Whole, Route::Unknown, &path);
        check(
            &format!("{path}/c"),
            Extent::Whole,
            Route::Unknown,
            &format!("{path}/c"),
        );
        check(
            &format!("{path}/c%20d/e"),
            Extent::Whole,
            Route::Unknown,
            &format!("{path}/***"),
        );
    }

    #[test]
    fn hides_the_secret_of_a_link_for_one_use() {
        for (path, expected) in [
            (
                "/reset-password/q7Kd92mXw4tBzR5v/now",
                "/reset-password/***/now",
            ),
            (
                "/auth/Magic_Link/q7Kd92mXw4tBzR5v?a",
                "/auth/Magic_Link/***",
            ),
            (
                "/invite/01a22232-7362-7594-ad33-f9ad47f7f0c2",
                "/invite/***",
            ),
            (
                "/unsubscribe/monthly-newsletter",
                "/unsubscribe/monthly-newsletter",
            ),
            ("/activate/42", "/activate/42"),
            (
                "/invites/01a22232-7362-7594-ad33-f9ad47f7f0c2",
                "/invites/01a22232-7362-7594-ad33-f9ad47f7f0c2",
            ),
            (
                "/q7Kd92mXw4tBzR5v/reset-password",
                "/q7Kd92mXw4tBzR5v/reset-password",
            ),
        ] {
            check(path, Extent::Whole, Route::Unknown, expected);
        }
    }

    #[test]
    fn masks_the_values_of_secret_route_parameters() {
        let whole = Extent::Whole;
        check(
            "/users/1",
            whole,
            Route::Pattern("/users/{ssn}"),
            "/users/***",
        );
        check(
            "/a/1/2",
            whole,
            Route::Pattern("/a/{id}/{reset_token}"),
            "/a/1/***",
        );
        check("/a/1", whole, Route::Pattern("/a/{id}"), "/a/1");
        check("/b/1", whole, Route::PatternOrNothing("/a/{id}"), "/***");
        check("/a/home", whole, Route::Pattern("/a/{key}"), "/a/home");
        check(
            "/a/q7Kd92mXw4tBzR5v",
            whole,
            Route::Pattern("/a/{key}"),
            "/a/***",
        );
        check("/a/1", whole, Route::Nothing, "/***");
        check("/a/1", whole, Route::Unknown, "/a/1");
    }

    #[test]
    fn masks_what_stands_in_the_path_itself() {
        let whole = Extent::Whole;
        check("/a;sid=1;v=2/b", whole, Route::Unknown, "/a;sid=***;v=2/b");
        check(
            "/pay/4111111111111111/x",
            whole,
            Route::Unknown,
            "/pay/***/x",
        );
        check(
            "/orders/7%3Bpassword=q7K",
            whole,
            Route::Unknown,
            "/orders/7%3Bpassword=***",
        );
        check(
            "/a/Bearer%20q7K/items/home",
            whole,
            Route::Unknown,
            "/a/Bearer%20***/items/home",
        );
        check(
            "/a/Bearer%20q7K/Zx9Kq4bWm2/home",
            whole,
            Route::Unknown,
            "/a/Bearer%20***/home",
        );
        let token = concat!("ghp", "_16C7e42F292c6912E7710c838347Ae178B4a");
        check(
            &format!("/a/Bearer%20q7K/home/{token}/x"),
            whole,
            Route::Unknown,
            "/a/Bearer%20***/home/***/x",
        );
    }

    #[test]
    fn masks_the_last_segment_of_a_truncated_path() {
        check("/a/b/c", Extent::Truncated, Route::Unknown, "/a/b/***");
        check("/a/", Extent::Truncated, Route::Unknown, "/a/***");
        check(
            "/a/12",
            Extent::Truncated,
            Route::Pattern("/a/{ssn}"),
            "/***",
        );
    }
}
