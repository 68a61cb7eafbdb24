//! The names whose values are secret.

use std::fmt;

/// The field names whose values are masked unless the application says otherwise.
///
/// A name matches whatever its ASCII case and whatever `-`, `_` and spaces it is written with: `card_number` stands for
/// `cardNumber`, `Card-Number` and `CARD NUMBER` too. It matches the whole name, so `token` does not hide `token_count`.
pub const DEFAULT_SECRET_NAMES: &[&str] = &[
    // passwords
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "passcode",
    "user_password",
    "old_password",
    "new_password",
    "current_password",
    "confirm_password",
    "password_confirm",
    "password_confirmation",
    "repeat_password",
    "password_hash",
    "db_password",
    // secrets
    "secret",
    "secrets",
    "client_secret",
    "app_secret",
    "consumer_secret",
    "shared_secret",
    "secret_value",
    "credential",
    "credentials",
    "security_answer",
    "mnemonic",
    "seed_phrase",
    "recovery_phrase",
    "recovery_code",
    "recovery_codes",
    "backup_codes",
    // tokens
    "token",
    "tokens",
    "access_token",
    "refresh_token",
    "id_token",
    "auth_token",
    "bearer_token",
    "api_token",
    "session_token",
    "device_token",
    "reset_token",
    "password_reset_token",
    "csrf",
    "csrf_token",
    "csrf_middleware_token",
    "xsrf_token",
    "authenticity_token",
    "x_csrf_token",
    "x_xsrf_token",
    "x_auth_token",
    "x_access_token",
    "x_amz_security_token",
    "jwt",
    "assertion",
    "client_assertion",
    "saml_response",
    // keys
    "api_key",
    "x_api_key",
    "apikey_secret",
    "access_key",
    "access_key_id",
    "secret_key",
    "secret_access_key",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "private_key",
    "encryption_key",
    "signing_key",
    "master_key",
    "account_key",
    "connection_string",
    "signature",
    "x_amz_signature",
    // authentication
    "authorization",
    "proxy_authorization",
    "auth",
    "cookie",
    "cookies",
    "set_cookie",
    "otp",
    "totp",
    "otp_code",
    "one_time_password",
    "mfa_code",
    "two_factor_code",
    "verification_code",
    "authorization_code",
    "code_verifier",
    // sessions
    "session",
    "session_id",
    "sess_id",
    "sid",
    "session_key",
    "jsessionid",
    "phpsessid",
    // cards and accounts
    "card",
    "card_number",
    "card_no",
    "credit_card",
    "credit_card_number",
    "debit_card_number",
    "cc_number",
    "cc_num",
    "pan",
    "primary_account_number",
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "csc",
    "card_cvv",
    "card_cvc",
    "card_code",
    "security_code",
    "card_security_code",
    "card_verification_value",
    "pin",
    "pin_code",
    "pin_block",
    "card_pin",
    "track1",
    "track2",
    "track_data",
    "iban",
    "account_number",
    "bank_account",
    "bank_account_number",
    "routing_number",
    // government and health ids
    "ssn",
    "social_security_number",
    "social_security",
    "sin",
    "national_id",
    "national_id_number",
    "national_insurance_number",
    "nino",
    "identity_number",
    "id_card_number",
    "passport",
    "passport_no",
    "passport_number",
    "tax_id",
    "tax_number",
    "tin",
    "itin",
    "aadhaar",
    "aadhaar_number",
    "drivers_license",
    "driver_license",
    "drivers_license_number",
    "driving_licence",
    "medicare_number",
    "nhs_number",
    "medical_record_number",
    "mrn",
    "health_insurance_number",
];

/// A set of names that are compared without regard to case, `-`, `_` and spaces.
///
/// Most other names are told by their ends and their length. Otherwise a lookup costs one pass over the name and, almost
/// always, one slot of a sparse hash table, however many names there are. Chains depend on the names that were put in, never
/// on those asked for: a client cannot make lookups slow.
#[derive(Clone)]
pub(crate) struct SecretNames {
    /// Normalised and distinct.
    names: Vec<Box<str>>,
    /// A power of two in length, at least three quarters empty, so that every chain ends. Empty when `names` is.
    slots: Vec<Slot>,
    /// The lengths of the longest and the shortest of `names`, in bytes.
    longest: usize,
    shortest: usize,
    ends: Ends,
    /// Whether there are letters in them that are no ASCII.
    folds: bool,
}

#[derive(Clone, Copy)]
struct Slot {
    /// Bits of the hash that did not choose the slot: tells most strangers apart without reading the name.
    tag: u32,
    /// Index into `names` plus one; zero is a free slot.
    entry: u32,
}

impl SecretNames {
    /// No names at all.
    pub(crate) fn none() -> Self {
        Self {
            names: Vec::new(),
            slots: Vec::new(),
            longest: 0,
            shortest: usize::MAX,
            ends: Ends::new(),
            folds: false,
        }
    }

    /// Adds names, in any spelling.
    pub(crate) fn extend(&mut self, names: impl IntoIterator<Item: AsRef<str>>) {
        for name in names {
            self.folds |= !name.as_ref().is_ascii();
            let name = normalised(name.as_ref());
            if self.matches(&name) {
                continue;
            }
            self.longest = self.longest.max(name.len());
            self.shortest = self.shortest.min(name.len());
            self.ends.add(&name);
            self.names.push(name.into_boxed_str());
            if self.names.len() * 4 > self.slots.len() {
                self.rebuild();
            } else {
                self.place(self.names.len() - 1);
            }
        }
    }

    /// Whether `name` is one of these, in any spelling.
    #[inline]
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.matches_bytes(name.as_bytes())
    }

    /// The same for a name in UTF-8.
    #[inline]
    pub(crate) fn matches_bytes(&self, name: &[u8]) -> bool {
        let found = |name: &[u8]| {
            name.len() >= self.shortest && self.ends.may_be_of(name) && self.finds(name)
        };
        found(name) || (self.folds && folded(name).is_some_and(|folded| found(folded.as_bytes())))
    }

    /// The fewest bytes that any of these can be written in.
    #[inline]
    pub(crate) fn shortest(&self) -> usize {
        self.shortest
    }

    #[inline(never)]
    fn finds(&self, name: &[u8]) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let Some(hash) = hash_up_to(name, self.longest) else {
            return false;
        };
        let (mut at, tag) = self.home(hash);
        loop {
            let slot = self.slots[at];
            let Some(index) = (slot.entry as usize).checked_sub(1) else {
                return false;
            };
            if slot.tag == tag && is_same(self.names[index].as_bytes(), name) {
                return true;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Whether a name that was cut after `prefix` might have been one of these.
    pub(crate) fn could_become_secret(&self, prefix: &str) -> bool {
        let folded = folded(prefix.as_bytes());
        let prefix = folded.as_deref().unwrap_or(prefix);
        let normal = prefix.bytes().map(|byte| NORMAL[usize::from(byte)]);
        let counting = normal.filter(|byte| *byte != SKIPPED);
        let prefix: Vec<u8> = counting.take(self.longest + 1).collect();
        let mut names = self.names.iter();
        prefix.is_empty() || names.any(|name| name.as_bytes().starts_with(&prefix))
    }

    fn rebuild(&mut self) {
        let length = (self.names.len() * 8).next_power_of_two();
        self.slots = vec![Slot { tag: 0, entry: 0 }; length];
        for index in 0..self.names.len() {
            self.place(index);
        }
    }

    fn place(&mut self, index: usize) {
        // A stored name is no longer than the longest one, so that it always has a hash.
        let hash = hash_up_to(self.names[index].as_bytes(), self.longest).unwrap_or_default();
        let (mut at, tag) = self.home(hash);
        while self.slots[at].entry != 0 {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = Slot {
            tag,
            entry: index as u32 + 1,
        };
    }

    /// The slot where a hash belongs, and its tag.
    fn home(&self, hash: u64) -> (usize, u32) {
        ((hash >> 32) as usize & (self.slots.len() - 1), hash as u32)
    }
}

impl Default for SecretNames {
    /// Holds [`DEFAULT_SECRET_NAMES`].
    fn default() -> Self {
        let mut names = Self::none();
        names.extend(DEFAULT_SECRET_NAMES);
        names
    }
}

impl fmt::Debug for SecretNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.names).finish()
    }
}

/// How long names are, by their first and last letters.
#[derive(Clone)]
struct Ends {
    /// The least length of those with a first letter, a row for each, and a last one.
    shortest: [[u8; LETTERS]; LETTERS],
}

/// Bytes that are no letters share the places of those that are.
const LETTERS: usize = 32;
/// The letter of a byte that does not count, behind or before which any other may be.
const ANY_LETTER: usize = SKIPPED as usize % LETTERS;

impl Ends {
    /// Names of this length or more are taken for those noted.
    const NO_NAME: u8 = u8::MAX;

    fn new() -> Self {
        let mut shortest = [[Self::NO_NAME; LETTERS]; LETTERS];
        shortest[ANY_LETTER].fill(0);
        for row in &mut shortest {
            row[ANY_LETTER] = 0;
        }
        Self { shortest }
    }

    /// Notes a normalised name.
    fn add(&mut self, name: &str) {
        if let [Some(first), Some(last)] = Self::of(name.as_bytes()) {
            let length = name.len().min(usize::from(Self::NO_NAME - 1)) as u8;
            let shortest = &mut self.shortest[first][last];
            *shortest = length.min(*shortest);
        }
    }

    /// Whether `name`, in any spelling, may be one of the names noted: those are no longer.
    #[inline]
    fn may_be_of(&self, name: &[u8]) -> bool {
        match Self::of(name) {
            [Some(first), Some(last)] => name.len() >= usize::from(self.shortest[first][last]),
            _ => true,
        }
    }

    #[inline]
    fn of(name: &[u8]) -> [Option<usize>; 2] {
        let letter = |byte: &u8| usize::from(NORMAL[usize::from(*byte)]) % LETTERS;
        [name.first().map(letter), name.last().map(letter)]
    }
}

/// What `name` is compared by: lower-case, without `-`, `_` and spaces.
pub(crate) fn normalised(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        // By way of upper case, as several small letters may have the same capital: `ς` and `σ`.
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// A name as it is compared, where that needs more than a look at each of its bytes.
#[cold]
fn folded(name: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(name).ok()?;
    (!text.is_ascii()).then(|| normalised(text))
}

/// Whether `name` in any spelling is `normal`, a name that [`normalised`] gave.
pub(crate) fn is_same_name(normal: &str, name: &str) -> bool {
    is_same(normal.as_bytes(), name.as_bytes())
        || folded(name.as_bytes()).is_some_and(|folded| folded == normal)
}

fn is_same(normal: &[u8], name: &[u8]) -> bool {
    if name.len() < normal.len() {
        return false;
    }
    if normal == name {
        // As most are spelled.
        return true;
    }
    let mut rest = normal;
    for byte in name {
        let byte = NORMAL[usize::from(*byte)];
        if byte == SKIPPED {
            continue;
        }
        match rest {
            [first, tail @ ..] if *first == byte => rest = tail,
            _ => return false,
        }
    }
    rest.is_empty()
}

/// Stands in [`NORMAL`] for a byte that does not count; no byte of UTF-8 text.
const SKIPPED: u8 = 0xff;

/// Every byte as it is compared.
static NORMAL: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'-' | b'_' | b' ' => SKIPPED,
            other => other.to_ascii_lowercase(),
        };
        byte += 1;
    }
    table
};

/// A hash of the normalised name; `None` when that is longer than `longest` bytes.
fn hash_up_to(name: &[u8], longest: usize) -> Option<u64> {
    let mut hash = 0_u64;
    let mut left = longest;
    for byte in name {
        let byte = NORMAL[usize::from(*byte)];
        if byte != SKIPPED {
            left = left.checked_sub(1)?;
            hash = hash.rotate_left(5) ^ u64::from(byte);
        }
    }
    // Spreads the last bytes over all bits: the high half chooses the slot.
    let spread = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some(spread ^ (spread >> 29))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_names_are_at_least_forty_and_distinct() {
        let mut distinct: Vec<_> = DEFAULT_SECRET_NAMES
            .iter()
            .map(|name| normalised(name))
            .collect();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), DEFAULT_SECRET_NAMES.len());
        assert!(distinct.len() >= 40);
        assert_eq!(SecretNames::default().names.len(), distinct.len());
    }

    #[test]
    fn default_names_are_found_in_common_spellings() {
        let names = SecretNames::default();
        for name in DEFAULT_SECRET_NAMES {
            let spellings = [
                name.to_string(),
                name.to_uppercase(),
                name.replace('_', "-"),
                name.replace('_', " "),
                normalised(name),
                format!("-{name} _"),
            ];
            for spelling in spellings {
                assert!(names.matches(&spelling), "{spelling}");
            }
        }
        for name in [
            "cardNumber",
            "Card-Number",
            "card_number",
            "X-Api-Key",
            "Set-Cookie",
            "_p-A s_S_",
        ] {
            assert!(names.matches(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_not_found() {
        let names = SecretNames::default();
        for name in [
            "",
            "_",
            "item",
            "tokens_used",
            "passwords2",
            "pässword",
            "pas",
            "password.",
            "\u{ff}",
            "pass\0",
        ] {
            assert!(!names.matches(name), "{name}");
        }
        assert!(!names.matches(&"password".repeat(10_000)));
    }

    #[test]
    fn names_of_any_length_and_letters_are_found() {
        for name in ["", "x", "_", "-x", "?", "9", "é", "\u{1f}", "\u{7f}x", "ß9"] {
            for length in [0, 1, 2, 30, 253, 254, 255, 256, 1_000] {
                let name = format!("{name}{}", "y".repeat(length));
                let mut names = SecretNames::none();
                names.extend([&name]);
                assert!(names.matches(&name), "{name}");
                assert!(names.matches(&format!(" {}-", name.to_ascii_uppercase())));
                assert!(!names.matches(&format!("{name}z")), "{name}");
            }
        }
    }

    #[test]
    fn letters_of_any_script_are_found_in_any_case() {
        let mut names = SecretNames::none();
        names.extend(["ÉTAT", "пароль", "ΚΩΔΙΚΌΣ", "straße"]);
        for name in [
            "état",
            "État",
            "É-T_at",
            "ПАРОЛЬ",
            "Пароль",
            "κωδικός",
            "STRASSE",
            "Straße",
        ] {
            assert!(names.matches(name), "{name}");
        }
        assert!(!names.matches("etat") && !names.matches("étatisme"));
        assert!(names.could_become_secret("ÉT") && names.could_become_secret("ét"));
        assert!(is_same_name(&normalised("ÉTAT"), "état"));
    }

    #[test]
    fn an_empty_set_matches_nothing() {
        let names = SecretNames::none();
        assert!(!names.matches(""));
        assert!(!names.matches("password"));
        assert!(!names.could_become_secret("p"));
        assert!(names.could_become_secret(""));
    }

    #[test]
    fn own_names_are_added_to_those_there() {
        let mut names = SecretNames::default();
        names.extend(["Geheim-Wort", "größe"]);
        names.extend([String::from("password")]);
        assert_eq!(names.names.len(), DEFAULT_SECRET_NAMES.len() + 2);
        for name in ["geheimwort", "GEHEIM_WORT", "größe", "GRößE", "password"] {
            assert!(names.matches(name), "{name}");
        }
    }

    #[test]
    fn thousands_of_names_are_all_found_and_nothing_else() {
        let mut names = SecretNames::none();
        names.extend((0..5_000).map(|n| format!("name {n}")));
        assert!((0..5_000).all(|n| names.matches(&format!("NAME{n}"))));
        assert!((5_000..20_000).all(|n| !names.matches(&format!("NAME{n}"))));
    }

    #[test]
    fn slots_stay_sparse_so_that_chains_stay_short() {
        for count in [1, 20, 200, 2_000] {
            let mut names = SecretNames::none();
            names.extend((0..count).map(|n| format!("secret_name_{n}")));
            let taken = names.slots.iter().filter(|slot| slot.entry != 0).count();
            assert_eq!(taken, count);
            let longest = names
                .slots
                .split(|slot| slot.entry == 0)
                .map(<[Slot]>::len)
                .max();
            assert!(longest <= Some(12), "{count}: {longest:?}");
        }
    }

    #[test]
    fn a_cut_name_may_become_any_name_that_starts_with_it() {
        let names = SecretNames::default();
        for prefix in [
            "", "-", "p", "Pass", "pass_W", "password", "X-Api-", "card_n",
        ] {
            assert!(names.could_become_secret(prefix), "{prefix}");
        }
        for prefix in ["q", "passwords2", "user_n", "ä"] {
            assert!(!names.could_become_secret(prefix), "{prefix}");
        }
    }
}
