//! The table of token families: a line a family.
//!
//! A line has the family's name, what it is, its [form](super::form), an example that was made up, and where the form is
//! published: a vendor's documentation, an RFC, or the name of a rule of a public scanner. The examples are in pieces, so
//! that scanners of source code do not take them for secrets.
//!
//! Forms are as lenient as their anchor allows: where a prefix says enough, what follows may be shorter than published and
//! of any length beyond. Checksums in tokens (GitHub's, npm's) are not verified: a wrong one would not show the value.

mod ai;
mod chat;
mod ci;
mod cloud;
mod code;
mod identity;
mod mail;
mod monitoring;
mod payment;
mod registry;
mod urls;

/// A line of the table.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the docs are made from all of it, by a test")
)]
pub(crate) struct Family {
    /// What it is called in findings.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) title: &'static str,
    /// What it looks like.
    pub(crate) form: &'static str,
    /// A value of the form.
    pub(crate) example: &'static str,
    /// Where the form is published.
    pub(crate) source: &'static str,
}

macro_rules! table {
    ($table:ident: $($name:literal, $title:literal, $form:literal, [$($example:literal)+], $source:literal;)*) => {
        pub(super) const $table: &[Family] = &[$(Family {
            name: $name,
            title: $title,
            form: $form,
            example: concat!($($example),+),
            source: $source,
        }),*];
    };
}
use table;

/// Parts of the table, with their headings.
pub(crate) const PARTS: [(&str, &[Family]); 11] = [
    (
        "Clouds, databases, networks, and stores of secrets",
        cloud::CLOUD,
    ),
    ("Code hosts, and tools for teams", code::CODE),
    ("Continuous integration, quality and workflows", ci::CI),
    ("Package registries", registry::REGISTRY),
    ("Payment and commerce", payment::PAYMENT),
    ("Mail, marketing and customers", mail::MAIL),
    ("Chat and social networks", chat::CHAT),
    ("AI providers", ai::AI),
    ("Monitoring, analytics and devices", monitoring::MONITORING),
    ("Identity, and wallets", identity::IDENTITY),
    ("URLs with a secret path", urls::URLS),
];

/// All families of the table.
pub(crate) fn families() -> impl Iterator<Item = &'static Family> {
    PARTS.iter().flat_map(|(_, families)| families.iter())
}

/// Those that are URLs with a secret path.
pub(crate) fn urls() -> impl Iterator<Item = &'static Family> {
    urls::URLS.iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list in the docs, as the table has it.
    fn list() -> String {
        let mut list = String::from(
            "# Token families\n\n\
             Values of these forms are hidden wherever they stand, whatever their name is. The list is made from the table in\n\
             `src/families/table/`; `UPDATE_DOCS=1 cargo test -p body-logger-redact families` writes it anew.\n\n\
             Beside them, and found by other means than a prefix: private keys in PEM (`private-key`), credentials behind\n\
             `Bearer` and `Basic` (`bearer`, `basic`), payment cards by their issuers' prefixes and lengths and a right check\n\
             digit (`card-number`), and bank account numbers with a right checksum (`iban`).\n\n\
             In a form, `{w36-}` is 36 and more bytes of class `w`, `(a|b)` one of these, `^` and `$` the ends of a word, and\n\
             only what is between `<` and `>` is hidden.\n\n",
        );
        list += "| class | bytes |\n|---|---|\n";
        for (letter, set) in super::super::class::CLASSES {
            list += &format!("| `{letter}` | `{set}` |\n");
        }
        for (heading, families) in PARTS {
            list += &format!(
                "\n## {heading}\n\n| name | what | form | published |\n|---|---|---|---|\n"
            );
            for family in families {
                let form = family.form.replace('|', "\\|");
                list += &format!(
                    "| `{}` | {} | `{form}` | {} |\n",
                    family.name, family.title, family.source
                );
            }
        }
        list
    }

    #[test]
    fn the_docs_list_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/token-families.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, list()).expect("the docs can be written");
        }
        let docs = std::fs::read_to_string(path).expect("the docs are there");
        assert!(docs == list(), "run it with UPDATE_DOCS=1");
    }
}
