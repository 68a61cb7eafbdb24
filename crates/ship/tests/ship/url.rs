//! Destinations as URLs.

use body_logger_ship::{DestinationUrl, UrlError};

fn parse(url: &str) -> Result<DestinationUrl, UrlError> {
    url.parse()
}

#[test]
fn urls_of_all_schemes_are_parsed_with_their_parameters() {
    let urls = [
        #[cfg(feature = "jetstream")]
        "nats://one:4222,two:4222?stream=AUDIT&service=orders&instance=one&subject=audit.%7Binstance%7D.%7Bkind%7D",
        #[cfg(feature = "jetstream")]
        "tls://one?stream=A&service=s&instance=i&replicas=3&duplicate_window=600&user=u&password_file=/p&root_certificates=/c",
        #[cfg(feature = "postgres")]
        "postgres://logger@db,db2:5433/audit?sslmode=require&table=audit.entries&schema=expect&password_file=/p",
        #[cfg(feature = "postgres")]
        "postgresql://db/audit",
        #[cfg(feature = "otlp")]
        "https://collector:4318/v1/logs?header_file=authorization:/run/a&header_file=x-tenant:/run/b",
    ];
    for url in urls {
        let parsed = parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(parsed.to_string(), url);
        let _destination = parsed
            .destination()
            .unwrap_or_else(|error| panic!("{url}: {error}"));
        assert!(DestinationUrl::is_url(url));
    }
}

#[test]
fn what_is_wrong_with_a_url_is_named_without_its_values() {
    for (url, expected) in [
        ("audit.jsonl", "the URL of a destination begins with nats://, tls://, postgres://, http:// or https://"),
        ("ftp://host", "the URL of a destination begins with nats://, tls://, postgres://, http:// or https://"),
        #[cfg(feature = "jetstream")]
        ("nats://host", "the URL needs the parameter stream"),
        #[cfg(feature = "jetstream")]
        ("nats://host?stream=A&password=hunter2", "the parameter password of the URL is not known"),
        #[cfg(feature = "jetstream")]
        ("nats://host?stream=A&replicas=hunter2", "the parameter replicas of the URL has no valid value"),
        #[cfg(feature = "jetstream")]
        ("nats://host?stream=A&user=u", "the URL needs the parameter password_file"),
        #[cfg(feature = "jetstream")]
        ("nats://u:hunter2@host?stream=A", "credentials in the URL can be seen by others; put them into a file"),
        #[cfg(feature = "postgres")]
        ("postgres://u:hunter2@host/db", "a password in the URL can be seen by others; put it into a file or into PGPASSWORD"),
        #[cfg(feature = "postgres")]
        ("postgres://host/db?password=hunter2", "a password in the URL can be seen by others; put it into a file or into PGPASSWORD"),
        #[cfg(feature = "postgres")]
        ("postgres://host/db?schema=hunter2", "the parameter schema of the URL has no valid value"),
        #[cfg(feature = "postgres")]
        ("postgres://host/db?hunter=2", "not a URL of PostgreSQL"),
        #[cfg(feature = "otlp")]
        ("https://u:hunter2@host", "credentials in the URL can be seen by others; put a header into a file"),
        #[cfg(feature = "otlp")]
        ("https://host?api_key=hunter2", "the parameter api_key of the URL is not known"),
        #[cfg(feature = "otlp")]
        ("https://host?header_file=hunter2", "the parameter header_file of the URL has no valid value"),
    ] {
        let error = parse(url).expect_err(url);
        assert_eq!(error.to_string(), expected, "{url}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[cfg(feature = "jetstream")]
#[test]
fn a_shipper_to_jetstream_has_names_and_a_reader_needs_none() {
    let url = parse("nats://host?stream=A").expect("a URL");
    let error = url.destination().expect_err("no names");
    assert_eq!(error.to_string(), "the URL needs the parameter service");
    let with_service = parse("nats://host?stream=A&service=s").expect("a URL");
    let error = with_service.destination().expect_err("no instance");
    assert_eq!(error.to_string(), "the URL needs the parameter instance");
    url.read().expect("a reader");
}

#[cfg(all(feature = "otlp", feature = "postgres"))]
#[test]
fn only_what_can_be_read_back_has_a_reader_and_only_tables_have_migrations() {
    let otlp = parse("http://host:4318").expect("a URL");
    assert!(matches!(otlp.read(), Err(UrlError::WriteOnly)));
    assert_eq!(otlp.migrations(), None);
    let postgres = parse("postgres://host/db?table=entries").expect("a URL");
    let sql = postgres.migrations().expect("a table");
    assert!(sql.contains("CREATE TABLE entries ("), "{sql}");
}

#[cfg(feature = "postgres")]
#[test]
fn a_destination_of_a_url_is_one() {
    use body_logger_ship::Destination;

    let url = parse("postgres://nobody@127.0.0.1:1/db").expect("a URL");
    let mut destination = url.destination().expect("a destination");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let connected = runtime
        .expect("a runtime")
        .block_on(destination.connect(None));
    let error = connected.expect_err("nobody listens").to_string();
    assert!(error.contains("refused"), "{error}");
}
