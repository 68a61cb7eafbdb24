//! A log as an API writes it, of lines of about 1.4 kB, the same in every run.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    time::{Duration, SystemTime},
};

use body_logger_core::{
    record::{entry_id, Body, BodyState, Json, Outcome, RecordText, ResponseRecord},
    Record,
};
use uuid::Uuid;

/// Writes so many bytes of lines, and returns how many lines those are.
pub(super) fn write(path: &Path, bytes: u64) -> io::Result<u64> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let (mut written, mut lines) = (0, 0);
    while written < bytes {
        lines += 1;
        let line = serde_json::to_string(&record(lines))? + "\n";
        file.write_all(line.as_bytes())?;
        written += line.len() as u64;
    }
    file.flush()?;
    Ok(lines)
}

fn record(number: u64) -> Record {
    // Spreads numbers evenly, and the same in every run.
    let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let time = SystemTime::UNIX_EPOCH + Duration::from_micros(1_795_252_501_000_000 + number * 731);
    let run = Uuid::from_u128(0x0199_aaaa_0000_7000_8000_0000_0000_0001);
    let id = entry_id(run, number, time);
    let mut record = Record::new(id.to_string(), id, run, number, time);
    let status = match random % 1000 {
        0 => 500,
        1..=29 => 404,
        _ => 200,
    };
    let method = match random / 1000 % 10 {
        0 => "DELETE",
        1..=4 => "POST",
        _ => "GET",
    };
    record.outcome = Some(Outcome::Completed);
    record.duration_us = Some(200 + random % 100_000);
    record.ttfb_us = Some(150 + random % 90_000);
    record.client.addr =
        Some(format!("192.0.2.{}:{}", random % 250, 1024 + random % 60_000).into());
    record.attributes = [("user".to_owned(), (random % 5000).to_string())].into();
    let request = &mut record.request;
    request.method = method.into();
    request.scheme = "https".into();
    request.host = Some("shop.example.org".into());
    request.path = format!("/shop{}/orders/{}", random % 20, random % 100_000).into();
    request.route = Some("/shop{shop}/orders/{id}".into());
    request.query = Some("page=2&token=***".into());
    request.version = "HTTP/1.1".into();
    request.headers = headers(&[
        ("accept", "application/json, text/plain, */*"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("authorization", "***"),
        ("content-type", "application/json"),
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        ),
    ]);
    let item = r#"{"item":"keyboard","count":2,"card":"***","note":"please ring twice"}"#;
    request.body = body(item);
    let mut response = ResponseRecord::new(status);
    response.headers = headers(&[
        ("cache-control", "no-store"),
        ("content-type", "application/json"),
        ("x-request-id", "01a1fd63-3a83-7c2e-9f64-3d1c5b7a9e21"),
    ]);
    response.body = body(&format!(
        r#"{{"id":{number},"items":[{item},{item}],"total":149.90}}"#
    ));
    record.response = Some(response);
    record
}

fn headers(headers: &[(&str, &str)]) -> Vec<(RecordText, RecordText)> {
    let headers = headers.iter();
    headers
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn body(json: &str) -> Body {
    let mut body = Body::default();
    body.state = BodyState::Complete;
    body.bytes = Some(json.len() as u64);
    body.captured = json.len() as u64;
    body.media_type = Some("application/json".into());
    body.json = Some(Json::from_valid_text(json.to_owned()));
    body
}
