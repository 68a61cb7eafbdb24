//! The one decision, for all formats: what a name says and what a value is, to show, mask, or scan.

use crate::{
    finding::Rule,
    names::{NameClass, Secrecy},
};

/// A value under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'v> {
    /// A string, decoded.
    Text(&'v str),
    Number,
    Bool,
    Null,
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// All of it is shown.
    Show,
    /// All of it is masked.
    Mask(Rule),
    /// It is shown but for what [`scan`](crate::scan::scan) finds in it.
    Scan,
}

/// Decides on a value under a name.
pub(crate) fn decide(class: NameClass, value: Value<'_>) -> Decision {
    let rule = match class.secrecy {
        Secrecy::Field => return Decision::Mask(Rule::Field),
        Secrecy::Harmless => None,
        _ => Some(Rule::Name),
    };
    match (value, rule) {
        (Value::Text(""), _) | (Value::Bool | Value::Null, _) => Decision::Show,
        (Value::Text(_), Some(rule)) => Decision::Mask(rule),
        (Value::Number, Some(rule)) if !class.numbers_usual => Decision::Mask(rule),
        _ => Decision::Scan,
    }
}
