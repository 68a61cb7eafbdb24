//! Servers and connections that fail.

use std::cell::RefCell;

use super::{
    super::{
        certificates::{self, Authority},
        kill,
        log::{lines, Directory},
        outage::outlive,
        proxy::Mode,
        servers::Postgres as Server,
        shipper, stop, until,
    },
    destination, Table,
};

#[test]
fn a_certificate_that_is_not_trusted_is_refused() {
    let Some(table) = Table::new("certificate") else {
        return;
    };
    let ssl = table
        .runtime
        .block_on(table.client.query_one("SHOW ssl", &[]));
    if ssl.expect("a setting").get::<_, &str>(0) == "off" {
        return;
    }
    let url = table.url.replace("sslmode=disable", "sslmode=require");
    let error = table
        .connect(destination(&url, "entries"))
        .expect_err("no certificate of ours");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn an_encrypted_connection_is_not_given_up_for_one_that_is_not() {
    let Some(table) = Table::new("tls") else {
        return;
    };
    let proxy = NoEncryption::listen();
    let url = format!("postgres://root@{proxy}/test?sslmode=require");
    let error = table
        .connect(destination(&url, "entries"))
        .expect_err("no TLS");
    assert!(error.to_string().contains("TLS"), "{error}");
}

/// A server that offers no encryption.
struct NoEncryption;

impl NoEncryption {
    fn listen() -> std::net::SocketAddr {
        use std::io::{Read, Write};

        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let (mut client, _) = listener.accept().expect("a client");
            let mut request = [0; 8];
            client.read_exact(&mut request).expect("a request for TLS");
            client.write_all(b"N").expect("a client");
        });
        address
    }
}

#[test]
fn connections_that_close_at_random_lose_and_repeat_nothing() {
    let Some(table) = Table::new("proxy") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..3001));
    let (proxy, url) = table.through_proxy(Mode::ClosesWithin(800_000));
    let handle = shipper(&directory, destination(&url, &table.name)).batch_entries(200);
    let handle = handle.spawn().expect("a shipper");
    until(|| proxy.closed() >= 5 || handle.counters().shipped >= 3000);
    proxy.set(Mode::Reliable);
    kill::wait_for(&directory);
    assert!(stop(handle).retries > 0);
    assert_eq!(table.numbers(), Vec::from_iter(1..3001));
}

#[test]
fn a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let test = "postgres::faults::a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing";
    if let Some(child) = kill::Child::here() {
        return child.ship(destination(&child.url, &child.name));
    }
    let Some(table) = Table::new("kill") else {
        return;
    };
    let written = kill::kill_shippers(test, &table.url, &table.name, |kill| {
        if kill % 3 == 2 {
            // As a server that ends: all of its connections do.
            table.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'body-logger-ship'",
            );
        }
    });
    assert_eq!(table.numbers(), Vec::from_iter(1..=written));
}

#[test]
fn a_server_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let url = format!("{}?sslmode=disable", server.url());
    let directory = Directory::new();
    directory.append(&lines(1..2));
    let handle = shipper(&directory, destination(&url, "ship_killed")).batch_entries(50);
    let handle = handle.spawn().expect("a shipper");
    let mut next = 2;
    for _ in 0..kill::kills().div_ceil(4) {
        let shipped = handle.counters().shipped;
        directory.append(&lines(next..next + 1000));
        next += 1000;
        until(|| handle.counters().shipped > shipped);
        std::thread::sleep(std::time::Duration::from_micros(fastrand::u64(0..100_000)));
        server.kill();
        server.restart();
    }
    kill::wait_for(&directory);
    assert!(stop(handle).retries > 0);
    let mut table = Table::at(url, "killed");
    table.name = "ship_killed".to_owned();
    assert_eq!(table.numbers(), Vec::from_iter(1..next));
}

#[test]
fn only_a_server_with_a_certificate_that_is_trusted_gets_entries() {
    let (Some(authority), Some(server)) = (Authority::new(), Server::start()) else {
        return;
    };
    let url = server.url();
    let server = RefCell::new(server);
    let start = |certificate: &certificates::Certificate| {
        let mut server = server.borrow_mut();
        server.use_certificate(certificate);
        server.kill();
        server.restart();
    };
    let connect = |roots: Option<&std::path::Path>| {
        let destination = destination(&format!("{url}?sslmode=require"), "ship_certified");
        match roots {
            Some(roots) => destination.root_certificates(roots),
            None => destination,
        }
    };
    let received = || {
        let mut table = Table::at(format!("{url}?sslmode=disable"), "certified");
        table.name = "ship_certified".to_owned();
        table.numbers()
    };
    certificates::check(start, connect, received, &authority);
}

#[test]
fn a_server_that_is_slow_away_and_refuses_one_in_a_thousand_loses_and_repeats_nothing_else() {
    let Some(table) = Table::new("outage") else {
        return;
    };
    table.connect(table.destination()).expect("a table");
    let name = &table.name;
    table.execute(&format!("ALTER TABLE {name} ADD CHECK (seq % 1000 <> 250)"));
    let (proxy, url) = table.through_proxy(Mode::Reliable);
    let outlived = outlive(&proxy, destination(&url, name));
    let is_refused = |seq: &u64| seq % 1000 == 250;
    let expected = (1..=outlived.written).filter(|seq| !is_refused(seq));
    assert_eq!(table.numbers(), Vec::from_iter(expected));
    let refused: Vec<_> = outlived
        .directory
        .dead_letters()
        .iter()
        .map(|it| it.0)
        .collect();
    let expected = (1..=outlived.written).filter(is_refused);
    assert_eq!(refused, Vec::from_iter(expected));
    assert_eq!(outlived.counters.dead_letters, refused.len() as u64);
    assert_eq!(outlived.counters.losses, 0);
}
