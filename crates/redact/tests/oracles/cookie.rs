//! Cookies: names and known attributes are shown, all values are secret.

use body_logger_redact::Format;

use super::{check_any, check_planted, Choices};

const COOKIE: Format<'_> = Format::Cookie;
const SET_COOKIE: Format<'_> = Format::Header("set-cookie");

const PAIRS: &[&str] = &[
    "a=Q",
    "a=\"Q\"",
    "a=\"Q;Q\"",
    "a=Q=Q",
    "a=Q,Q",
    "a=\"Q\\\"; Q\"",
    "__Host-b=Q Q",
    "theme=Q%20Q",
    "Q",
    "a = Q",
];
const SEPARATORS: &[&str] = &["; ", ";", ";  ", ";;", ",", "\t;"];
const ATTRIBUTES: &[&str] = &[
    "; Path=/",
    "; HttpOnly",
    "; Foo=Q",
    "; Q",
    ";Max-Age=5",
    "; Domain=a.example",
];

pub fn check(input: &[u8]) {
    for format in [COOKIE, SET_COOKIE] {
        check_any(format, input);
    }
    let mut choices = Choices::new(input);
    let mut cookie = choices.written(PAIRS);
    choices.some(4, |choices| {
        cookie += choices.of(SEPARATORS);
        cookie += &choices.written(PAIRS);
    });
    check_planted(COOKIE, &cookie);
    check_planted(SET_COOKIE, &cookie);
    let mut set = choices.written(PAIRS);
    choices.some(4, |choices| set += &choices.written(ATTRIBUTES));
    check_planted(SET_COOKIE, &set);
}
