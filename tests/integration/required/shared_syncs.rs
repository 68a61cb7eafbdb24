//! One sync serves all who wait.

use actix_web::{web, HttpResponse};
use actix_web_body_logger::policy::RequiredOptions;

use super::{
    disk::{Condition, Disk},
    Required,
};

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/required", web::to(HttpResponse::Ok));
}

#[test]
fn all_requests_that_come_during_a_sync_share_the_next_one() {
    const OTHERS: usize = 40;
    let disk = Disk::new(Condition::StallsInSync);
    let server = Required::new(&disk, RequiredOptions::default(), routes);
    let send = || {
        let mut client = server.app.connect();
        client.send("GET /required HTTP/1.1\r\nhost: test\r\n\r\n");
        client
    };
    let mut clients = vec![send()];
    disk.wait_stalled();
    clients.extend((0..OTHERS).map(|_| send()));
    server.wait_queued(1 + OTHERS);
    disk.becomes(Condition::Works);
    disk.wait_durable(1 + OTHERS);
    for client in &mut clients {
        assert_eq!(client.response().status, 200);
    }
    // Of the request stages two, the first alone; of the response stages no more than come apart.
    let syncs = disk.syncs();
    assert!(syncs <= 2 + OTHERS / 2, "{syncs} syncs");
    drop(clients);
    assert_eq!(server.stop().len(), 2 * (1 + OTHERS));
}

#[test]
fn other_routes_are_not_synced() {
    fn routes(cfg: &mut web::ServiceConfig) {
        cfg.route("/free", web::to(HttpResponse::Ok));
    }
    let disk = Disk::new(Condition::Works);
    let server = Required::new(&disk, RequiredOptions::default(), routes);
    for _ in 0..10 {
        assert_eq!(server.app.connect().get("/free").status, 200);
    }
    assert_eq!(disk.syncs(), 0);
    server.stop();
}
