//! Names that vendors declare secret, in the spellings in use.

use body_logger_redact::{Extent, Redactor};
use serde_json::json;

use crate::generate::Random;

pub struct Name {
    /// The name as published.
    pub published: &'static str,
    /// Where.
    pub source: &'static str,
    pub spellings: Vec<String>,
}

pub fn names() -> impl Iterator<Item = Name> {
    include_str!("../data/names.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (published, source) = line.split_once('\t').expect("a name and its source");
            Name {
                published,
                source,
                spellings: spellings(published),
            }
        })
}

/// Snake, kebab, camel, Pascal, screaming and dotted, and as published.
fn spellings(published: &str) -> Vec<String> {
    let words = words(published);
    let capital = |word: &String| word[..1].to_uppercase() + &word[1..];
    let pascal: String = words.iter().map(capital).collect();
    let mut spellings = vec![
        published.to_owned(),
        words.join("_"),
        words.join("-"),
        words.join("."),
        words.join("_").to_uppercase(),
        format!("{}{}", words[0], &pascal[words[0].len()..]),
        pascal,
    ];
    spellings.sort();
    spellings.dedup();
    spellings
}

fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let characters: Vec<char> = name.chars().collect();
    for (at, character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| characters[at]);
        let after = characters.get(at + 1);
        let starts = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || before.is_uppercase() && after.is_some_and(|after| after.is_lowercase())
            });
        if starts || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            let last = words.last_mut().expect("never empty");
            last.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a random value under a name is hidden.
pub fn is_hidden(redactor: &Redactor, name: &str) -> bool {
    let value = Random::named(name, 0).run('w', 20);
    let body = json!({ name: value }).to_string();
    let shown = redactor.json(body.as_bytes(), Extent::Whole).into_string();
    !shown.contains(&value) && redactor.field(name, &value).text != value
}
