//! What a process did with files, as strace has noted it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::disk::{Disk, Node, Open, Syncing};

/// The bytes of a string as strace prints it, and what follows it.
fn string(text: &str) -> (Vec<u8>, &str) {
    let mut bytes = Vec::new();
    let start = text.find('"').expect("a string") + 1;
    let mut rest = &text.as_bytes()[start..];
    loop {
        let (byte, used) = match rest {
            [b'"', ..] => break,
            [b'\\', b'x', digits @ ..] => {
                let digits = std::str::from_utf8(&digits[..2]).expect("digits");
                (u8::from_str_radix(digits, 16).expect("a byte"), 4)
            }
            [b'\\', digits @ ..] if digits[0].is_ascii_digit() => {
                let count = digits.iter().take(3).take_while(|it| it.is_ascii_digit());
                let count = count.count();
                let digits = std::str::from_utf8(&digits[..count]).expect("digits");
                (u8::from_str_radix(digits, 8).expect("a byte"), 1 + count)
            }
            [b'\\', escaped, ..] => {
                let byte = match escaped {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'v' => 11,
                    b'f' => 12,
                    other => *other,
                };
                (byte, 2)
            }
            [byte, ..] => (*byte, 1),
            [] => panic!("a string without an end"),
        };
        bytes.push(byte);
        rest = &rest[used..];
    }
    let rest = std::str::from_utf8(&rest[1..]).expect("text");
    (bytes, rest)
}

fn path(text: &str) -> (PathBuf, &str) {
    let (bytes, rest) = string(text);
    (String::from_utf8(bytes).expect("a path").into(), rest)
}

/// Replays what a process did, and calls this after each call but writes, with the disk and the newest checkpoint that was
/// handed out, and whether a line was erased by then.
pub(super) fn replay(
    trace: &str,
    base: &Path,
    mut check: impl FnMut(&Disk, Option<&str>, bool),
) -> usize {
    let mut disk = Disk::default();
    let mut begun: HashMap<&str, (String, Option<Syncing>)> = HashMap::new();
    let mut handed_out: Option<String> = None;
    let mut calls = 0;
    for line in trace.lines() {
        let (process, call) = line.split_once(' ').expect("a process");
        let call = call.trim_start();
        let fd_of = |call: &str| {
            let (_, arguments) = call.split_once('(').expect("arguments");
            let end = arguments.find([',', ')', ' ']).expect("an end");
            arguments[..end].to_owned()
        };
        let syncs = |call: &str| call.starts_with("fsync(") || call.starts_with("fdatasync(");
        if let Some(beginning) = call.strip_suffix("<unfinished ...>") {
            // What is written meanwhile may not be synced with it.
            let syncing = syncs(call).then(|| disk.sync(&fd_of(call))).flatten();
            begun.insert(process, (beginning.to_owned(), syncing));
            continue;
        }
        let (whole, mut syncing) = match call.strip_prefix("<... ") {
            Some(resumed) => {
                let (_, end) = resumed.split_once("resumed>").expect("what is resumed");
                let Some((beginning, syncing)) = begun.remove(process) else {
                    continue;
                };
                (beginning + end, syncing)
            }
            None => (call.to_owned(), None),
        };
        let Some((arguments, returned)) = whole.rsplit_once(" = ") else {
            // A signal, or an exit.
            continue;
        };
        let returned = returned.split(' ').next().expect("a number");
        if returned.starts_with('-') || returned == "?" {
            continue;
        }
        let name = arguments.split('(').next().expect("a name");
        calls += 1;
        let mut is_erased = false;
        match name {
            "openat" => {
                let (path, flags) = path(arguments);
                disk.open.remove(returned);
                if path.starts_with(base) {
                    disk.opened(returned, path, flags);
                }
            }
            "close" => drop(disk.open.remove(&fd_of(arguments))),
            "write" | "pwrite64" => {
                let (mut bytes, rest) = string(arguments);
                bytes.truncate(returned.parse().expect("a number"));
                let at = (name == "pwrite64").then(|| {
                    let (_, at) = rest.rsplit_once(", ").expect("an offset");
                    at.trim_end_matches(')').trim().parse().expect("a number")
                });
                let path = disk.wrote(&fd_of(arguments), &bytes, at);
                let Some(name) = path.and_then(|it| it.strip_prefix(base.join("handed-out")).ok())
                else {
                    continue;
                };
                match name == Path::new("erased") {
                    true => is_erased = true,
                    false => handed_out = Some(String::from_utf8(bytes).expect("a checkpoint")),
                }
            }
            "lseek" => {
                if let Some(open) = disk.open.get_mut(&fd_of(arguments)) {
                    open.offset = returned.parse().expect("a number");
                }
                continue;
            }
            "ftruncate" => {
                if let Some(Open {
                    node: Node::File(id),
                    ..
                }) = disk.open.get(&fd_of(arguments))
                {
                    let (_, length) = arguments.rsplit_once(", ").expect("a length");
                    let length = length
                        .trim_end_matches(')')
                        .trim()
                        .parse()
                        .expect("a number");
                    disk.files[*id].now.resize(length, 0);
                }
            }
            "rename" => {
                let (from, rest) = path(arguments);
                let (to, _) = path(rest);
                if let Some(node) = disk.names.remove(&from) {
                    disk.names.insert(to, node);
                }
            }
            "unlink" => drop(disk.names.remove(&path(arguments).0)),
            "mkdir" => drop(disk.names.insert(path(arguments).0, Node::Directory)),
            "fsync" | "fdatasync" => {
                let syncing = syncing.take().or_else(|| disk.sync(&fd_of(arguments)));
                if let Some(syncing) = syncing {
                    disk.synced(syncing);
                }
            }
            other => panic!("{other}"),
        }
        check(&disk, handed_out.as_deref(), is_erased);
    }
    calls
}
