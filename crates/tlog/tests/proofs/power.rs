//! Loss of power at any moment: what was not synced is gone.
//!
//! A process writes a log under `strace`, and its system calls are replayed on a disk that keeps what was synced only. At
//! every point of that, the newest checkpoint that was handed out has to verify.

mod disk;
mod replay;

use std::{collections::BTreeMap, env, process::Command};

use self::replay::replay;
use super::*;

/// Names the directory that a process is to write to.
const CHILD: &str = "BODY_LOGGER_TEST_POWER";

/// Fails where there is no strace, if this variable is set.
const STRACE_REQUIRED: &str = "BODY_LOGGER_STRACE_REQUIRED";

const CALLS: &str =
    "trace=openat,close,write,pwrite64,lseek,ftruncate,rename,unlink,mkdir,fsync,fdatasync";

/// Writes a log that is rotated, of which files are deleted and a line is erased, and hands out each checkpoint.
fn write_a_log(place: &Place) {
    let handed_out = place.path("handed-out");
    let proofs = Proofs::new(place.key()).publish(move |new| {
        let size = new.checkpoint().size().to_string();
        fs::write(handed_out.join(size), new.checkpoint().note())?;
        Ok(Vec::new())
    });
    let file = JsonLinesFile::at(place.log())
        .rotate_at(60_000)
        .keep(2)
        .fsync(Fsync::EveryBatch)
        .observer(proofs)
        .open()
        .expect("a log");
    for batch in 0..6 {
        // More than a tile's in the end.
        let entries: Vec<_> = (0..48).map(|at| entry(48 * batch + at, 50)).collect();
        file.write(&entries).expect("a disk that works");
        if batch == 1 || batch == 4 {
            let erased = file.erase(&format!("exchange-{}", 48 * batch));
            assert_eq!(erased.expect("a line").len(), 1);
            fs::write(place.path("handed-out/erased"), "erased").expect("a file");
        }
    }
}

#[test]
fn what_was_handed_out_survives_a_loss_of_power_at_any_moment() {
    if let Some(directory) = env::var_os(CHILD) {
        let place = std::mem::ManuallyDrop::new(Place::at(directory.into()));
        return write_a_log(&place);
    }
    let place = Place::new("power");
    let base = place.path("log");
    fs::create_dir_all(base.join("handed-out")).expect("a directory");
    fs::copy(place.path("key"), base.join("key")).expect("a key");
    let trace = place.path("trace");
    let test = "power::what_was_handed_out_survives_a_loss_of_power_at_any_moment";
    let traced = Command::new("strace")
        .args(["-f", "-x", "-s", "10000000", "-e", CALLS, "-o"])
        .arg(&trace)
        .arg(env::current_exe().expect("a program"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, &base)
        .output();
    let traced = match traced {
        Ok(traced) if traced.status.success() => traced,
        other => {
            // Some systems have none, and some let nobody trace.
            assert!(env::var_os(STRACE_REQUIRED).is_none(), "{other:?}");
            return;
        }
    };
    assert!(traced.status.success());
    let trace = fs::read_to_string(trace).expect("text");
    let key = place.verifier_key();
    let image = Place::at(place.path("image"));
    let mut last = [BTreeMap::new(), BTreeMap::new()];
    let (mut verified, mut continued, mut sizes) = (0, 0, Vec::new());
    let calls = replay(&trace, &base, |disk, handed_out, is_erased| {
        let Some(note) = handed_out else { return };
        let verifier = Verifier::new([key.clone()]).checkpoint(note);
        let mut verifier = verifier.expect("a checkpoint");
        let size: u64 = note
            .lines()
            .nth(1)
            .expect("a size")
            .parse()
            .expect("a number");
        let is_new = sizes.last() != Some(&size);
        if is_new {
            sizes.push(size);
        }
        // Without a line there need not be a file yet.
        if size == 0 {
            return;
        }
        for (last, names_are_lost) in last.iter_mut().zip([true, false]) {
            let left = disk.left(names_are_lost);
            if *last == left && !is_new && !is_erased {
                continue;
            }
            let _ = fs::remove_dir_all(&image.directory);
            for (path, bytes) in &left {
                let path = image
                    .directory
                    .join(path.strip_prefix(&base).expect("a path"));
                fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
                fs::write(path, bytes).expect("a file");
            }
            let verification = verifier.verify(image.log()).expect("a log");
            assert_eq!(verification.faults, [], "{size}, {names_are_lost}");
            verified += 1;
            if is_erased {
                assert_eq!(verification.unfinished, [0; 0], "what is erased is back");
                assert!(!verification.erased.is_empty());
            }
            // Where names are lost, less is left.
            if is_new && names_are_lost {
                fs::copy(place.path("key"), image.path("key")).expect("a key");
                let file = image.open();
                write(&file, 1);
                drop(file);
                let verification = verifier.verify(image.log()).expect("a log");
                assert_eq!(verification.faults, [], "{size}, {names_are_lost}");
                assert!(verification.size > size);
                continued += 1;
            }
            *last = left;
        }
    });
    let newest = *sizes.last().expect("a checkpoint");
    assert!(newest > 256 && sizes.len() > 8, "{sizes:?}");
    assert!(
        verified > 80 && continued > 6 && calls > 250,
        "{verified} {continued} {calls}"
    );
}
