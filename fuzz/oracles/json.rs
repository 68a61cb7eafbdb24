//! JSON: what serde understands comes out with its secrets masked and nothing else changed; what was cut, or has
//! garbage around it, shows no secret.

use arbitrary::Unstructured;
use body_logger_redact::{Extent, Redactor, MASK};

use super::{
    planted::{assert_hidden, Choices},
    tree::{documents, is_secret_name, Tree},
};

pub fn check(input: &[u8]) {
    check_as_it_is(input);
    check_planted(input);
}

fn redact(input: &[u8], extent: Extent) -> String {
    Redactor::default().json(input, extent).into_string()
}

fn check_as_it_is(input: &[u8]) {
    redact(input, Extent::Truncated);
    let shown = redact(input, Extent::Whole);
    if let Some(trees) = documents(input) {
        assert_masked(&shown, &trees);
    }
}

#[track_caller]
fn assert_masked(shown: &str, originals: &[Tree]) {
    let Some(shown_trees) = documents(shown.as_bytes()) else {
        panic!("no JSON any more: {shown}");
    };
    assert_eq!(shown_trees.len(), originals.len(), "{shown}");
    for (tree, original) in shown_trees.iter().zip(originals) {
        if let Err(why) = compare(tree, original) {
            panic!("{why}: {shown}");
        }
    }
}

/// Whether all is in the place where it was, masked or as it was.
fn compare(shown: &Tree, original: &Tree) -> Result<(), String> {
    match (shown, original) {
        (Tree::Object(shown), Tree::Object(originals)) if shown.len() == originals.len() => {
            for ((shown_name, value), (name, original)) in shown.iter().zip(originals) {
                if shown_name != name && !shown_name.contains(MASK) {
                    return Err(format!("{name} became {shown_name}"));
                }
                let is_string = matches!(original, Tree::Text(text) if !text.is_empty());
                if is_string && is_secret_name(name) && *value != Tree::Text(MASK.to_owned()) {
                    return Err(format!("{name} shows its value"));
                }
                compare(value, original)?;
            }
            Ok(())
        }
        (Tree::Array(shown), Tree::Array(originals)) if shown.len() == originals.len() => {
            let mut pairs = shown.iter().zip(originals);
            pairs.try_for_each(|(shown, original)| compare(shown, original))
        }
        (Tree::Text(shown), Tree::Text(_)) if shown.contains(MASK) => Ok(()),
        (Tree::Text(shown), Tree::Bool(_) | Tree::Null) => Err(format!("{shown} was no secret")),
        (Tree::Text(shown), _) if shown == MASK => Ok(()),
        _ if shown == original => Ok(()),
        _ => Err(format!("{original:?} became {shown:?}")),
    }
}

fn check_planted(input: &[u8]) {
    let mut choices = Choices(Unstructured::new(input));
    let before = choices.harmless(6);
    let document = choices.json(200);
    let behind = choices.harmless(6);
    let trees = documents(document.as_bytes());
    let trees = trees.unwrap_or_else(|| panic!("the oracle wrote no JSON: {document}"));
    let whole = redact(document.as_bytes(), Extent::Whole);
    assert_masked(&whole, &trees);

    let around = format!("{before}{document}{behind}");
    for text in [document.as_bytes(), around.as_bytes()] {
        for end in 0..=text.len() {
            let cut = &text[..end];
            for extent in [Extent::Whole, Extent::Truncated] {
                let shown = redact(cut, extent);
                assert_hidden(&shown, &String::from_utf8_lossy(cut));
            }
        }
        if before.is_empty() && behind.is_empty() {
            break;
        }
    }
}
