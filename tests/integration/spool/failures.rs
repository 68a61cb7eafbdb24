//! Disks that are full, read-only or gone: the exchange goes on, and the record says why there is no file.

use std::fs;

use actix_web_body_logger::record::NoFile;

use super::{content, file, names, pattern, response, spool, wait_for_files, Kept};

#[test]
fn without_its_directory_an_exchange_goes_on_and_says_so() {
    let kept = Kept::new("failures-gone", spool);
    let sent = pattern(300_000);
    let mut client = kept.app.connect();
    let echo = |client: &mut crate::client::Client| {
        let got = client.post("/echo", "text/plain", &sent);
        assert!(got.status == 200 && got.body == sent);
    };
    fs::remove_dir_all(&kept.path).expect("a directory");
    echo(&mut client);
    let record = kept.app.record();
    for body in [&record.request.body, response(&record)] {
        assert_eq!((&body.file, body.no_file), (&None, Some(NoFile::Failed)));
        assert_eq!(body.bytes, Some(300_000));
    }
    // It is not created anew, as it may have been the mount point of a disk, but used when it is back.
    assert!(!kept.path.exists());
    fs::create_dir(&kept.path).expect("a directory");
    echo(&mut client);
    let records = kept.app.records(2);
    assert!(content(&kept.path, response(&records[1])) == sent);
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{path::Path, process::Command};

    use actix_web_body_logger::{policy::BodyMode, sink::Memory, BodyLogger};

    use super::{
        super::{both, routes},
        *,
    };
    use crate::{
        app::{TestApp, PATIENCE},
        sinks::file::{child, in_child, Directory},
    };

    /// Sends bodies that fit and bodies that do not.
    fn overflow(path: &Path) {
        let app = TestApp::configured(both(&spool(path)), routes);
        let mut client = app.connect();
        let sizes = [1_000, 300_000, 64 * 1024, 64 * 1024 + 1, 2_000_000, 10];
        for size in sizes {
            let sent = pattern(size);
            let got = client.post("/echo", "text/plain", &sent);
            assert!(got.status == 200 && got.body == sent);
        }
        for (record, size) in app.records(sizes.len()).iter().zip(sizes) {
            for body in [&record.request.body, response(record)] {
                if size <= 64 * 1024 {
                    assert!(content(path, body) == pattern(size));
                } else {
                    assert_eq!((&body.file, body.no_file), (&None, Some(NoFile::Failed)));
                }
            }
        }
        assert_eq!(wait_for_files(path, 6).len(), 6);
        assert!(names(path).iter().all(|name| !name.ends_with(".tmp")));
    }

    /// A full disk takes what fits and then fails, as does a limit of 64 KiB a file.
    #[test]
    fn a_file_that_does_not_fit_on_the_disk_is_removed() {
        if let Some(path) = child() {
            return overflow(&path);
        }
        let directory = Directory::new("failures-full");
        let test = "spool::failures::linux::a_file_that_does_not_fit_on_the_disk_is_removed";
        let program = std::env::current_exe().expect("a program");
        // Blocks are of 512 bytes; the signal that goes with the limit would end the process.
        let limits = "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"";
        let mut shell = Command::new("sh");
        shell.args(["-c", limits]).arg(program);
        let output = in_child(&mut shell, test, &directory.path).output();
        let output = output.expect("a shell");
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_an_error_when_it_is_opened() {
        let directory = Directory::new("failures-open");
        let blocked = directory.path.join("file");
        fs::write(&blocked, "").expect("a file");
        let refused = BodyMode::spool_raw(blocked.join("bodies"), 1).open();
        refused.expect_err("a file is in the way");
    }

    #[test]
    fn what_failed_is_counted() {
        let directory = Directory::new("failures-counted");
        let path = directory.path.join("bodies");
        let both = both(&spool(&path));
        let memory = Memory::new(10);
        let logger = both(BodyLogger::builder())
            .inline_sink(memory.clone())
            .build();
        let theirs = logger.clone();
        let app = TestApp::serve(
            memory.clone(),
            move || actix_web::App::new().wrap(theirs.clone()).configure(routes),
            |server| server,
        );
        fs::remove_dir_all(&path).expect("a directory");
        app.connect().post("/echo", "text/plain", "both");
        assert_eq!(memory.wait_for(1, PATIENCE).len(), 1);
        assert_eq!(logger.counters().file_failed, 2);
        assert_eq!(file_free(&logger), (0, 0, 0));
    }

    fn file_free(logger: &actix_web_body_logger::BodyLogger) -> (u64, u64, u64) {
        let counters = logger.counters();
        (
            counters.file_too_long,
            counters.file_too_slow,
            counters.file_memory_budget,
        )
    }

    #[test]
    fn a_disk_that_is_read_only_costs_the_files_only() {
        use std::os::unix::fs::PermissionsExt as _;

        let kept = Kept::new("failures-read-only", spool);
        let set = |mode| {
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(&kept.path, mode).expect("our directory");
        };
        set(0o500);
        // Root may write anyway.
        let is_root = fs::write(kept.path.join("probe"), "").is_ok();
        let _ = fs::remove_file(kept.path.join("probe"));
        kept.app.connect().get("/sized/100000");
        let record = kept.app.record();
        set(0o700);
        if !is_root {
            assert_eq!(response(&record).no_file, Some(NoFile::Failed));
        } else {
            assert_eq!(file(response(&record)).bytes, 100_000);
        }
    }
}
