//! Bodies in which repeats what is looked for in texts, or begins like it.

use super::measure::{Body, JSON};

const FORM: &str = "application/x-www-form-urlencoded";
const TEXT: &str = "text/plain";

/// What repeats.
const UNITS: &[&str] = &[
    // Numbers, which may be of cards and accounts.
    "000 ",
    "0000 0000 0000 0000 ",
    "000000000000000000 ",
    "4111 1111 1111 1112 ",
    "0000000000000:",
    "DE89 3704 ",
    // Runs of what tokens consist of.
    "A",
    "sk_live_",
    "eyJ.",
    "6dcb09b5b57875f334f61aebed695e2e4193db5e ",
    // Names and marks, but for the dearest, which `docs/benchmarks.md` names.
    "=",
    "pin=1 ",
    "name: a, value: b ",
    "a b c d e: ",
    "größe: 1 ",
    // Lines.
    "pin: a\n",
    "a b\n",
    // Markup, options, quotes and brackets.
    "<a>",
    "<password>x</password>",
    "<add key=\"pin\" value=\"x\"/>",
    " -u a:",
    " --pin x",
    "\"pin\": \"x\", ",
    "('pin', 'x') ",
    "[0 ",
    // Pairs of a few bytes, encoded or not.
    "a=&",
    "+=1&",
    "%20=1&",
    "n:",
    "pn:",
    // Brackets before quotes.
    "(\"",
    "[\"",
    // Escapes and addresses.
    "%2525",
    "http://a.b/c?d=e ",
    "://a@",
    "a@b.",
    "-----BEGIN ",
];

/// Bodies of about this size: strings of JSON, values of forms, and texts.
pub(crate) fn bodies(size: usize) -> Vec<Body> {
    let of_unit = |unit: &&str| {
        let text = unit.repeat(size / unit.len());
        let what = format!("{unit:?}");
        let string = serde_json::json!([text]).to_string();
        [(JSON, string), (FORM, text.clone()), (TEXT, text)].map(|(media_type, content)| Body {
            what: what.clone(),
            media_type,
            coding: "identity",
            content: content.into_bytes(),
        })
    };
    UNITS.iter().flat_map(of_unit).collect()
}
