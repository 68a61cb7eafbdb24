//! One value under a name, of no format: an attribute, an environment variable, a part of a form.

use std::borrow::Cow;

use crate::{
    decision::{decide, Decision, Value},
    input::Extent,
    masker::Masker,
    names::NameClass,
    redacted::Report,
    rules::Rules,
    scan::scan,
};

/// Redacts a text under a name.
pub(crate) fn redact_field<'v>(
    name: &str,
    value: &'v str,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Cow<'v, str> {
    redact_value(
        rules.names.class(name),
        value,
        extent,
        rules,
        report,
        || name.to_owned(),
    )
}

/// Redacts a text under a name of this class.
pub(crate) fn redact_value<'v>(
    class: NameClass,
    value: &'v str,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
    place: impl FnOnce() -> String,
) -> Cow<'v, str> {
    match decide(class, Value::Text(value)) {
        Decision::Show => Cow::Borrowed(value),
        Decision::Mask(rule) => {
            report.note(rule, place);
            match extent {
                Extent::Whole => rules.mask.of(value),
                Extent::Truncated => Cow::Borrowed(crate::mask::MASK),
            }
        }
        Decision::Scan => redact_whole(value, extent, rules, report),
    }
}

/// Redacts a text that is a value as a whole: of one that is all secret, it shows the mask of the value.
pub(crate) fn redact_whole<'t>(
    text: &'t str,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Cow<'t, str> {
    let mut found = Vec::new();
    scan(text, extent, rules, &mut found);
    let mut masker = Masker::new(text);
    match &found[..] {
        [all] if all.range == (0..text.len()) && extent == Extent::Whole => {
            masker.mask_value(all.clone(), text, rules, report);
        }
        _ => masker.mask_all(&found, report),
    }
    masker.finish()
}

/// Redacts a text that has no name, such as a name itself.
pub(crate) fn redact_unnamed<'t>(
    text: &'t str,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Cow<'t, str> {
    let mut found = Vec::new();
    scan(text, extent, rules, &mut found);
    let mut masker = Masker::new(text);
    masker.mask_all(&found, report);
    masker.finish()
}
