//! JSON: what serde understands comes out with its secrets masked and nothing else changed; what was cut, or has
//! garbage around it, shows no secret.

use actix_web_body_logger::{
    internals::{redact_json, redact_json_compact, Secrets},
    MASK,
};
use arbitrary::Unstructured;

use super::{
    planted::{assert_hidden, Choices},
    tree::{documents, is_secret_name, Tree},
};

pub fn check(input: &[u8]) {
    check_as_it_is(input);
    check_planted(input);
}

fn check_as_it_is(input: &[u8]) {
    for truncated in [false, true] {
        let all = redact_json(input, truncated, Secrets::None);
        // A string may still be masked that says JSON which is cut, or has a user in a URL.
        let is_beginning = input.starts_with(all.as_bytes());
        assert!(is_beginning || all.contains(MASK), "{all} is no beginning");
        for secrets in [Secrets::Default, Secrets::Names] {
            redact_json(input, truncated, secrets);
            redact_json_compact(input, truncated, secrets);
        }
    }
    let Some(trees) = documents(input) else {
        return;
    };
    let named = redact_json(input, false, Secrets::Names);
    if trees.iter().all(is_harmless) {
        assert_eq!(named.as_bytes(), input, "changed without a secret");
    }
    assert_eq!(
        redact_json(named.as_bytes(), false, Secrets::Names),
        named,
        "changed once more"
    );
    assert_masked(&named, &trees, false);
    for shown in [
        redact_json_compact(input, false, Secrets::Names),
        redact_json(input, false, Secrets::Default),
        redact_json_compact(input, false, Secrets::Default),
    ] {
        assert_masked(&shown, &trees, true);
    }
}

/// Whether there is nothing in it that has to be masked, or may be because of a name.
fn is_harmless(tree: &Tree) -> bool {
    match tree {
        Tree::Text(text) => !looks_like_json(text),
        Tree::Array(elements) => elements.iter().all(is_harmless),
        Tree::Object(members) => members
            .iter()
            .all(|(name, value)| !is_secret_name(name) && is_harmless(value)),
        _ => true,
    }
}

#[track_caller]
fn assert_masked(shown: &str, originals: &[Tree], shapes: bool) {
    let Some(shown_trees) = documents(shown.as_bytes()) else {
        panic!("no JSON any more: {shown}");
    };
    assert_eq!(shown_trees.len(), originals.len(), "{shown}");
    for (tree, original) in shown_trees.iter().zip(originals) {
        if let Err(why) = compare(tree, original, shapes) {
            panic!("{why}: {shown}");
        }
    }
}

/// Whether all is in the place where it was, masked or as it was.
fn compare(shown: &Tree, original: &Tree, shapes: bool) -> Result<(), String> {
    match (shown, original) {
        (Tree::Object(shown), Tree::Object(originals)) if shown.len() == originals.len() => {
            for ((shown_name, value), (name, original)) in shown.iter().zip(originals) {
                if shown_name != name && !(shapes && shown_name.contains(MASK)) {
                    return Err(format!("{name} became {shown_name}"));
                }
                if !is_secret_name(name) {
                    compare(value, original, shapes)?;
                } else if *value != Tree::Text(MASK.to_owned()) {
                    return Err(format!("{name} shows its value"));
                }
            }
            Ok(())
        }
        (Tree::Array(shown), Tree::Array(originals)) if shown.len() == originals.len() => {
            let mut pairs = shown.iter().zip(originals);
            pairs.try_for_each(|(shown, original)| compare(shown, original, shapes))
        }
        (Tree::Text(shown), Tree::Text(original)) if shown != MASK && quotes_secret(original) => {
            Err(format!("{shown} shows a secret within"))
        }
        (Tree::Text(shown), Tree::Text(original)) => {
            let may_differ =
                shapes && shown.contains(MASK) || shown == MASK && looks_like_json(original);
            (shown == original || may_differ)
                .then_some(())
                .ok_or_else(|| format!("{original:?} became {shown:?}"))
        }
        (Tree::Text(shown), original) if shapes && original.is_number() && shown == MASK => Ok(()),
        _ if shown == original => Ok(()),
        _ => Err(format!("{original:?} became {shown:?}")),
    }
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[', '"'])
}

/// Whether a text is JSON with a secret in it.
fn quotes_secret(text: &str) -> bool {
    let documents = documents(text.as_bytes()).filter(|_| looks_like_json(text));
    documents.is_some_and(|documents| documents.iter().any(has_secret))
}

fn has_secret(tree: &Tree) -> bool {
    match tree {
        Tree::Text(text) => quotes_secret(text),
        Tree::Array(elements) => elements.iter().any(has_secret),
        Tree::Object(members) => members
            .iter()
            .any(|(name, value)| is_secret_name(name) || has_secret(value)),
        _ => false,
    }
}

fn check_planted(input: &[u8]) {
    let mut choices = Choices(Unstructured::new(input));
    let before = choices.harmless(6);
    let document = choices.json(200);
    let behind = choices.harmless(6);
    let trees = documents(document.as_bytes());
    let trees = trees.unwrap_or_else(|| panic!("the oracle wrote no JSON: {document}"));
    let whole = redact_json(document.as_bytes(), false, Secrets::Default);
    assert_masked(&whole, &trees, true);

    let around = format!("{before}{document}{behind}");
    for text in [document.as_bytes(), around.as_bytes()] {
        for end in 0..=text.len() {
            let cut = &text[..end];
            for truncated in [false, true] {
                let shown = redact_json(cut, truncated, Secrets::Default);
                assert_hidden(&shown, &String::from_utf8_lossy(cut));
            }
        }
        if before.is_empty() && behind.is_empty() {
            break;
        }
    }
}
