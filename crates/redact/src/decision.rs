//! The one decision, for all formats: what a name says and what a value is, to show, mask, or scan.

use crate::{
    finding::Rule,
    names::{Below, NameClass, Role, Secrecy},
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
            let shown = match (class.role, class.secrecy) {
                (Role::Secrets, _) => is_permission(text),
                (Role::Statement, _) => is_statement_id(text),
                (_, Secrecy::Faint) => is_plain(text) || is_public(text) || is_file(text),
                (_, Secrecy::Weak) => {
                    is_well_known(text) || is_public(text) || is_version(text) || is_vendor_id(text)
                }
                _ => false,
            };
            if shown || says_nothing(text) {
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
    let may_be_code =
        member.below == Below::Code && outer.secrecy == Secrecy::Faint && !outer.numbers_usual;
    let text = match value {
        Value::Text(text) if !text.is_empty() => text,
        Value::Number if may_be_code => return Decision::Mask(Rule::Structure),
        _ => return decide(member, value),
    };
    let hidden = match (member.below, outer.secrecy) {
        _ if says_nothing(text) => false,
        (Below::Descriptive, _) => false,
        (Below::Generic, _) => true,
        (_, Secrecy::Harmless) => false,
        (_, Secrecy::Faint | Secrecy::Weak) => !is_plain(text) || may_be_code && is_code(text),
        _ => true,
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

/// Whether a text is no secret under any name: a switch, what was masked already, or the range of versions of a package.
fn says_nothing(text: &str) -> bool {
    let range = || text.strip_prefix(['^', '~']).is_some_and(is_version);
    matches!(text, "true" | "false") || is_masked(text) || range()
}

/// Whether a text was masked before: `************1111`, `411111xxxxxx1111`.
fn is_masked(text: &str) -> bool {
    const FEWEST_MARKS: usize = 4;
    /// Of a card, with its digits: fewer may be a password.
    const FEWEST_PLACES: usize = 13;
    /// The first six and the last four of a card.
    const MOST_DIGITS: usize = 10;
    let is_of_mask = |char| matches!(char, '*' | '•' | '●' | 'X' | 'x' | ' ' | '-' | '0'..='9');
    if !text.chars().all(is_of_mask) {
        return false;
    }
    let count = |is_of_kind: fn(&char) -> bool| text.chars().filter(is_of_kind).count();
    let marks = count(|char| matches!(char, '*' | '•' | '●'));
    let letters = count(|char| matches!(char, 'X' | 'x'));
    let digits = count(char::is_ascii_digit);
    let is_of_letters = marks == 0 && letters >= FEWEST_MARKS && letters + digits >= FEWEST_PLACES;
    let is_of_marks = letters == 0 && marks >= FEWEST_MARKS;
    digits <= MOST_DIGITS && (is_of_marks || is_of_letters)
}

/// Whether a text is the version of a package: three numbers.
fn is_version(text: &str) -> bool {
    const LONGEST: usize = 4;
    let is_number = |run: &str| {
        (1..=LONGEST).contains(&run.len()) && run.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.split('.').count() == 3 && text.split('.').all(is_number)
}

/// Whether a text is an id of Twilio, whose `sid` are no sessions: `SM5ef8732a3c49700934481addd5ce1659`.
fn is_vendor_id(text: &str) -> bool {
    const LENGTH: usize = 34;
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let Some((kind, number)) = text.as_bytes().split_at_checked(2) else {
        return false;
    };
    text.len() == LENGTH && kind.iter().all(u8::is_ascii_uppercase) && number.iter().all(is_hex)
}

/// Whether a text is a code for one use: some digits.
fn is_code(text: &str) -> bool {
    (4..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

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

/// Whether a text is no secret under names such as `auth` and `token`.
fn is_well_known(text: &str) -> bool {
    /// None has more letters.
    const LONGEST: usize = 18;
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..text.len()) else {
        return false;
    };
    for (lower, letter) in lower.iter_mut().zip(text.bytes()) {
        *lower = letter.to_ascii_lowercase();
    }
    matches!(
        &*lower,
        b"basic"
            | b"bearer"
            | b"digest"
            | b"oauth"
            | b"oauth1"
            | b"oauth2"
            | b"oidc"
            | b"openid"
            | b"saml"
            | b"sso"
            | b"ldap"
            | b"kerberos"
            | b"ntlm"
            | b"jwt"
            | b"none"
            | b"null"
            | b"true"
            | b"false"
            | b"yes"
            | b"no"
            | b"on"
            | b"off"
            | b"required"
            | b"optional"
            | b"enabled"
            | b"disabled"
            | b"default"
            | b"inherit"
            | b"password"
            | b"token"
            | b"cookie"
            | b"session"
            | b"header"
            | b"query"
            | b"api_key"
            | b"apikey"
            | b"code"
            | b"id_token"
            | b"implicit"
            | b"public"
            | b"private"
            | b"read"
            | b"write"
            | b"unknown"
            | b"valid"
            | b"invalid"
            | b"expired"
            | b"active"
            | b"inactive"
            | b"ok"
            | b"string"
            | b"object"
            | b"number"
            | b"boolean"
            | b"any"
            | b"all"
            | b"include"
            | b"omit"
            | b"mtls"
            | b"tls"
            | b"x509"
            | b"hmac"
            | b"eos"
            | b"bos"
            | b"anonymous"
            | b"access_token"
            | b"refresh_token"
            | b"client_credentials"
            | b"authorization_code"
            | b"read-only"
            | b"read-write"
            | b"same-origin"
    )
}

/// Whether a text says what may be done with secrets, rather than one.
fn is_permission(text: &str) -> bool {
    matches!(text, "read" | "write" | "admin" | "none" | "inherit")
}

/// Whether a text names a statement of a policy, as `AllowS3Read` and `Stmt1558465286454` do: joined words, few of whose
/// letters are capitals, and digits at the end.
fn is_statement_id(text: &str) -> bool {
    const LONGEST: usize = 64;
    const MOST_DIGITS_INSIDE: usize = 2;
    let words = text.trim_end_matches(|char: char| char.is_ascii_digit());
    let count = |is_of_kind: fn(&u8) -> bool| words.bytes().filter(is_of_kind).count();
    let letters = count(u8::is_ascii_alphabetic);
    let capitals = count(u8::is_ascii_uppercase);
    let vowels = count(|byte| matches!(byte | 0x20, b'a' | b'e' | b'i' | b'o' | b'u' | b'y'));
    let others = count(|byte| !byte.is_ascii_alphanumeric() && !b" -_".contains(byte));
    text.len() <= LONGEST
        && others == 0
        && count(u8::is_ascii_digit) <= MOST_DIGITS_INSIDE
        && capitals * 5 <= letters * 2
        && (vowels * 6 >= letters || words == "Stmt")
}

/// Whether a text is the path of a file, as keys of stored objects are: `uploads/ab12cd34ef56.pdf`.
fn is_file(text: &str) -> bool {
    let is_of_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte);
    let is_extension = |end: &str| {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        (2..=5).contains(&end.len())
            && end.starts_with(|char: char| char.is_ascii_lowercase())
            && end.bytes().all(letters)
    };
    let (Some((folder, _)), Some((_, end))) = (text.split_once('/'), text.rsplit_once('.')) else {
        return false;
    };
    !folder.is_empty() && is_plain(folder) && is_extension(end) && text.bytes().all(is_of_path)
}

/// No longer value is plain.
const LONGEST_PLAIN: usize = 200;

/// Whether a text is plainly no secret: words, short numbers, dates, and URLs or paths of those.
pub(crate) fn is_plain(text: &str) -> bool {
    if text.len() > LONGEST_PLAIN {
        return false;
    }
    const LONGEST_WORD: usize = 5;
    if text.len() <= LONGEST_WORD && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return true;
    }
    // `user:secret@host`, base64's padding.
    if text.ends_with('=') || text.bytes().any(|byte| byte == b'@') {
        return false;
    }
    let mut long_digits = 0;
    let mut is_plain_run = |run: &[u8]| {
        if !run.is_empty() && run.iter().all(u8::is_ascii_digit) {
            long_digits += usize::from(run.len() > 2);
            return run.len() <= 5 && long_digits <= 2;
        }
        is_word(run)
    };
    match text.is_ascii() {
        true => text
            .as_bytes()
            .split(|byte| !byte.is_ascii_alphanumeric())
            .all(is_plain_run),
        false => text
            .split(|char: char| !char.is_alphanumeric())
            .all(|run| match run.is_ascii() {
                true => is_plain_run(run.as_bytes()),
                false => run.chars().all(char::is_alphabetic) && run.len() <= 60,
            }),
    }
}

/// Whether a run of letters and digits of ASCII is a word, such as `visa`, `SHA256`, `camelCase` or `2026T15`.
fn is_word(run: &[u8]) -> bool {
    let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 && run.len() <= 5 {
        return true;
    }
    let turns = run
        .windows(2)
        .filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit())
        .count();
    if digits > 0 {
        // `t15`, `sha256`, `v2`, `02T15`, `00Z`.
        return run.len() <= 8 && turns <= 2 && (digits <= 4);
    }
    let vowels = run
        .iter()
        .filter(|byte| matches!(**byte | 0x20, b'a' | b'e' | b'i' | b'o' | b'u' | b'y'))
        .count();
    let capitals_inside = run
        .windows(2)
        .filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase())
        .count();
    run.len() <= 24 && vowels * 6 >= run.len() && capitals_inside <= run.len() / 4
}

#[cfg(test)]
mod tests;
