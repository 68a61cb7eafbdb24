//! The one decision, for all formats: what a name says and what a value is, to show, mask, or scan.

use crate::{
    finding::Rule,
    names::{Below, NameClass, Secrecy},
};

/// A value under a name. Booleans and null are always shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'v> {
    /// A string, decoded.
    Text(&'v str),
    Number,
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
#[inline]
pub(crate) fn decide(class: NameClass, value: Value<'_>) -> Decision {
    match class.secrecy {
        Secrecy::Harmless => unnamed(value),
        _ => decide_secret(class, value),
    }
}

fn decide_secret(class: NameClass, value: Value<'_>) -> Decision {
    let rule = match class.secrecy {
        Secrecy::Field => return Decision::Mask(Rule::Field),
        Secrecy::Personal => Rule::PersonalData,
        _ => Rule::Name,
    };
    match value {
        Value::Text("") => Decision::Show,
        Value::Number if class.numbers_usual => Decision::Scan,
        Value::Number => Decision::Mask(rule),
        Value::Text(text) => {
            let shown = match class.secrecy {
                Secrecy::Faint => is_plain(text) || is_public(text),
                Secrecy::Weak => is_well_known(text) || is_public(text),
                _ => false,
            };
            if shown {
                Decision::Scan
            } else {
                Decision::Mask(rule)
            }
        }
    }
}

/// Decides on the value of a member of an object that stands, at any depth, under a secret name, `outer`.
pub(crate) fn decide_below(outer: NameClass, member: NameClass, value: Value<'_>) -> Decision {
    if outer.secrecy == Secrecy::Field {
        return Decision::Mask(Rule::Field);
    }
    if member.is_secret() || member.shown {
        return decide(member, value);
    }
    let (Value::Text(text), false) = (value, value == Value::Text("")) else {
        return decide(member, value);
    };
    let hidden = match (member.below, outer.secrecy) {
        (Below::Descriptive, _) => false,
        (Below::Generic, _) => true,
        (Below::Other, Secrecy::Faint | Secrecy::Weak) => !is_plain(text),
        (Below::Other, Secrecy::Harmless) => false,
        (Below::Other, _) => true,
    };
    if hidden {
        Decision::Mask(Rule::Structure)
    } else {
        Decision::Scan
    }
}

fn unnamed(value: Value<'_>) -> Decision {
    match value {
        Value::Text("") => Decision::Show,
        Value::Number | Value::Text(_) => Decision::Scan,
    }
}

/// Values that are no secrets under names such as `auth` and `token`: those of at most eight bytes, and longer ones.
const SHORT_KNOWN: &[&str] = &[
    "basic", "bearer", "digest", "oauth", "oauth1", "oauth2", "oidc", "openid", "saml", "sso",
    "ldap", "kerberos", "ntlm", "jwt", "none", "null", "true", "false", "yes", "no", "on", "off",
    "required", "optional", "enabled", "disabled", "default", "inherit", "password", "token",
    "cookie", "session", "header", "query", "api_key", "apikey", "code", "id_token", "implicit",
    "public", "private", "read", "write", "unknown", "valid", "invalid", "expired", "active",
    "inactive", "ok", "string", "object", "number", "boolean", "any", "all", "include", "omit",
    "mtls", "tls", "x509", "hmac", "eos", "bos",
];
const LONG_KNOWN: &[&str] = &[
    "anonymous",
    "access_token",
    "refresh_token",
    "client_credentials",
    "authorization_code",
    "read-only",
    "read-write",
    "same-origin",
];

/// Whether a text says itself that it is public: a key of SSH or PGP, a certificate, a signature that stands for itself.
fn is_public(text: &str) -> bool {
    const PUBLIC: [&str; 8] = [
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-sha2-",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        "-----BEGIN PGP SIGNATURE-----",
        "-----BEGIN SSH SIGNATURE-----",
    ];
    let text = text.trim_start_matches('"');
    PUBLIC.iter().any(|begin| text.starts_with(begin)) && !text.contains("PRIVATE KEY")
}

fn is_well_known(text: &str) -> bool {
    let known = match text.len() <= 8 {
        true => SHORT_KNOWN,
        false => LONG_KNOWN,
    };
    known.iter().any(|known| known.eq_ignore_ascii_case(text))
}

/// Values that are longer are not taken for plain ones.
const LONGEST_PLAIN: usize = 200;

/// Whether a text is plainly no secret: words, short numbers, dates, and URLs or paths of those.
pub(crate) fn is_plain(text: &str) -> bool {
    if text.len() > LONGEST_PLAIN {
        return false;
    }
    let mut long_digits = 0;
    let is_plain_run = |run: &str| {
        if !run.is_empty() && run.bytes().all(|byte| byte.is_ascii_digit()) {
            long_digits += usize::from(run.len() > 2);
            return run.len() <= 5 && long_digits <= 2;
        }
        is_word(run)
    };
    let plain = match text.is_ascii() {
        true => text
            .split(|char: char| !char.is_ascii_alphanumeric())
            .all(is_plain_run),
        false => text
            .split(|char: char| !char.is_alphanumeric())
            .all(is_plain_run),
    };
    // `user:secret@host`, base64's padding.
    plain && !text.ends_with('=') && !text.bytes().any(|byte| byte == b'@')
}

/// Whether a run of letters and digits is a word, such as `visa`, `SHA256`, `camelCase` or `2026T15`.
fn is_word(run: &str) -> bool {
    if !run.is_ascii() {
        return run.chars().all(char::is_alphabetic) && run.len() <= 60;
    }
    let bytes = run.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 && run.len() <= 5 {
        return true;
    }
    let turns = bytes
        .windows(2)
        .filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit())
        .count();
    if digits > 0 {
        // `t15`, `sha256`, `v2`, `02T15`, `00Z`.
        return run.len() <= 8 && turns <= 2 && (digits <= 4);
    }
    let vowels = bytes
        .iter()
        .filter(|byte| matches!(**byte | 0x20, b'a' | b'e' | b'i' | b'o' | b'u' | b'y'))
        .count();
    let capitals_inside = bytes
        .windows(2)
        .filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase())
        .count();
    run.len() <= 24 && vowels * 6 >= run.len() && capitals_inside <= run.len() / 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Names;

    #[test]
    fn words_dates_and_paths_are_plain_and_random_runs_are_not() {
        for text in [
            "visa",
            "HTTP-POST",
            "SHA-256",
            "2026-02-15T15:53:00Z",
            "home",
            "Hello World",
            "photos/cat.jpg",
            "PROJ-123",
            "https://idp.example/oauth2/token",
            "camelCase",
            "Größe",
        ] {
            assert!(is_plain(text), "{text}");
        }
        for text in [
            "q7Kd92mXw4tBzR5v",
            "4242424242424242",
            "6dcb09b5b57875f334f61aebed695e2e4193db5e",
            "dXNlcjpwYXNz=",
            "a:b@host",
            "01a22232-7362-7594-ad33-f9ad47f7f0c2",
            "xkcdqwrtzpsdfghjkl",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn values_decide_under_secret_names() {
        let names = Names::default();
        let masked = |name: &str, value: Value<'_>| {
            matches!(decide(names.class(name), value), Decision::Mask(_))
        };
        for (name, value) in [
            ("password", Value::Text("sunshine")),
            ("password", Value::Number),
            ("token", Value::Text("sunshine")),
            ("key", Value::Text("q7Kd92mXw4tBzR5v")),
            ("pin", Value::Number),
        ] {
            assert!(masked(name, value), "{name} {value:?}");
        }
        for (name, value) in [
            ("password", Value::Text("")),
            ("auth", Value::Text("OAuth")),
            ("key", Value::Text("home")),
            ("tokens", Value::Number),
            ("city", Value::Text("Rome")),
        ] {
            assert!(!masked(name, value), "{name} {value:?}");
        }
    }

    #[test]
    fn members_below_a_secret_name_are_judged_one_by_one() {
        let names = Names::default();
        let masked = |outer: &str, name: &str, text: &str| {
            let decision = decide_below(names.class(outer), names.class(name), Value::Text(text));
            matches!(decision, Decision::Mask(_))
        };
        for (outer, name, text) in [
            ("password", "current", "sunshine"),
            ("password", "x", "sunshine"),
            ("card", "number", "4242"),
            ("token", "other", "q7Kd92mXw4tBzR5v"),
        ] {
            assert!(masked(outer, name, text), "{outer} {name}");
        }
        for (outer, name, text) in [
            ("card", "brand", "visa"),
            ("card", "last4", "4242"),
            ("auth", "last_change", "2026-02-15T15:53:00Z"),
            ("secrets", "SecretName", "app.json"),
            ("token", "other", "plain words"),
        ] {
            assert!(!masked(outer, name, text), "{outer} {name}");
        }
    }
}
