//! Credentials of destinations: from files and from the environment to the server, and to nowhere else.

use rustix::process::Signal;

use super::{
    super::*,
    command::{Shipping, Stopped},
    receivers::{Collector, Gate},
};

const SECRET: &str = "hunter2-canary";

/// The seed of a key, with which a client signs what a server of NATS sends. It never leaves the machine.
const SEED: &str = "SUAJ3P6LFEJOHP7E2VGDMTKPPCIJVW3TDMVW2NEV6CHORQ3E3OM755DVAU";

/// One way to give the command a secret.
struct Way<'a> {
    /// What the URL says of it.
    parameters: &'a str,
    /// What stands in the file that is `FILE` there.
    file: String,
    /// `FILE` is that file here, too.
    environment: &'a [(&'a str, &'a str)],
}

impl<'a> Way<'a> {
    fn file(parameters: &'a str) -> Self {
        Self {
            parameters,
            file: SECRET.to_owned(),
            environment: &[],
        }
    }

    /// A file with a JWT and the seed of its key.
    fn signed(parameters: &'a str, environment: &'a [(&'a str, &'a str)]) -> Self {
        let file = format!(
            "-----BEGIN NATS USER JWT-----\n{SECRET}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{SEED}\n------END USER NKEY SEED------\n"
        );
        Self {
            parameters,
            file,
            environment,
        }
    }

    fn environment(environment: &'a [(&'a str, &'a str)]) -> Self {
        Self {
            parameters: "",
            file: String::new(),
            environment,
        }
    }
}

/// Ships to a server that refuses it, and checks where the secret is.
fn check(gate: &Gate, name: &str, url: &str, way: &Way<'_>) {
    let directory = Directory::new(name);
    let live = directory.with("audit.jsonl", lines(0..1));
    let secret = directory.with("secret", &way.file);
    let url = format!("{url}{}", way.parameters.replace("FILE", &secret));
    let variables = way.environment.iter();
    let environment: Vec<_> = variables
        .map(|(name, value)| (*name, value.replace("FILE", &secret)))
        .collect();
    let environment: Vec<_> = environment
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let mut shipping = Shipping::with(&[&live, "--to", &url, "--metrics", "1"], &environment);
    shipping.wait_for_metrics(|metrics| metrics["retries"].as_u64() > Some(1));
    let stopped = shipping.stop(Signal::TERM);
    let output = stopped.out + &stopped.err;
    assert_eq!(stopped.code, Some(0), "{output}");
    assert!(gate.was_presented(SECRET), "{output}");
    assert!(!gate.was_presented(SEED), "{output}");
    assert!(output.contains("cannot ship"), "{output}");
    let is_shown = |text: &str| text.contains("hunter2") || text.contains(SEED);
    assert!(!is_shown(&output), "{output}");
    fs::remove_file(&secret).expect("a file");
    for file in fs::read_dir(directory.file("audit.jsonl.ship")).expect("positions") {
        let file = file.expect("a file").path();
        let text = fs::read_to_string(&file).expect("text");
        assert!(!is_shown(&text), "{}: {text}", file.display());
        assert!(!is_shown(&file.to_string_lossy()));
    }
}

#[test]
fn those_of_nats_reach_the_server_and_nothing_else() {
    let ways = [
        Way::environment(&[("NATS_USER", "me"), ("NATS_PASSWORD", SECRET)]),
        Way::environment(&[("NATS_TOKEN", SECRET)]),
        Way::file("&user=me&password_file=FILE"),
        Way::file("&token_file=FILE"),
        Way::signed("", &[("NATS_CREDS", "FILE")]),
        Way::signed("&credentials_file=FILE", &[]),
    ];
    for (way, number) in ways.iter().zip(0..) {
        let gate = Gate::nats();
        let url = format!(
            "nats://127.0.0.1:{}?stream=A&service=s&instance=i",
            gate.port
        );
        check(&gate, &format!("ship-secret-nats-{number}"), &url, way);
    }
}

#[test]
fn those_of_postgres_reach_the_server_and_nothing_else() {
    let ways = [
        Way::environment(&[("PGPASSWORD", SECRET)]),
        Way::file("&password_file=FILE"),
    ];
    for (way, number) in ways.iter().zip(0..) {
        let gate = Gate::postgres();
        let url = format!(
            "postgres://me@127.0.0.1:{}/audit?sslmode=disable",
            gate.port
        );
        check(&gate, &format!("ship-secret-postgres-{number}"), &url, way);
    }
}

#[test]
fn those_of_otlp_reach_the_server_and_nothing_else() {
    let header = format!("authorization=Bearer%20{SECRET}");
    let of_all = [("OTEL_EXPORTER_OTLP_HEADERS", &*header)];
    let of_logs = [("OTEL_EXPORTER_OTLP_LOGS_HEADERS", &*header)];
    let ways = [
        Way::environment(&of_all),
        Way::environment(&of_logs),
        Way::file("?header_file=authorization:FILE"),
    ];
    for (way, number) in ways.iter().zip(0..) {
        let gate = Gate::otlp();
        let url = format!("http://127.0.0.1:{}", gate.port);
        check(&gate, &format!("ship-secret-otlp-{number}"), &url, way);
    }
}

#[test]
fn a_receiver_of_otlp_that_knows_them_gets_all() {
    let collector = Collector::start();
    let directory = Directory::new("ship-known");
    let live = directory.with("audit.jsonl", lines(0..2));
    let secret = directory.with("secret", format!("Bearer {SECRET}\n"));
    let url = format!("{}?header_file=authorization:{secret}", collector.url);
    let shipped = run(&["ship", &live, "--once", "--to", &url]);
    assert_eq!((shipped.code, &shipped.err[..]), (0, ""));
    assert_eq!(collector.entries().len(), 2);
    let header = format!("authorization: Bearer {SECRET}\r\n");
    assert!(collector.heads().iter().all(|head| head.contains(&header)));
}

#[test]
fn files_that_hold_no_credentials_are_named_and_not_quoted() {
    let directory = Directory::new("ship-no-secret");
    let live = directory.with("audit.jsonl", lines(0..1));
    let broken = directory.with("secret", format!("{SECRET}\0"));
    let gone = text(&directory.file("gone"));
    for (url, file) in [
        (
            format!("nats://127.0.0.1:1?stream=A&service=s&instance=i&credentials_file={broken}"),
            &broken,
        ),
        (
            format!("nats://127.0.0.1:1?stream=A&service=s&instance=i&token_file={gone}"),
            &gone,
        ),
        (
            format!("postgres://127.0.0.1:1/audit?password_file={gone}"),
            &gone,
        ),
        (
            format!("http://127.0.0.1:1?header_file=authorization:{broken}"),
            &broken,
        ),
        (
            format!("http://127.0.0.1:1?header_file=authorization:{gone}"),
            &gone,
        ),
    ] {
        let mut shipping = Shipping::with(&[&live, "--to", &url, "--metrics", "1"], &[]);
        shipping.wait_for_metrics(|metrics| metrics["retries"].as_u64() > Some(0));
        let Stopped { code, out, err, .. } = shipping.stop(Signal::TERM);
        assert_eq!(code, Some(0), "{err}");
        assert!(err.contains(&**file), "{err}");
        assert!(!(out + &err).contains("hunter2"), "{err}");
    }
}
