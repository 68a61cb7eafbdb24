//! One sync serves all who wait.

use actix_web::{web, HttpResponse};
use tokio::sync::Semaphore;

use super::{
    disk::{Condition, Disk},
    durable, options, Required,
};

/// Lets handlers answer.
static ANSWERS: Semaphore = Semaphore::const_new(0);

async fn waits() -> HttpResponse {
    let permit = ANSWERS.acquire().await;
    permit.expect("nobody closes it").forget();
    HttpResponse::Ok().finish()
}

#[test]
fn all_exchanges_that_wait_during_a_sync_share_the_next_one() {
    const OTHERS: usize = 40;
    let disk = Disk::new(Condition::StallsInSync);
    // Gets entries after the disk: those it has are queued for the disk, too.
    let last = Disk::named("last", Condition::Works);
    let server = Required::with(
        |logger| {
            let logger = logger.required_sink(durable(&disk));
            logger.required_sink(durable(&last))
        },
        options(),
        |cfg| {
            cfg.route("/required", web::to(waits));
        },
    );
    let send = || {
        let mut client = server.app.connect();
        client.send("GET /required HTTP/1.1\r\nhost: test\r\n\r\n");
        client
    };
    let mut clients = vec![send()];
    disk.wait_stalled();
    clients.extend((0..OTHERS).map(|_| send()));
    last.wait_durable(1 + OTHERS);
    disk.becomes(Condition::Works);
    disk.wait_durable(1 + OTHERS);
    assert_eq!(disk.syncs(), 2, "of request stages, the first one's alone");

    disk.becomes(Condition::StallsInSync);
    ANSWERS.add_permits(1 + OTHERS);
    disk.wait_stalled();
    last.wait_durable(2 * (1 + OTHERS));
    disk.becomes(Condition::Works);
    for client in &mut clients {
        assert_eq!(client.response().status, 200);
    }
    // All response stages share one sync if all came before the first of them was taken.
    let syncs = disk.syncs() - 2;
    assert!(syncs == 2 || syncs == 1, "{syncs} syncs of response stages");
    drop(clients);
    assert_eq!(server.stop().len(), 2 * (1 + OTHERS));
}

#[test]
fn other_routes_are_not_synced() {
    fn routes(cfg: &mut web::ServiceConfig) {
        cfg.route("/free", web::to(HttpResponse::Ok));
    }
    let disk = Disk::new(Condition::Works);
    let server = Required::new(&disk, options(), routes);
    for _ in 0..10 {
        assert_eq!(server.app.connect().get("/free").status, 200);
    }
    assert_eq!(disk.syncs(), 0);
    server.stop();
}
