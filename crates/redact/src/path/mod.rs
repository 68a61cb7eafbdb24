//! Paths of requests and of URLs.

use std::borrow::Cow;

use memchr::{memchr, memrchr};

use self::route::{route_values, RouteValues};
use crate::{
    containers::Route,
    encoded::{scan_encoded, Encoding},
    finding::{in_order, Finding, Rule},
    mask::MASK,
    masker::Masker,
    pairs::find_pairs,
    redacted::{Extent, Report},
    rules::Rules,
};

mod route;

/// Redacts the path of a request, as the client sent it.
///
pub(crate) fn redact_path<'p>(
    path: &'p str,
    extent: Extent,
    route: Route<'_>,
    rules: &Rules,
    report: &mut Report,
) -> Cow<'p, str> {
    let mut found = Vec::new();
    let truncated = extent == Extent::Truncated;
    let is_secret = |name: &str| rules.names.class(name).is_secret();
    let values = match route {
        Route::Unknown => RouteValues::At(Vec::new()),
        Route::Pattern(route) => route_values(path, truncated, route, false, is_secret),
        Route::PatternOrNothing(route) => route_values(path, truncated, route, true, is_secret),
        Route::Nothing => RouteValues::Anywhere,
    };
    match values {
        RouteValues::Anywhere => {
            report.note(Rule::Name, String::new);
            return Cow::Owned(format!("/{MASK}"));
        }
        RouteValues::At(ranges) => found.extend(ranges.into_iter().map(|range| Finding {
            range,
            rule: Rule::Name,
        })),
    }
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
    masker.mask_all(&found, report);
    masker.finish()
}

/// Appends what is secret in `text`, which ends with a path that begins at `start`: token families, pairs, and the
/// parameters of segments, as in `/cart;jsessionid=1/items`.
pub(crate) fn find(text: &str, start: usize, rules: &Rules, out: &mut Vec<Finding>) {
    scan_encoded(text, Encoding::Form, Extent::Whole, rules, out);
    let bytes = text.as_bytes();
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
