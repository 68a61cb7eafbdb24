//! Keeps the docs' list of words and the table the same.

use super::{
    table::{
        ANYWHERE, BEFORE_CODE, BEFORE_KEY, CODES, DESCRIPTIVE, GENERIC, GLUED, HARMLESS_PHRASES,
        HARMLESS_TAILS, HARMLESS_WORDS, NEUTRAL_TAILS, PERSONAL, SECRET,
    },
    Secrecy,
};

const HEAD: &str = "# Names

What the words of a name say of its value. The list is made from the table in `src/names/table.rs`;
`UPDATE_DOCS=1 cargo test -p body-logger-redact names` writes it anew.

A name is split into words at separators, changes of case and digits; `dbPassword`, `DB-PASSWORD` and `db.password2` have
the same. Any words may stand before a secret one. Words after it may make it harmless. What an application gives to
`redact_fields`, `show_fields` and `redact_fields_matching` comes first.

Two names also stand for what is no secret. `secrets` may say what is permitted: `read`, `write`, `admin`, `none` and `inherit`
are shown. `Sid`, spelt so, names a statement of a cloud's policy: joined words are shown, and digits at their end.
";

/// The list in the docs, as the table has it.
fn list() -> String {
    let mut list = String::from(HEAD);
    let mut part = |title: &str, says: &str, phrases: &[&str]| {
        let phrases: Vec<_> = phrases.iter().map(|word| format!("`{word}`")).collect();
        list += &format!("\n## {title}\n\n{says}\n\n{}\n", phrases.join(", "));
    };
    for row in SECRET {
        let mut says = String::from(match row.secrecy {
            Secrecy::Weak => "Hidden, but for short well-known words such as `bearer`.",
            Secrecy::Faint => "Hidden unless it is plainly no secret: words, dates, short numbers.",
            _ => "Hidden.",
        });
        says += match row.numbers_usual {
            true => " Numbers are shown.",
            false => " Numbers are hidden, too.",
        };
        if row.before_any {
            says += " Words of no list may follow: `password_github`.";
        }
        part(row.title, &says, row.phrases);
    }
    for (title, says, phrases) in [
        (
            "Before `key` and `keys`",
            "Hidden; numbers are shown under `keys`.",
            BEFORE_KEY,
        ),
        (
            "Before `code` and `codes`",
            "Hidden; numbers are shown only where there are several `codes`.",
            BEFORE_CODE,
        ),
        (
            "Anywhere in a word",
            "Hidden: words of scripts that join others to them.",
            ANYWHERE,
        ),
        (
            "Joined to a secret word",
            "`dbpass` is read as `db pass`.",
            GLUED,
        ),
        (
            "After a secret word, and still secret",
            "`password_hash` is a password.",
            NEUTRAL_TAILS,
        ),
        (
            "After a secret word, and harmless",
            "As the last word: `token_type` is no token.",
            HARMLESS_TAILS,
        ),
        (
            "Harmless phrases",
            "Shown, although there is a secret word in them.",
            HARMLESS_PHRASES,
        ),
        (
            "Harmless words",
            "Shown: they only look as if a secret word were joined to another.",
            HARMLESS_WORDS,
        ),
        (
            "Below a secret name: what describes it",
            "Shown, by their last word, and so are those that are harmless after a secret word.",
            DESCRIPTIVE,
        ),
        (
            "Below a second factor or a card: codes",
            "Hidden, if it is digits or looks random.",
            CODES,
        ),
        (
            "Below a secret name: what may be the secret itself",
            "Hidden.",
            GENERIC,
        ),
        (
            "Personal data",
            "Hidden only with `redact_personal_data`.",
            PERSONAL,
        ),
    ] {
        part(title, says, phrases);
    }
    list
}

#[test]
fn the_docs_list_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/names.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, list()).expect("the docs can be written");
    }
    let docs = std::fs::read_to_string(path).expect("the docs are there");
    assert!(docs == list(), "run it with UPDATE_DOCS=1");
}
