//! Several owners of one directory.

use super::{
    super::disk::Directory,
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
