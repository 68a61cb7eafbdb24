//! Options of commands: `--password value`, `-u user:secret`.

use memchr::{memchr, memchr_iter, memmem, memrchr};

use super::{
    bytes::{is_quote, skip},
    scanner::Scanner,
    value::{self, Style},
};
use crate::names::Secrecy;

fn starts_option(bytes: &[u8], dash: usize) -> bool {
    let starts_word =
        dash == 0 || matches!(bytes[dash - 1], b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'[');
    starts_word
        && match &bytes[dash..] {
            [b'-', b'-', b'a'..=b'z' | b'A'..=b'Z', ..] => true,
            [b'-', b'u', b' ' | b'=' | b'"' | b'\'' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z', ..] => {
                true
            }
            // `-storepass value`, as Java's tools and PowerShell have it, behind a command.
            [b'-', word @ ..] if dash > 0 => {
                word.len() > LONG && word[..LONG].iter().all(u8::is_ascii_alphabetic)
                    || matches!(word, [option, ..] if OF_COMMANDS.contains(option))
            }
            _ => false,
        }
}

/// An option of one dash with fewer letters is several options of one letter.
const LONG: usize = 4;

/// Options of one letter whose value is secret, of commands of these names; of some the value is attached.
const COMMANDS: &[(&str, u8, bool)] = &[
    ("login", b'p', false),
    ("sshpass", b'p', false),
    ("sshpass", b'p', true),
    ("mysql", b'p', true),
    ("mysqldump", b'p', true),
    ("mysqladmin", b'p', true),
    ("mysqlimport", b'p', true),
    ("mysqlcheck", b'p', true),
    ("mariadb", b'p', true),
    ("mariadb-dump", b'p', true),
    ("7z", b'p', true),
    ("7za", b'p', true),
    ("7zr", b'p', true),
    ("7zz", b'p', true),
    ("mongo", b'p', false),
    ("mongosh", b'p', false),
    ("mongodump", b'p', false),
    ("mongorestore", b'p', false),
    ("mongoimport", b'p', false),
    ("mongoexport", b'p', false),
    ("cqlsh", b'p', false),
    ("beeline", b'p', false),
    ("hdbsql", b'p', false),
    ("rdesktop", b'p', false),
    ("useradd", b'p', false),
    ("usermod", b'p', false),
    ("rar", b'p', true),
    ("unrar", b'p', true),
    ("redis-cli", b'a', false),
    ("http", b'a', false),
    ("https", b'a', false),
    ("xh", b'a', false),
    ("ldapsearch", b'w', false),
    ("ldapmodify", b'w', false),
    ("ldapadd", b'w', false),
    ("ldapdelete", b'w', false),
    ("ldapwhoami", b'w', false),
    ("mosquitto_pub", b'P', false),
    ("mosquitto_sub", b'P', false),
    ("sqlcmd", b'P', false),
    ("osql", b'P', false),
    ("bcp", b'P', false),
    ("ipmitool", b'P', false),
    ("zip", b'P', false),
    ("unzip", b'P', false),
    ("snmpwalk", b'A', false),
    ("snmpwalk", b'X', false),
    ("snmpget", b'A', false),
    ("snmpget", b'X', false),
    ("ssh-keygen", b'N', false),
    ("openssl", b'k', false),
    ("openssl", b'K', false),
    ("smbclient", b'U', false),
    ("curl", b'E', false),
];
const OF_COMMANDS: &[u8] = b"pPawAXNkKUE";

/// Whether the value of an option of one letter, attached to it or behind it, is a secret of `command`.
fn is_secret_of(command: &str, letter: u8, is_attached: bool) -> bool {
    COMMANDS
        .iter()
        .any(|(name, own, attached)| *name == command && (*own, *attached) == (letter, is_attached))
}

/// Whether an argument is an option such as `-p` or `-psecret` whose value may be a secret of a command.
pub(crate) fn may_be_secret_option(option: &str) -> bool {
    matches!(option.as_bytes(), [b'-', letter, ..] if OF_COMMANDS.contains(letter))
}

/// Whether an argument is such an option of this command, whose value is secret.
pub(crate) fn is_secret_option(command: &str, option: &str) -> bool {
    match option.as_bytes() {
        [b'-', letter, attached @ ..] => is_secret_of(command, *letter, !attached.is_empty()),
        _ => false,
    }
}

/// Whether an option's argument is of the form `user:secret`.
pub(crate) fn is_user_option(option: &str) -> bool {
    let name = option.trim_start_matches('-');
    option.starts_with('-') && matches!(name, "u" | "user" | "proxy-user" | "proxy-cert" | "cert")
}

/// Where the secret starts in `user:secret`.
pub(crate) fn secret_of_user(argument: &str) -> Option<usize> {
    let (user, secret) = argument.split_once(':')?;
    // `1000:1000` is a user and a group, `$USER:$PASS` names variables, and a user may be called by a URL.
    let is_id = |id: &str| id.bytes().all(|b| b.is_ascii_digit());
    let is_group = || is_id(user) && (secret == "0" || secret == user);
    let is_variable = || {
        let name = secret.strip_prefix('$').unwrap_or_default();
        let is_of_name = |b: u8| b.is_ascii_uppercase() || b"_{}".contains(&b);
        !name.is_empty() && name.bytes().all(is_of_name)
    };
    let is_address = secret.starts_with("//") || secret.starts_with('\\');
    (!is_address && !is_group() && !is_variable()).then_some(user.len() + 1)
}

/// The value of an option of one letter at `dash`, behind the `command` of its line, if it is secret.
fn of_command(text: &str, dash: usize, command: &str) -> Option<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let [_, letter, next, ..] = bytes[dash..] else {
        return None;
    };
    let is_attached = next > b' ';
    if !is_secret_of(command, letter, is_attached) {
        return None;
    }
    let start = skip(bytes, dash + 2, |b| b == b' ');
    let value = match is_quote(*bytes.get(start)?) {
        true => start + 1..value::quoted_end(bytes, start + 1),
        false => start..skip(bytes, start, |b| b > b' ' && !is_quote(b)),
    };
    // A file, with the passphrase of its key.
    let Some(secret) = (command == "curl").then(|| text.get(value.clone())) else {
        return Some(value);
    };
    let secret = secret_of_user(secret?)?;
    Some(value.start + secret..value.end)
}

/// The last command of [`COMMANDS`] in `text`, on its last line.
fn last_command(text: &[u8]) -> Option<&'static str> {
    let line = memrchr(b'\n', text).map_or(0, |at| at + 1);
    last_of_commands(&text[line..])
}

/// The last command of [`COMMANDS`] in `text`.
pub(crate) fn last_of_commands(text: &[u8]) -> Option<&'static str> {
    let mut words = text.rsplit(|b| b" \"'/|;&()$`\t".contains(b));
    words.find_map(|word| {
        let mut names = COMMANDS.iter().map(|(name, ..)| *name);
        names.find(|name| name.as_bytes() == word)
    })
}

/// Finds the values of options with secret names, and the secret of a user.
pub(super) fn find(scanner: &mut Scanner<'_>) {
    /// The longest distance from `curl` to an option with its user attached.
    const LONGEST: usize = 200;
    let bytes = scanner.bytes;
    let (mut read, mut searched, mut curl) = (0, 0, None);
    let (mut searched_command, mut command) = (0, None);
    for dash in memchr_iter(b'-', bytes) {
        if dash >= scanner.limit || dash < read || !starts_option(bytes, dash) {
            continue;
        }
        let known = scanner.found.len();
        if OF_COMMANDS.contains(&bytes[dash + 1]) {
            let between = &bytes[searched_command..dash];
            command =
                last_command(between).or(command.filter(|_| memchr(b'\n', between).is_none()));
            searched_command = dash;
            if let Some(value) = command.and_then(|command| of_command(scanner.text, dash, command))
            {
                read = value.end;
                scanner.found.push(value);
                scanner.note_secret(read);
                continue;
            }
        }
        if bytes[dash + 1] == b'u' && bytes[dash + 2].is_ascii_alphanumeric() {
            let last = memmem::rfind(&bytes[searched..dash], b"curl ").map(|at| searched + at);
            (searched, curl) = (dash, last.or(curl));
            if curl.is_some_and(|curl| dash - curl <= LONGEST) {
                read = attached_user(scanner, dash);
            }
        } else {
            read = option(scanner, dash);
        }
        if scanner.found.len() > known {
            scanner.note_secret(read);
        }
    }
}

/// Hides the secret of `-uann:secret`; returns where to go on.
fn attached_user(scanner: &mut Scanner<'_>, dash: usize) -> usize {
    let bytes = scanner.bytes;
    let end = skip(bytes, dash, |b| b > b' ' && !is_quote(b));
    let Some(secret) = secret_of_user(&scanner.text[dash..end]) else {
        return option(scanner, dash);
    };
    scanner.found.push(dash + secret..end);
    end
}

/// Reads the option at `dash`; returns where to go on.
fn option(scanner: &mut Scanner<'_>, dash: usize) -> usize {
    let bytes = scanner.bytes;
    let name_start = skip(bytes, dash, |b| b == b'-');
    let name_end = skip(bytes, name_start, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')
    });
    let name = &scanner.text[name_start..name_end];
    // A list of arguments has the value in quotes of its own: `["--password", "value"]`.
    let start = skip(bytes, name_end, |b| {
        matches!(b, b' ' | b'\t' | b'=' | b'"' | b'\'' | b',')
    });
    if start == name_end || bytes.get(start).is_none_or(|b| *b == b'-') {
        return name_end;
    }
    let quoted = is_quote(bytes[start - 1]);
    let end = match quoted {
        true => value::quoted_end(bytes, start),
        false => skip(bytes, start, |b| b > b' ' && !is_quote(b)),
    };
    if is_user_option(&scanner.text[dash..name_end]) {
        let Some(secret) = secret_of_user(&scanner.text[start..end]) else {
            return name_end;
        };
        scanner.found.push(start + secret..end);
        return end;
    }
    // Of a Kubernetes Secret to be made: `--from-literal=name=secret`.
    if name == "from-literal" {
        let Some(length) = memchr(b'=', &bytes[start..end]) else {
            return end;
        };
        let secret = start + length + 1;
        let secret = match value::quoted_start(bytes, secret) {
            Some(start) => start..value::quoted_end(bytes, start),
            None => secret..end,
        };
        let end = secret.end;
        scanner.found.push(secret);
        return end;
    }
    // PowerShell's `ConvertTo-SecureString -String ".."`.
    let is_secure = || bytes[..dash].trim_ascii_end().ends_with(b"SecureString");
    if name == "String" && is_secure() {
        scanner.found.push(start..end);
        return end;
    }
    let value = &scanner.text[start..end];
    let is_of_placeholder =
        |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'<' | b'>');
    if !quoted
        && value.starts_with('<')
        && value.ends_with('>')
        && value.bytes().all(is_of_placeholder)
    {
        return end;
    }
    let class = scanner.class_of(name);
    let style = if quoted || class.secrecy >= Secrecy::Strong {
        Style::Quoted
    } else {
        Style::Token
    };
    if class.is_secret() && scanner.hide_if(class, start..end, style) {
        return end;
    }
    name_end
}
