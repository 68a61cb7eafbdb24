//! Several owners of one directory.

use std::{
    fs::{self, File},
    thread,
};

use super::{
    super::disk::{lock_new, remove_unlocked, Directory},
    call,
    disk::{Mood, TestDisk},
    pattern, read_all, Bench,
};

#[actix_web::test]
async fn a_file_that_is_being_written_is_no_orphan_for_another_owner() {
    let bench = Bench::new(|spool| spool);
    bench.valve.set(Mood::Stalls);
    let mut body = Box::pin(call(&bench.app().await, "/10/10").await);
    assert_eq!(read_all(&mut body).await, pattern(10));
    drop(body);
    bench.valve.wait_for_stall();
    let begun = bench.names();
    assert!(begun.len() == 1 && begun[0].ends_with(".tmp"), "{begun:?}");
    for _ in 0..3 {
        Directory::open(&bench.path).expect("a directory");
        drop(TestDisk::at(&bench.path));
    }
    assert_eq!(bench.names(), begun);
    bench.valve.open();
    let record = bench.record();
    let response = record.response.as_ref().expect("a response");
    assert_eq!(bench.content(&response.body), pattern(10));
}

#[test]
fn a_new_file_is_locked_once_whoever_takes_it_for_an_orphan_has_decided() {
    let bench = Bench::new(|spool| spool);
    let path = bench.path.join("new.tmp");
    for is_removed in [true, false] {
        let file = File::create(&path).expect("a file");
        let other = File::open(&path).expect("a file");
        other.lock().expect("a lock");
        let locked = thread::scope(|scope| {
            let locking = scope.spawn(|| lock_new(&file, &path));
            if is_removed {
                fs::remove_file(&path).expect("a file");
            }
            drop(other);
            locking.join().expect("a thread")
        });
        assert_eq!(locked.expect("a lock"), !is_removed);
    }
}

#[cfg(unix)]
#[test]
fn what_takes_the_place_of_an_orphan_is_not_removed_for_it() {
    let bench = Bench::new(|spool| spool);
    let path = bench.path.join("new.tmp");
    File::create(&path).expect("a file");
    // Two have found it, and one of them removes it.
    let [one, other] = [(); 2].map(|()| File::open(&path).expect("a file"));
    remove_unlocked(&one, &path);
    assert!(!path.exists());
    drop(one);
    File::create(&path).expect("a new file");
    remove_unlocked(&other, &path);
    assert!(path.exists());
}
