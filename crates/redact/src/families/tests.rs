use proptest::prelude::*;

use super::{table::families, *};
use crate::mask::MASK;

fn masked(text: &str, extent: Extent) -> String {
    let mut found = Vec::new();
    Families::default().scan(text, Characters::of(text, extent), extent, &mut found);
    let mut masked = String::new();
    let mut shown = 0;
    for finding in found {
        assert!(
            finding.range.start >= shown && finding.range.start < finding.range.end,
            "{text}"
        );
        masked.push_str(&text[shown..finding.range.start]);
        masked.push_str(MASK);
        shown = finding.range.end;
    }
    masked + &text[shown..]
}

/// The part of an example that is secret: behind the last `/`, `=` or `:` where the form says that only a part is hidden.
fn secret_of(family: &table::Family) -> &'static str {
    if family.form.contains('<') {
        let example = family.example.trim_end_matches('/');
        let start = example.rfind(['/', '=', ':']).map_or(0, |at| at + 1);
        example[start..].trim_start_matches("private-")
    } else {
        family.example
    }
}

fn is_url(family: &table::Family) -> bool {
    family.example.starts_with("https://")
}

#[test]
fn the_table_has_150_families_and_more_each_with_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = families().map(|family| family.name).collect();
    assert_eq!(names.len(), families().count());
    assert!(names.len() >= 150);
    for family in families() {
        assert!(
            !family.title.is_empty() && !family.source.is_empty(),
            "{}",
            family.name
        );
        assert!(family
            .name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    }
}

#[test]
fn a_secret_url_is_known_by_its_host() {
    for family in table::urls() {
        let text = format!("see http://x.a.example and {}", family.example);
        assert!(may_have_secret_url(text.as_bytes()), "{}", family.name);
    }
    assert!(may_have_secret_url(b"see git://a.example and https://a@b"));
    for other in [
        "https://www.a.example/hooks/b",
        "http://",
        "a.b.",
        "https://..",
        "https://a.example/a@b",
    ] {
        assert!(!may_have_secret_url(other.as_bytes()), "{other}");
    }
}

#[test]
fn each_example_is_hidden_wherever_it_stands() {
    let places: [fn(&str) -> String; 14] = [
        |secret| secret.into(),
        |secret| format!("The key {secret} was found."),
        |secret| format!("({secret})"),
        |secret| format!("x: '{secret}', y"),
        |secret| format!("/a/{secret}/b"),
        |secret| format!("/a?x={secret}&y=1"),
        |secret| format!("https://a.example/{secret}"),
        |secret| format!("{{\"a\": \"{secret}\"}}"),
        |secret| format!("{{\\\"a\\\": \\\"{secret}\\\"}}"),
        |secret| format!("a\\n{secret}\\nb"),
        |secret| format!("a%22{secret}%22"),
        |secret| format!("a%3D{secret}%26"),
        |secret| format!("é{secret}é"),
        |secret| format!("a,{secret},b\r\n"),
    ];
    for family in families() {
        for place in places {
            let text = place(family.example);
            let shown = masked(&text, Extent::Whole);
            assert!(
                !shown.contains(secret_of(family)),
                "{}: {text}: {shown}",
                family.name
            );
            let before = text.split(family.example).next().unwrap_or_default();
            // A form may start with a run, and what is before belong to that.
            let starts_with_run = family.form.trim_start_matches('^').starts_with('{');
            assert!(
                starts_with_run || shown.starts_with(before),
                "{}: {text}: {shown}",
                family.name
            );
        }
    }
}

#[test]
fn a_url_with_a_secret_path_keeps_its_host() {
    for family in families().filter(|family| is_url(family)) {
        let shown = masked(family.example, Extent::Whole);
        let host = family.example["https://".len()..]
            .split('/')
            .next()
            .unwrap_or_default();
        assert!(shown.contains(host), "{shown}");
    }
}

#[test]
fn an_example_is_hidden_wherever_its_text_was_truncated() {
    for family in families() {
        // No family is known before its anchor is there.
        let anchors: Vec<_> = form::Form::parse(family.form);
        let Some(anchor) = anchors.iter().map(form::Form::anchor).find_map(|anchor| {
            let anchor = std::str::from_utf8(anchor).expect("a form is text");
            let at = family.example.find(anchor).filter(|_| !anchor.is_empty())?;
            Some(at + anchor.len())
        }) else {
            continue;
        };
        let secret = secret_of(family);
        let start = family.example.find(secret).expect("a part");
        for end in start.max(anchor) + 8..family.example.len() {
            let text = format!("see {}", &family.example[..end]);
            let shown = masked(&text, Extent::Truncated);
            let part = &family.example[start..end];
            assert!(!shown.contains(part), "{}: {text}: {shown}", family.name);
        }
    }
}

#[test]
fn a_prefix_with_little_behind_is_shown() {
    for family in families().filter(|family| family.name != private_key::PUTTY) {
        for form in form::Form::parse(family.form) {
            let anchor = std::str::from_utf8(form.anchor()).expect("a form is text");
            for text in [
                anchor.to_owned(),
                format!("the prefix {anchor} of"),
                format!("{anchor}..."),
                format!("`{anchor}a1`."),
            ] {
                assert_eq!(masked(&text, Extent::Whole), text, "{}", family.name);
            }
        }
    }
}

#[test]
fn ordinary_values_are_shown() {
    for text in [
        "01a22232-7362-7594-ad33-f9ad47f7f0c2",
        "6dcb09b5b57875f334f61aebed695e2e4193db5e",
        "MDEwOlJlcG9zaXRvcnkxMjk2MjY5",
        "W/\"a4c8b1\"",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "iVBORw0KGgo",
        "1717171717165",
        "https://api.github.com/repos/octocat/Hello-World/commits/6dcb09b5b57875f334f61aebed695e2e4193db5e",
        "test_that_a_user_can_sign_in_with_a_password_and_a_second_factor",
        "sk-learn-something-about-clustering-and-classification",
        "/with/key/and/lock",
        "-----BEGIN CERTIFICATE-----\nabc",
        "eyJ...",
        "keystore.jks.password",
        "4111111111111112",
    ] {
        assert_eq!(masked(text, Extent::Whole), text);
    }
}

#[test]
fn private_keys_are_hidden_to_their_end() {
    for (text, expected) in [
        (
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb",
            "a\n***\nb",
        ),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "***"),
        (
            "-----BEGIN PGP PRIVATE KEY BLOCK-----M-----END PGP PRIVATE KEY BLOCK----- c",
            "*** c",
        ),
        (
            "-----BEGIN PRIVATE KEY-----\n-----END CERTIFICATE-----\nM",
            "***",
        ),
        ("-----BEGIN PRIVATE KEY-----M-----END PRIVATE KEY", "***"),
        (
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\nAAAA",
            "***",
        ),
    ] {
        assert_eq!(masked(text, Extent::Whole), expected);
    }
}

#[test]
fn bank_account_numbers_are_hidden() {
    for iban in [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    ] {
        assert_eq!(
            masked(&format!("to {iban}, thanks"), Extent::Whole),
            "to ***, thanks"
        );
        assert_eq!(
            masked(&format!("to {}", &iban[..7]), Extent::Truncated),
            "to ***"
        );
    }
    assert_eq!(
        masked("DE88370400440532013000", Extent::Whole),
        "DE88370400440532013000"
    );
}

#[test]
fn opt_ins_find_more_also_without_the_families() {
    let families = Families {
        shown: true,
        high_entropy: true,
        personal_data: true,
    };
    let text = "ann@mail.example has q7Kd92mXw4tBzR5vLp3n and 4111111111111111";
    let mut found = Vec::new();
    let seen = Characters::of(text, Extent::Whole);
    families.scan(text, seen, Extent::Whole, &mut found);
    let found: Vec<_> = found
        .into_iter()
        .map(|f| (&text[f.range], f.rule))
        .collect();
    let expected = [
        ("ann@mail.example", Rule::PersonalData),
        ("q7Kd92mXw4tBzR5vLp3n", Rule::HighEntropy),
    ];
    assert_eq!(found, expected);
}

proptest! {
    #[test]
    fn findings_are_in_order_and_on_character_boundaries(
        text in "(ghp_|sk_live_|eyJ|Bearer |Basic |AKIA|4111 1111 1111 1111|DE89|-----BEGIN PRIVATE KEY-----|hooks.slack.com/services/|://|[A-Za-z0-9]{0,40}|[.:/ =-]|é|\\PC){0,12}",
    ) {
        // `masked` asserts it.
        masked(&text, Extent::Whole);
        masked(&text, Extent::Truncated);
    }
}

#[test]
fn schemes_and_pem_blocks_are_found_at_every_place() {
    let block = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----";
    for before in 0..150 {
        for secret in ["bearer q7K", "BEARER\tq7K", "bASiC q7K", block] {
            for after in ["", " b-be ba -B"] {
                let before = ".".repeat(before);
                let masked = masked(&format!("{before}{secret}{after}"), Extent::Whole);
                let shown = masked.split_once(MASK).expect("it is hidden");
                assert!(shown.0.starts_with(&before) && shown.1 == after, "{masked}");
            }
        }
    }
}
