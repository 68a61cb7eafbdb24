//! Random values in published forms: the same ones in every run.

/// A small generator of numbers (SplitMix64), so that a run can be repeated.
pub struct Random(u64);

impl Random {
    /// A generator for a name, whatever else there is.
    pub fn named(name: &str, number: u64) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }

    /// `count` characters of a class, as `forms` has them.
    pub fn run(&mut self, class: char, count: usize) -> String {
        let alphabet: &[u8] = match class {
            'w' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            'l' => b"abcdefghijklmnopqrstuvwxyz0123456789",
            'U' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            'h' => b"0123456789abcdef",
            'H' => b"0123456789ABCDEF",
            'd' => b"0123456789",
            'a' => b"abcdefghijklmnopqrstuvwxyz",
            'A' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            'm' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            'b' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
            'B' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            '2' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            'q' => b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
            'u' => return self.uuid(),
            'j' => return format!("eyJzdWIiOiI{}", self.run('w', 60)),
            'c' => return self.card(),
            'i' => return self.iban(),
            _ => panic!("no class {class}"),
        };
        // A form ends with a letter or a digit, so that a sentence's full stop is no part of it.
        (0..count)
            .map(|at| loop {
                let character = alphabet[self.below(alphabet.len())];
                let edge = at == 0 || at + 1 == count;
                if !edge || character.is_ascii_alphanumeric() {
                    break char::from(character);
                }
            })
            .collect()
    }

    fn uuid(&mut self) -> String {
        let hex = self.run('h', 32);
        format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }

    /// A number with an issuer's prefix, its length, and the right check digit (ISO/IEC 7812).
    fn card(&mut self) -> String {
        let (prefix, length) = [
            ("4", 16),
            ("51", 16),
            ("2221", 16),
            ("37", 15),
            ("6011", 16),
            ("3530", 16),
        ][self.below(6)];
        let mut number = format!("{prefix}{}", self.run('d', length - 1 - prefix.len()));
        let sum: u32 = number
            .bytes()
            .rev()
            .enumerate()
            .map(|(at, digit)| {
                let digit = u32::from(digit - b'0');
                match (at % 2, digit * 2) {
                    (0, doubled) if doubled > 9 => doubled - 9,
                    (0, doubled) => doubled,
                    _ => digit,
                }
            })
            .sum();
        number.push_str(&((10 - sum % 10) % 10).to_string());
        number
    }

    /// A German, Dutch or British account number with the right check digits (ISO 13616).
    fn iban(&mut self) -> String {
        let (country, account) = match self.below(3) {
            0 => ("DE", self.run('d', 18)),
            1 => ("NL", format!("ABNA{}", self.run('d', 10))),
            _ => ("GB", format!("NWBK{}", self.run('d', 14))),
        };
        let rest = format!("{account}{country}00")
            .bytes()
            .fold(0, |rest, byte| {
                let value = (byte as char).to_digit(36).expect("a letter or a digit");
                (rest * if value > 9 { 100 } else { 10 } + value) % 97
            });
        format!("{country}{:02}{account}", 98 - rest)
    }
}

/// A value in a form, and its random parts.
pub struct Secret {
    pub text: String,
    pub random: Vec<String>,
}

impl Secret {
    pub fn of(form: &str, random: &mut Random) -> Self {
        let mut secret = Self {
            text: String::new(),
            random: Vec::new(),
        };
        let mut rest = form;
        while let Some((literal, after)) = rest.split_once('<') {
            let (run, after) = after.split_once('>').expect("a closed run");
            secret.text.push_str(literal);
            let class = run.chars().next().expect("a class");
            let counts = &run[class.len_utf8()..];
            let count = |text: &str| text.parse().expect("a count");
            let count = match counts.split_once('-') {
                Some((from, to)) => count(from) + random.below(count(to) - count(from) + 1),
                None => count(counts),
            };
            let part = random.run(class, count);
            secret.text.push_str(&part);
            secret.random.push(part);
            rest = after;
        }
        secret.text.push_str(rest);
        secret
    }

    /// The longest of the random parts: the one that must not be seen.
    pub fn core(&self) -> &str {
        self.random
            .iter()
            .max_by_key(|part| part.len())
            .expect("a random part")
    }
}
