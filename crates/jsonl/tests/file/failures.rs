//! Disks that are full or read-only: what can be kept is kept, and all goes on when they are back.

use std::{
    fs,
    os::unix::{
        fs::{chown, MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    process::Command,
};

use body_logger_core::Sink;
use body_logger_jsonl::JsonLinesFile;

use super::{child, entries, in_child, line, numbers, write, Directory};

/// A batch of which a limit of 64 KiB a file lets only a part through, in the middle of a line.
fn overflow(path: &std::path::Path) {
    let file = JsonLinesFile::at(path).open().expect("a file");
    let batch = entries(0..50, 1500);
    let bytes = line(&batch[10]);
    let fit = 64 * 1024 / bytes;
    assert!(fit < 48 && 64 * 1024 % bytes > 10, "{fit}");
    file.write(&batch).expect_err("there is no room");
    // All that fits whole is there, and nothing of the next.
    let kept: Vec<usize> = (0..numbers(path).len()).collect();
    assert_eq!(numbers(path), kept);
    assert!(kept.len().abs_diff(fit) <= 1, "{} {fit}", kept.len());
    // Still full; then room is made in the file itself, as an operator might.
    file.write(&entries(50..55, 1500)).expect_err("no room");
    assert_eq!(numbers(path), kept);
    let few = kept.len() - 4;
    let text = fs::read_to_string(path).expect("a file");
    let end: usize = text.split_inclusive('\n').take(few).map(str::len).sum();
    let cut = fs::File::options().write(true).open(path).expect("a file");
    cut.set_len(end as u64).expect("a file");
    write(&file, 60..62);
    let mut expected: Vec<usize> = (0..few).chain(60..62).collect();
    assert_eq!(numbers(path), expected);
    // And by moving it away.
    fs::rename(path, path.with_extension("old")).expect("a file");
    write(&file, 70..72);
    expected = vec![70, 71];
    assert_eq!(numbers(path), expected);
    assert_eq!(file.counters().torn_lines, 0);
}

/// A full disk takes what fits and then fails, as does a limit on the size of files.
#[test]
fn a_disk_that_gets_full_keeps_whole_lines_and_the_count_of_the_others() {
    if let Some(path) = child() {
        return overflow(&path);
    }
    let directory = Directory::new("full");
    let test = concat!(
        "failures::",
        "a_disk_that_gets_full_keeps_whole_lines_and_the_count_of_the_others"
    );
    let program = std::env::current_exe().expect("a program");
    // Blocks are of 512 bytes; the signal that goes with the limit would end the process.
    let limits = "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", limits]).arg(program);
    let output = in_child(&mut shell, test, &directory.file()).output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

/// What a user who may not write to a directory makes of it.
fn locked_out(path: &std::path::Path) {
    let directory = path.parent().expect("a directory");
    let allow = |mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(directory, permissions).expect("our own directory");
    };
    let file = JsonLinesFile::at(path)
        .rotate_at(3000)
        .open()
        .expect("a file");
    write(&file, 0..2);
    allow(0o500);
    // It cannot be moved. Rather it gets too long.
    write(&file, 2..20);
    assert_eq!(numbers(path), (0..20).collect::<Vec<_>>());
    assert!(file.counters().faults > 0);
    assert_eq!(file.counters().closed, 0);
    // And now it can.
    allow(0o700);
    write(&file, 20..22);
    assert_eq!(numbers(path), [20, 21]);
    assert_eq!(file.counters().closed, 1);

    fs::remove_file(path).expect("a file");
    allow(0o500);
    let error = file.write(&entries(22..25, 10)).expect_err("no new file");
    assert!(error.to_string().contains("denied"), "{error}");
    assert!(file.name().ends_with("audit.jsonl"), "{}", file.name());
    file.reopen().expect_err("no new file");
    JsonLinesFile::at(path).open().expect_err("no new file");
    allow(0o700);
    write(&file, 25..27);
    assert_eq!(numbers(path), [25, 26]);
}

#[test]
fn a_directory_that_is_read_only_costs_what_needs_a_new_file_and_no_more() {
    if let Some(path) = child() {
        return locked_out(&path);
    }
    let directory = Directory::new("read-only");
    let test = concat!(
        "failures::",
        "a_directory_that_is_read_only_costs_what_needs_a_new_file_and_no_more"
    );
    // Who is root may write anywhere: then it is somebody else's turn.
    let mut command = Command::new("/proc/self/exe");
    if is_root() {
        let nobody = 65534;
        chown(&directory.path, Some(nobody), Some(nobody)).expect("to be root");
        command.uid(nobody).gid(nobody);
    }
    let output = in_child(&mut command, test, &directory.file()).output();
    let output = output.expect("ourselves again");
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

/// By who owns what this process makes.
fn is_root() -> bool {
    let own = fs::metadata("/proc/self").expect("a process");
    own.uid() == 0
}
