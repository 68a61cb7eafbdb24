//! Permissions, orphans and retention.

use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

use actix_web_body_logger::policy::BodyMode;

use super::{file, names, pattern, response, spool, wait_for_files, Kept, MUCH};
use crate::sinks::file::Directory;

/// Names that a spool may have given.
fn name(n: usize, rest: &str) -> String {
    format!("0199fd2c-5a3e-7c41-9d0f-{n:012x}{rest}")
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;

    let kept = Kept::new("directory-modes", spool);
    kept.app
        .connect()
        .post("/echo", "text/plain", pattern(300_000));
    let record = kept.app.record();
    let mode = |path: &std::path::Path| {
        let metadata = fs::metadata(path).expect("a file");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&kept.path), 0o700);
    for body in [&record.request.body, response(&record)] {
        assert_eq!(mode(&kept.path.join(&file(body).name)), 0o600);
    }

    // A directory that others have access to is closed to them, unless it is not the spool's alone.
    let directory = Directory::new("directory-open");
    let path = &directory.path;
    let open_to_all = || fs::set_permissions(path, fs::Permissions::from_mode(0o755));
    open_to_all().expect("our directory");
    fs::write(path.join("notes.txt"), "ours").expect("a file");
    let refused = BodyMode::spool_raw(path, MUCH).open();
    let refused = refused.expect_err("other files are in it").to_string();
    assert!(refused.contains("other files"), "{refused}");
    assert_eq!(mode(path), 0o755);
    fs::rename(path.join("notes.txt"), path.join(name(1, ".request"))).expect("a file");
    drop(spool(path));
    assert_eq!(mode(path), 0o700);
}

#[test]
fn incomplete_files_of_a_crash_are_removed_when_the_directory_is_opened() {
    let directory = Directory::new("directory-orphans");
    let path = &directory.path;
    let orphans = [name(1, ".request.tmp"), name(2, ".response.tmp")];
    let finished = [
        name(3, ".request"),
        name(4, ".response.partial"),
        name(5, ".response.age"),
    ];
    let foreign = ["notes.tmp".to_owned(), name(6, ".request.bak"), name(7, "")];
    for name in orphans.iter().chain(&finished).chain(&foreign) {
        fs::write(path.join(name), "bytes").expect("a file");
    }
    // It lives.
    let written = name(8, ".response.tmp");
    let lock = File::create(path.join(&written)).expect("a file");
    lock.lock().expect("a lock");
    close_to_others(path);
    drop(spool(path));
    let left = finished.iter().chain(&foreign).chain([&written]).cloned();
    assert_eq!(names(path), left.collect());
}

/// As directories are that a spool has made.
fn close_to_others(path: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).expect("our directory");
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[test]
fn the_oldest_files_are_deleted_while_they_are_too_many_bytes_together() {
    let kept = Kept::new("directory-total", |path| {
        let kept = BodyMode::spool_raw(path, MUCH).keep_total(100_000);
        kept.open().expect("a directory")
    });
    let foreign = kept.path.join("notes.txt");
    fs::write(&foreign, [0; 500_000]).expect("a file");
    let mut client = kept.app.connect();
    for _ in 0..10 {
        client.get("/sized/30000");
    }
    let records = kept.app.records(10);
    let left = wait_for_files(&kept.path, 4);
    let newest = records[7..]
        .iter()
        .map(|record| file(response(record)).name.clone());
    let expected = newest.chain(["notes.txt".to_owned()]).collect();
    assert_eq!(left, expected);
    client.get("/sized/100001");
    kept.app.records(11);
    assert_eq!(
        wait_for_files(&kept.path, 1).len(),
        1,
        "larger than all together"
    );
}

#[test]
fn files_that_are_too_old_are_deleted_also_while_nothing_is_written() {
    let directory = Directory::new("directory-age");
    let path = &directory.path;
    let now = SystemTime::now();
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let files = [
        (name(1, ".request"), minutes(61)),
        (
            name(2, ".response.partial"),
            minutes(60) - Duration::from_millis(300),
        ),
        (name(3, ".request.age"), minutes(1)),
        ("notes.txt".to_owned(), minutes(99)),
    ];
    for (name, age) in &files {
        let file = File::create(path.join(name)).expect("a file");
        file.set_modified(now - *age).expect("a time");
    }
    close_to_others(path);
    let kept = BodyMode::spool_raw(path, MUCH).keep_for(minutes(60));
    let spool = kept.open().expect("a directory");
    // The second one gets too old meanwhile.
    let left = wait_for_files(path, 2);
    assert_eq!(
        left,
        [name(3, ".request.age"), "notes.txt".to_owned()].into()
    );
    drop(spool);
}
