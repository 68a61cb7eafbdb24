//! Secrets and harmless markers, each of them unique, and where they were planted.

use super::names::SECRET_NAMES;

/// What every secret that has letters starts with. No other text of these tests holds a part of it.
pub const SECRET: &str = "S3KR3T";
/// What every secret that is a number holds.
pub const NUMBER: &str = "59483";
/// What every marker starts with.
pub const MARKER: &str = "harml3ss";
/// How many digits tell one from the other.
pub const DIGITS: usize = 6;

/// Makes them, and remembers the place of each.
#[derive(Default)]
pub struct Mint {
    /// Indexed by the number in the token.
    planted: Vec<Planted>,
    place: String,
    /// Whether markers that are made now have to be seen.
    shown: bool,
    /// Whether they stand where they may be masked all the same.
    pub masked: bool,
    names: usize,
}

/// Something that was planted.
#[derive(Debug)]
pub struct Planted {
    pub place: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Secret,
    /// A secret that is a number.
    Number,
    /// `shown` says that it has to be seen.
    Marker {
        shown: bool,
    },
}

impl Mint {
    /// Names the place where the next ones are planted, and says whether markers are shown there.
    pub fn at(&mut self, place: impl Into<String>, shown: bool) {
        self.place = place.into();
        self.shown = shown;
    }

    fn plant(&mut self, kind: Kind) -> usize {
        self.planted.push(Planted {
            place: self.place.clone(),
            kind,
        });
        self.planted.len() - 1
    }

    /// A secret such as `S3KR3T000042x`.
    pub fn secret(&mut self) -> String {
        let n = self.plant(Kind::Secret);
        format!("{SECRET}{n:0DIGITS$}x")
    }

    /// A secret that is a number of eleven digits.
    pub fn number(&mut self) -> String {
        let n = self.plant(Kind::Number);
        format!("{NUMBER}{n:0DIGITS$}")
    }

    /// A card number.
    pub fn card(&mut self) -> String {
        let mut card = format!("4{}000", self.number());
        let sum: u32 = (card.bytes().rev().enumerate())
            .map(
                |(at, digit)| match u32::from(digit - b'0') << (1 - at % 2) {
                    doubled @ 10.. => doubled - 9,
                    digit => digit,
                },
            )
            .sum();
        card.push_str(&((10 - sum % 10) % 10).to_string());
        card
    }

    /// A card number in groups of four.
    pub fn card_in_groups(&mut self, separator: &str) -> String {
        let card = self.card();
        [&card[..4], &card[4..8], &card[8..12], &card[12..]].join(separator)
    }

    /// A harmless marker such as `harml3ss000042`.
    pub fn marker(&mut self) -> String {
        let shown = self.shown && !self.masked;
        let n = self.plant(Kind::Marker { shown });
        format!("{MARKER}{n:0DIGITS$}")
    }

    /// A marker that may be masked with what stands beside it.
    pub fn unsure(&mut self) -> String {
        let n = self.plant(Kind::Marker { shown: false });
        format!("{MARKER}{n:0DIGITS$}")
    }

    /// The next secret name, in the next spelling.
    pub fn name(&mut self) -> String {
        self.names += 1;
        let name = SECRET_NAMES[self.names % SECRET_NAMES.len()];
        SPELLINGS[self.names % SPELLINGS.len()](name)
    }

    /// The next one under which numbers are secrets too: of tokens, sessions and the like they are usual.
    pub fn name_of_numbers(&mut self) -> String {
        loop {
            let name = self.name();
            let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
            if !NUMBERS_USUAL.contains(&&*letters.to_lowercase()) {
                return name;
            }
        }
    }

    /// The next one, written without spaces.
    pub fn word(&mut self) -> String {
        self.name().replace(' ', "_")
    }

    pub fn planted(&self) -> &[Planted] {
        &self.planted
    }

    pub fn count(&self, is: impl Fn(Kind) -> bool) -> usize {
        self.planted.iter().filter(|one| is(one.kind)).count()
    }
}

const NUMBERS_USUAL: [&str; 10] = [
    "tokens",
    "auth",
    "authorization",
    "proxyauthorization",
    "session",
    "signature",
    "xamzsignature",
    "cookie",
    "cookies",
    "setcookie",
];

/// Ways to spell a name that is written in lower case with `_` between words.
pub const SPELLINGS: [fn(&str) -> String; 7] = [
    |name| name.to_owned(),
    |name| name.to_uppercase(),
    |name| name.replace('_', "-"),
    |name| name.replace('_', " "),
    |name| name.replace('_', ""),
    camel,
    strange,
];

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| {
        camel + &word[..1].to_uppercase() + &word[1..]
    })
}

/// As nobody spells it, and yet as it is said to be understood.
fn strange(name: &str) -> String {
    let letters = name.chars().filter(|char| *char != '_').enumerate();
    let spelled = letters.map(|(n, char)| match n % 3 {
        0 => format!("{}-", char.to_ascii_uppercase()),
        1 => format!("{char}_"),
        _ => format!("{}__", char.to_ascii_uppercase()),
    });
    format!("_{}", spelled.collect::<String>())
}
