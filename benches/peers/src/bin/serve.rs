//! A server that is put under load: `serve SUBJECT WORKERS`. Says where it listens, and at its end, which is that of its
//! input, how many records it made and how many of them were written.

#![forbid(unsafe_code)]

use std::{env, io, thread, time::Duration};

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
    thread::spawn(move || {
        // Whatever ends it.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(handle.stop(true));
    });
    listening.server.await?;
    if let Some(logger) = listening.logger {
        let _ = logger.shutdown(Duration::from_secs(10)).await;
        let counters = logger.counters();
        println!("{} {}", counters.produced, counters.written);
    }
    Ok(())
}
