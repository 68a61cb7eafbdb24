//! Paths of requests and of URLs.

use std::{borrow::Cow, cell::Cell, ops::Range};

use memchr::{memchr, memchr2, memrchr};

use self::route::{route_values, RouteValues};
use crate::{
    containers::Route,
    decision::{decide, is_plain, Decision, Value},
    encoded::{scan_decoded, scan_encoded, Encoding},
    finding::{in_order, Finding, Rule},
    mask::MASK,
    masker::Masker,
    names::Secrecy,
    pairs::find_pairs,
    percent::percent_decoded,
    redacted::{Extent, Report},
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
    /// What is behind so many segments that are percent-encoded is hidden: a path has that many only to take long.
    const MOST_DECODED: usize = 128;
    find_in_segments(text, start, rules, out);
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

/// Appends what is secret in `text`; a token or a value in its path ends with its segment.
fn find_in_segments(text: &str, start: usize, rules: &Rules, out: &mut Vec<Finding>) {
    /// What is behind so many tokens is hidden with the last one: it is read anew for each.
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
