//! A server that is put under load: `serve SUBJECT WORKERS`. Says where it listens, answers each line of input once all
//! that it has recorded is written and shipped, and says at its end, which is that of its input, how many records it made
//! and how many of them were written.

#![forbid(unsafe_code)]

use std::{env, io, sync::Arc, thread};

use peers::{listen, Subject};

#[actix_web::main]
async fn main() -> io::Result<()> {
    let mut args = env::args().skip(1);
    let subject = args.next().and_then(|name| Subject::named(&name));
    let workers = args.next().and_then(|workers| workers.parse().ok());
    let (Some(subject), Some(workers)) = (subject, workers) else {
        panic!("arguments: SUBJECT WORKERS");
    };
    let listening = listen(subject, workers)?;
    println!("{}", listening.address);
    let handle = listening.server.handle();
    let records = Arc::new(listening.records);
    let drained = Arc::clone(&records);
    thread::spawn(move || {
        // Whatever ends them.
        for _ in io::stdin().lines().map_while(Result::ok) {
            drained.drain();
            println!("drained");
        }
        drop(drained);
        drop(handle.stop(true));
    });
    listening.server.await?;
    let records = Arc::into_inner(records).expect("the thread has dropped its own");
    if let Some(counters) = records.end().await {
        println!("{} {}", counters.produced, counters.written);
    }
    Ok(())
}
