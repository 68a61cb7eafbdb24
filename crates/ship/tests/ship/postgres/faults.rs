//! Servers and connections that fail.

use std::{cell::RefCell, thread, time::Duration};

use super::{
    super::{
        certificates::{self, Authority},
        kill,
        log::{lines, Directory},
        servers::Postgres as Server,
        shipper, stop,
        suite::{self, Place as _},
        until,
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
        thread::spawn(move || {
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
    if let Some(table) = Table::new("proxy") {
        suite::survives_connections_that_close_at_random(&table, 800_000);
    }
}

#[test]
fn a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let test = "postgres::faults::a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing";
    if let Some(child) = kill::Child::here() {
        // By which its connections are told from those of other tests.
        let url = format!("{}&application_name={}", child.url, child.name);
        return child.ship(destination(&url, &child.name));
    }
    let Some(table) = Table::new("kill") else {
        return;
    };
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{}'",
        table.name
    );
    suite::survives_kills_of_shippers(test, &table, |kill| {
        if kill % 3 == 2 {
            // As a server that ends: all of its connections do.
            table.execute(&end);
        }
    });
}

#[test]
fn a_server_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let table = Table::at(format!("{}?sslmode=disable", server.url()), "killed");
    suite::survives_kills_of_the_server(&table, kill::kills().div_ceil(4), || {
        thread::sleep(Duration::from_micros(fastrand::u64(0..100_000)));
        server.kill();
        server.restart();
    });
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
fn without_sslmode_any_certificate_encrypts_unless_some_are_to_be_trusted() {
    let (Some(authority), Some(mut server)) = (Authority::new(), Server::start()) else {
        return;
    };
    // Nobody has to trust who made it, and it is for another address.
    server.use_certificate(&authority.certify("127.0.0.2"));
    server.kill();
    server.restart();
    let table = Table::at(format!("{}?sslmode=disable", server.url()), "any");
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let handle = shipper(&directory, destination(&server.url(), &table.name));
    let handle = handle.spawn().expect("a shipper");
    until(|| handle.counters().shipped == 10);
    let sql = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'body-logger-ship'";
    let row = table.runtime.block_on(table.client.query_one(sql, &[]));
    assert!(row.expect("a connection").get::<_, bool>(0), "encrypted");
    assert_eq!(stop(handle).retries, 0);
    table.check(1..11);

    let require = destination(&format!("{}?sslmode=require", server.url()), &table.name);
    let prefer = destination(&server.url(), &table.name).root_certificates(authority.roots());
    for destination in [require, prefer] {
        let error = table.connect(destination).expect_err("a wrong certificate");
        let text = error.to_string();
        assert!(
            text.starts_with("the server's certificate is not trusted: ")
                && text.ends_with("; root_certificates names a file with those to trust"),
            "{text}"
        );
    }
}

#[test]
fn a_server_that_is_slow_away_and_refuses_one_in_a_thousand_loses_and_repeats_nothing_else() {
    let Some(table) = Table::new("outage") else {
        return;
    };
    table.connect(table.destination()).expect("a table");
    let name = &table.name;
    table.execute(&format!("ALTER TABLE {name} ADD CHECK (seq % 1000 <> 250)"));
    suite::survives_an_outage(&table, |seq| seq % 1000 == 250);
}

#[test]
fn a_column_that_somebody_added_and_must_not_be_null_makes_no_dead_letters() {
    let Some(table) = Table::new("added") else {
        return;
    };
    table.connect(table.destination()).expect("a table");
    let name = &table.name;
    table.execute(&format!(
        "ALTER TABLE {name} ADD COLUMN tenant text NOT NULL"
    ));
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let handle = shipper(&directory, table.destination());
    let handle = handle.spawn().expect("a shipper");
    until(|| handle.counters().retries >= 2 || handle.counters().dead_letters > 0);
    table.execute(&format!("ALTER TABLE {name} DROP COLUMN tenant"));
    kill::wait_for(&directory);
    assert_eq!(stop(handle).dead_letters, 0);
    table.check(1..11);
}

#[test]
fn a_table_that_is_gone_is_told_and_nothing_passed_over() {
    let Some(table) = Table::new("gone") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let handle = shipper(&directory, table.destination());
    let handle = handle.spawn().expect("a shipper");
    kill::wait_for(&directory);
    let name = &table.name;
    table.execute(&format!("ALTER TABLE {name} RENAME TO {name}_away"));
    directory.append(&lines(11..21));
    until(|| handle.counters().retries >= 2);
    let error = table.connect(table.destination()).expect_err("no table");
    let expected =
        format!("table {name} is gone; an empty one is made if {name}_version is dropped, too");
    assert_eq!(error.to_string(), expected);
    table.execute(&format!("ALTER TABLE {name}_away RENAME TO {name}"));
    kill::wait_for(&directory);
    assert_eq!(stop(handle).shipped, 20);
    table.check(1..21);
}
