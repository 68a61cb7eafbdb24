//! The rule table: the words and phrases that make a name secret, or harmless.
//!
//! Everything here is in the form that [`words`](super::words) gives names: lower case, one space between words, digits
//! as words of their own.

use super::Secrecy;

/// Words and phrases that say the same of a value.
pub(super) struct Row {
    /// A heading for the docs.
    pub(super) title: &'static str,
    pub(super) secrecy: Secrecy,
    /// Whether numbers under it are counts, and shown.
    pub(super) numbers_usual: bool,
    /// Whether it stays secret before words of no list: `password_github`.
    pub(super) before_any: bool,
    pub(super) phrases: &'static [&'static str],
}

const ROW: Row = Row {
    title: "",
    secrecy: Secrecy::Strong,
    numbers_usual: false,
    before_any: false,
    phrases: &[],
};

/// Secret words and phrases, whatever stands before them.
pub(super) const SECRET: &[Row] = &[
    Row {
        title: "Passwords",
        before_any: true,
        phrases: &[
            "password", "passwords", "passwd", "passwort", "passphrase", "passphrases", "passcode", "passcodes",
            "pass word", "pass words", "pass wd", "pass phrase", "pass code", "paswd", "psswd", "psswrd", "passwrd",
            "pwd", "pswd", "pword", "userpass", "userpwd",
        ],
        ..ROW
    },
    Row {
        title: "Passwords, unless other words follow",
        phrases: &["pass", "pw", "passkey", "passkeys", "psk", "pre shared key", "preshared key"],
        ..ROW
    },
    Row {
        title: "Secrets and credentials",
        before_any: true,
        phrases: &[
            "secret", "secrets", "credential", "credentials", "cred", "creds", "mnemonic", "mnemonics", "seed phrase",
            "seed words", "wallet seed", "recovery phrase", "security answer", "security answers", "secret answer",
            "secret access key", "secret key base", "key material", "private key material", "signing material",
            "connection string", "connection strings", "connectionstring", "conn string", "conn str", "connect string",
        ],
        ..ROW
    },
    Row {
        title: "Codes for one use",
        phrases: &[
            "otp", "totp", "hotp", "otps", "one time password", "one time passcode", "one time code", "one time pin", "pin",
            "pins", "pin code", "pin block", "mpin", "tpin", "upin", "puk", "nip",
        ],
        ..ROW
    },
    Row {
        title: "Tokens",
        secrecy: Secrecy::Weak,
        numbers_usual: true,
        phrases: &[
            "token", "tokens", "jwt", "jwts", "jwe", "bearer", "bearers", "csrf", "xsrf", "assertion", "saml response",
            "saml request", "saml assertion", "recaptcha response", "captcha response", "code verifier", "id tokens",
        ],
        ..ROW
    },
    Row {
        title: "Authentication and sessions",
        secrecy: Secrecy::Weak,
        numbers_usual: true,
        phrases: &[
            "auth", "authorization", "authorisation", "proxy authorization", "authorization header", "auth header",
            "auth data", "session", "sessions", "signature", "signatures", "cookie", "cookies", "sas",
        ],
        ..ROW
    },
    Row {
        title: "Session ids",
        secrecy: Secrecy::Weak,
        phrases: &[
            "session id", "session ids", "sess id", "sessionid", "sessid", "jsessionid", "phpsessid", "sid", "ssid cookie",
            "connect sid", "session key", "session cookie", "auth cookie", "asp net session id",
        ],
        ..ROW
    },
    Row {
        title: "Access key ids",
        phrases: &["access key id", "aws access key id", "accesskeyid"],
        ..ROW
    },
    Row {
        title: "Keys, if the value looks random",
        secrecy: Secrecy::Faint,
        numbers_usual: true,
        phrases: &["key", "keys"],
        ..ROW
    },
    Row {
        title: "Cards",
        secrecy: Secrecy::Faint,
        numbers_usual: true,
        phrases: &["card", "cards", "credit card", "debit card", "credit cards", "debit cards"],
        ..ROW
    },
    Row {
        title: "Numbers of cards and accounts",
        phrases: &[
            "card number", "card numbers", "card no", "card num", "card nr", "cardnumber", "cardno", "cardnum",
            "credit card number", "debit card number", "cc number", "cc num", "cc no", "ccnumber", "ccnum", "ccno", "pan",
            "primary account number", "cvv", "cvc", "csc", "cvn", "cid number", "cvv code", "cvc code", "card code",
            "card verification value", "card verification code", "card verification number", "security code",
            "card security code", "track 1", "track 2", "track 3", "track data", "track 1 data", "track 2 data",
            "magstripe", "emv data", "iban", "account number", "account numbers", "account no", "acct number", "acct no",
            "acct num", "accountnumber", "bank account", "bank account number", "routing number", "sort code", "aba number",
        ],
        ..ROW
    },
    Row {
        title: "Numbers of persons",
        phrases: &[
            "ssn", "ssns", "ssn number", "social security number", "social security", "social security no",
            "social insurance number", "sin", "national id", "national id number", "national identification number",
            "national insurance number", "nino", "identity number", "identity card number", "id card number",
            "personal identity number", "personal id number", "passport", "passport no", "passport number", "passport id",
            "tax id", "tax ids", "tax number", "tax identification number", "taxpayer id", "taxpayer identification number",
            "tin", "itin", "ein", "aadhaar", "aadhar", "aadhaar number", "aadhar number", "drivers license",
            "driver license", "drivers licence", "driver licence", "driving license", "driving licence",
            "drivers license number", "driver license number", "driving licence number", "driving license number",
            "license number", "licence number", "medicare number", "nhs number", "medical record number", "mrn",
            "health insurance number", "personnummer", "codice fiscale", "cpf", "curp", "nif", "nie", "bsn", "pesel",
            "dni", "fiscal code",
        ],
        ..ROW
    },
    Row {
        title: "Passwords and secrets in other languages",
        before_any: true,
        phrases: &[
            // Spanish, Portuguese, Catalan, Galician, Basque
            "contraseña", "contrasena", "contraseñas", "contrasenya", "contrasinal", "pasahitza", "senha", "senhas",
            "palavra passe", "palavra chave", "clave secreta", "clave privada", "clave acceso", "clave de acceso",
            "clave", "claves", "secreto", "segredo", "codigo secreto",
            // French, Italian, Romanian
            "mot de passe", "mots de passe", "motdepasse", "mot passe", "mdp", "phrase secrete", "cle secrete",
            "cle privee", "cle api", "jeton", "parola d ordine", "parola ordine", "parola", "chiave segreta",
            "chiave privata", "parola segreta", "segreto", "parolă",
            // German, Dutch, Afrikaans
            "kennwort", "kennworter", "passworter", "geheimnis", "geheimwort", "geheimzahl", "losungswort", "zugangsdaten",
            "geheimer schlussel", "privater schlussel", "wachtwoord", "wachtwoorden", "geheim", "wagwoord", "toegangscode",
            // Swedish, Danish, Norwegian, Icelandic, Finnish, Estonian
            "lösenord", "losenord", "adgangskode", "kodeord", "passord", "lykilorð", "lykilord", "salasana", "tunnussana",
            "parool", "salasõna", "salasona",
            // Polish, Czech, Slovak, Slovenian, Croatian, Serbian, Hungarian, Lithuanian, Latvian
            "hasło", "haslo", "hasła", "hasla", "heslo", "hesla", "geslo", "lozinka", "лозинка", "jelszó", "jelszo",
            "slaptažodis", "slaptazodis", "parole",
            // Turkish, Indonesian, Malay, Vietnamese, Swahili, Filipino
            "şifre", "sifre", "sifresi", "parolasi", "kata sandi", "katasandi", "kata laluan", "katalaluan", "sandi",
            "mật khẩu", "mat khau", "matkhau", "nenosiri",
            // Russian, Ukrainian, Bulgarian, Greek, Georgian, Armenian
            "пароль", "пароли", "пароля", "секрет", "секретный ключ", "закрытый ключ", "токен", "парола", "лозинката",
            "κωδικός", "κωδικός πρόσβασης", "συνθηματικό", "პაროლი", "գաղտնաբառ", "գաղտնաբառը",
        ],
        ..ROW
    },
];

/// Secret words of scripts that are written without spaces, or with prefixes and suffixes joined to the words: found
/// anywhere in a word.
pub(super) const ANYWHERE: &[&str] = &[
    "密码", "密碼", "口令", "密钥", "密鑰", "私钥", "私鑰", "令牌", "凭证", "憑證", "秘钥", "パスワード", "暗証番号", "秘密",
    "トークン", "シークレット", "合言葉", "비밀번호", "암호", "토큰", "비밀키", "패스워드", "รหัสผ่าน", "รหัสลับ", "पासवर्ड", "कूटशब्द",
    "গোপন", "পাসওয়ার্ড", "கடவுச்சொல்", "كلمةالمرور", "كلمةالسر", "كلمة المرور", "كلمة السر", "المرور", "گذرواژه", "رمزعبور",
    "رمز عبور", "סיסמה", "סיסמא", "פרולקוד",
];

/// Words before `key` and `keys` that make a secret of it.
pub(super) const BEFORE_KEY: &[&str] = &[
    "api", "app", "application", "access", "private", "priv", "secret", "signing", "sign", "signature", "encryption",
    "encrypt", "encrypting", "decryption", "decrypt", "crypto", "cipher", "cryptographic", "symmetric", "master", "account",
    "storage", "shared", "sharedaccess", "shared access", "service", "service account", "server", "ssh", "ssl", "tls", "rsa",
    "dsa", "ecdsa", "ec", "ed 25519", "pem", "pgp", "gpg", "hmac", "aes", "des", "kms data", "wep", "wpa", "wifi",
    "network", "security", "auth", "authentication", "authorization", "license", "licence", "activation",
    "subscription", "webhook", "bearer", "admin", "root", "deploy", "host", "bot", "integration", "write", "ingest",
    "ingestion", "instrumentation", "function", "functions", "consumer", "client", "sse customer", "sse c",
    "customer encryption", "data encryption", "registration", "enrollment", "join", "agent", "device", "node", "peer",
    "management", "mgmt", "rest", "developer", "dev", "partner", "merchant", "terminal", "gateway", "stream", "streaming",
    "publisher", "recovery", "unlock", "backup", "wallet", "validator", "identity", "certificate", "cert", "jwt", "jwk",
    "hash secret", "cookie", "db", "database", "sas", "push", "fcm", "vapid", "apns", "push notification", "server side",
    "rpc", "proxy", "vpn", "tunnel", "wireguard", "radius", "tacacs", "snmp", "bgp", "md 5", "ospf", "ike", "ipsec",
    // Vendors
    "openai", "anthropic", "claude", "gemini", "cohere", "mistral", "huggingface", "groq", "stripe", "paypal", "square",
    "adyen", "razorpay", "plaid", "braintree", "twilio", "sendgrid", "mailgun", "mailchimp", "mandrill", "postmark",
    "sparkpost", "aws", "azure", "gcp", "google", "gmaps", "maps", "firebase", "github", "gitlab", "bitbucket",
    "datadog", "dd", "newrelic", "new relic", "sentry", "rollbar", "bugsnag", "honeycomb", "grafana", "splunk", "elastic",
    "algolia", "slack", "discord", "telegram", "line", "zendesk", "intercom", "hubspot", "salesforce", "shopify",
    "cloudflare", "fastly", "digitalocean", "linode", "heroku", "netlify", "vercel", "render", "supabase", "pusher",
    "ably", "pubnub", "segment", "amplitude", "mixpanel", "launchdarkly", "ld", "okta", "auth 0", "clerk", "workos",
    "mapbox", "here", "opsgenie", "pagerduty", "statuspage", "npm", "nuget", "pypi", "rubygems", "cargo", "docker", "snyk",
    "sonar", "circleci", "travis", "buildkite", "coinbase", "binance", "kraken", "alchemy", "infura", "etherscan", "giphy",
    "airtable", "notion", "asana", "trello", "figma", "dropbox", "box", "ngrok", "vault", "consul", "pinecone",
];

/// Words before `code` and `codes` that make a secret of it.
pub(super) const BEFORE_CODE: &[&str] = &[
    "otp", "totp", "mfa", "fa", "2 fa", "tfa", "two factor", "2 factor", "verification", "verify", "recovery", "backup",
    "authorization", "authorisation", "auth", "authentication", "oauth", "sms", "access", "reset", "confirmation", "confirm",
    "login", "signin", "sign in", "invite", "invitation", "unlock", "pairing", "device", "user", "activation", "scratch",
    "passcode", "pin", "secret", "security", "emergency", "redemption", "gift card", "grant",
];

/// Words after a secret word that keep it secret: `password_hash`, `token_value`, `secret_v2`.
pub(super) const NEUTRAL_TAILS: &[&str] = &[
    "v", "value", "values", "val", "hash", "hashed", "hashes", "digest", "salt", "string", "str", "text", "plain",
    "plaintext", "clear", "cleartext", "raw", "data", "content", "contents", "body", "payload", "base", "b", "encoded",
    "encrypted", "enc", "decrypted", "cipher", "ciphertext", "field", "input", "param", "parameter", "arg", "argument", "env",
    "var", "variable", "header", "again", "repeat", "repeated", "confirm", "confirmation", "confirmed", "verify",
    "verification", "retype", "check", "new", "old", "current", "previous", "prev", "next", "original", "temp", "temporary",
    "default", "initial", "primary", "secondary", "backup", "main", "live", "test", "prod", "production", "dev", "staging",
    "sandbox", "local", "json", "pem", "der", "pkcs", "jwk", "bytes", "binary", "hex", "material", "pair", "code", "codes",
    "number", "num", "no", "phrase", "word", "words", "key", "keys", "list", "array", "set", "map", "store", "db", "database",
    "admin", "user", "client", "server", "root", "api", "app", "service", "override", "reset", "middleware", "block", "wo",
    "write", "only", "full", "complete", "a", "c", "x", "s", "cookie",
];

/// Words after a secret word, as the last of a name, that make it harmless: `token_type`, `password_policy`.
pub(super) const HARMLESS_TAILS: &[&str] = &[
    "type", "types", "kind", "policy", "policies", "name", "names", "label", "title", "description", "desc", "id", "ids",
    "uuid", "guid", "arn", "ref", "refs", "reference", "references", "count", "counts", "total", "limit", "limits", "quota",
    "usage", "used", "remaining", "min", "max", "minimum", "maximum", "length", "len", "size", "strength", "complexity",
    "score", "age", "days", "hours", "minutes", "seconds", "secs", "ms", "millis", "ttl", "expires", "expire", "expiry",
    "expiration", "expired", "exp", "lifetime", "validity", "valid", "duration", "timeout", "period", "interval", "at", "on",
    "date", "time", "timestamp", "created", "updated", "modified", "changed", "change", "issued", "since", "until", "url",
    "urls", "uri", "uris", "endpoint", "endpoints", "link", "href", "path", "paths", "file", "filename", "files", "dir",
    "directory", "location", "folder", "host", "hostname", "domain", "port", "protocol", "scheme", "method", "methods",
    "mode", "modes", "status", "state", "enabled", "disabled", "enable", "disable", "required", "require", "requires",
    "optional", "supported", "allowed", "active", "present", "exists", "configured", "needed", "version", "versions",
    "algorithm", "algorithms", "alg", "algo", "format", "formats", "encoding", "prefix", "suffix", "pattern", "regex",
    "hint", "hints", "question", "questions", "help", "message", "messages", "error", "errors", "warning", "reason",
    "provider", "providers", "issuer", "audience", "subject", "owner", "scope", "scopes", "role", "roles", "permission",
    "permissions", "group", "groups", "rules", "rule", "requirements", "settings", "setting", "config", "configuration",
    "options", "option", "manager", "service account", "handler", "class", "module", "library", "driver", "plugin",
    "backend", "strategy", "flow", "rotation", "rotated", "rotate", "history", "attempts", "attempt", "retries", "failures",
    "failed", "success", "succeeded", "brand", "country", "currency", "funding", "network", "level", "last 4", "last",
    "last four", "bin", "iin", "expmonth", "expyear", "month", "year", "holder", "cardholder", "wallet", "verified",
    "result", "results", "checks", "request", "requests", "response", "responses", "event", "events", "log", "logs", "source",
    "origin", "scanning", "protection", "detection", "validation", "management", "page", "button", "icon", "color", "colour",
    "form", "placeholder", "template", "email", "username", "login", "index", "order", "position", "rate", "price", "cost",
    "symbol", "standard", "supply", "decimals", "budget", "metadata", "info", "information", "details", "detail", "summary",
    "category", "tag", "tags", "visible", "hidden", "shown", "masked", "redacted", "fingerprint", "thumbprint", "checksum",
    "sharing", "sharable", "encrypted at", "generated", "generator", "generation", "context", "schema", "spec", "selector",
    "ignore", "ignored", "skip", "skipped", "accepted", "granted", "revoked", "locked", "blocked", "is", "has", "bytes used",
    "parallelism", "iterations", "memory", "rounds", "storage", "support", "behavior", "behaviour", "by", "from",
    "refresh interval", "unit", "units", "per", "percent", "percentage", "ratio", "manual", "automatic", "auto",
];

/// Phrases with a secret word in them that are harmless as they stand.
pub(super) const HARMLESS_PHRASES: &[&str] = &[
    "public key", "public keys", "primary key", "primary keys", "foreign key", "foreign keys", "sort key", "partition key",
    "object key", "cache key", "cache keys", "idempotency key", "issue key", "project key", "unique key", "routing key",
    "dedup key", "deduplication key", "row key", "hash key", "range key", "group key", "parent key", "natural key",
    "composite key", "translation key", "message key", "publishable key", "publishable api key", "publish key", "site key",
    "index key", "map key", "event key", "shard key", "lookup key", "string key", "order key", "page key", "shortcut key",
    "hot key", "arrow key", "metric key", "label key", "tag key", "tag keys", "property key", "field key", "attribute key",
    "setting key", "config key", "feature key", "flag key", "category key", "task key", "job key", "ticket key", "epic key",
    "space key", "board key", "repo key", "image key", "file key", "s 3 key", "bucket key", "search key", "filter key",
    "join keys", "hash keys", "extra keys", "known keys", "required keys", "answer key", "legend key", "registry key",
    "page token", "next page token", "prev page token", "previous page token", "next token", "continuation token",
    "pagination token", "sync token", "sync tokens", "resume token", "start token", "marker token", "page tokens",
    "account sid", "call sid", "message sid", "service sid", "conference sid", "recording sid", "phone number sid",
    "public token", "eos token", "bos token", "pad token", "unk token", "sep token", "cls token", "mask token",
    "stop token", "stop tokens", "special token", "special tokens", "added tokens", "design tokens", "design token",
    "syntax token", "id card", "sim card", "graphics card", "post card", "business card", "score card", "report card",
    "summary card", "twitter card", "adaptive card", "adaptive cards", "user sessions", "training session", "qa session",
    "method signature", "function signature", "type signature", "file signature", "email signature", "boarding pass",
    "secret santa", "forgot password", "seo tokens",
];

/// Whole words that only look as if they were run together from a secret word and another.
pub(super) const HARMLESS_WORDS: &[&str] = &[
    "bypass", "compass", "trespass", "surpass", "encompass", "passport photo", "keyboard", "keyword", "keywords", "keynote",
    "keystone", "keypad", "keystroke", "keyframe", "keyframes", "keyspace", "keyring", "postcard", "wildcard", "scorecard",
    "flashcard", "discard", "cardboard", "cardholder", "passenger", "passengers", "passive", "passion", "passage",
    "secretary", "secretariat", "tokenizer", "tokenize", "tokenized", "tokenization", "author", "authors", "authority",
    "authorities", "authored", "authentic", "pinned", "pinterest", "pinpoint", "spin", "monkey", "turkey", "donkey",
    "hockey", "whiskey", "jockey", "passed", "passes", "passing", "signatureless", "passwordless", "secretless", "tokenless",
];

/// Words that stand before secret words without a separator: `dbpass`, `authkey`.
pub(super) const GLUED: &[&str] = &[
    "db", "my", "user", "usr", "admin", "root", "bind", "ldap", "smtp", "imap", "mail", "email", "ftp", "sftp", "http", "https",
    "proxy", "wifi", "mysql", "postgres", "pg", "redis", "mongo", "sql", "oracle", "rabbit", "amqp", "login", "client", "app",
    "api", "auth", "oauth", "access", "refresh", "bearer", "private", "priv", "secret", "shared", "master", "web", "site",
    "account", "acct", "sys", "system", "guest", "test", "old", "new", "cur", "current", "reset", "confirm", "sign", "signing",
    "signature", "encrypt", "encryption", "session", "sess", "php", "asp", "csrf", "xsrf", "id", "aws", "azure", "gcp",
    "google", "github", "gitlab", "slack", "stripe", "ssh", "ssl", "tls", "rsa", "pgp", "gpg", "hmac", "aes", "card", "credit",
    "debit", "cc", "connection", "conn", "service", "consumer", "customer", "device", "push", "bot", "hook", "webhook",
    "store", "keystore", "truststore", "key", "sa", "vnc", "rdp", "ssid", "sudo", "enable", "invite", "verification",
    "security", "license", "activation",
];

/// Members below a secret name that describe it, by their last word, beside [`HARMLESS_TAILS`].
pub(super) const DESCRIPTIVE: &[&str] = &[
    "url", "type", "algorithm", "scope", "status", "brand", "country", "name", "id", "object", "last 4", "last", "binding",
    "environment", "region", "locale", "language", "timezone", "purpose", "audience", "client id", "product", "network",
    "created", "updated", "city", "zone", "resource", "action", "actions", "nickname", "display", "grant", "grants", "curve",
    "use", "kty", "kid", "typ", "use case", "severity", "priority",
];

/// Members below a secret name that may be the secret itself, as whole names.
pub(super) const GENERIC: &[&str] = &[
    "value", "values", "val", "data", "payload", "raw", "current", "new", "old", "content", "contents", "text", "plain",
    "plaintext", "string", "body", "previous", "original", "confirm", "confirmation", "repeat", "number", "hash", "blob",
    "material", "v", "x", "d", "default", "input", "primary", "secondary", "next", "prev", "encoded", "decoded", "base 64",
];

/// Names for personal data, only for `redact_personal_data`.
pub(super) const PERSONAL: &[&str] = &[
    "first name", "firstname", "last name", "lastname", "middle name", "maiden name", "surname", "given name", "givenname",
    "family name", "full name", "fullname", "display name", "person name", "contact name", "customer name", "patient name",
    "cardholder name", "card holder name", "account holder", "holder name", "legal name", "vorname", "nachname",
    "email", "emails", "email address", "mail address", "e mail", "phone", "phones", "phone number", "phone no", "mobile",
    "mobile number", "mobile phone", "telephone", "tel", "fax", "fax number", "cell phone", "cellphone", "msisdn",
    "address", "addresses", "street", "street address", "street name", "address line", "address line 1", "address line 2",
    "line 1", "line 2", "home address", "billing address", "shipping address", "mailing address", "postal address",
    "postal code", "postcode", "zip", "zip code", "zipcode", "house number", "birth date", "birthdate", "birthday",
    "date of birth", "dob", "birth place", "place of birth", "birthplace", "gender", "nationality", "ip", "ip address",
    "client ip", "remote ip", "remote addr", "latitude", "longitude",
];
