//! What it costs a server that its log is shipped by the same process: one with a shipper, and the same one without, in
//! turns.

use std::{fs, path::Path, time::Duration};

use actix_web_body_logger::ship::{
    Acknowledged, Destination, Outgoing, SendError, ShipHandle, Shipper,
};

use super::{
    load::{self, CONNECTIONS},
    process::{Directory, Server},
    traffic::post,
};

/// How long one server is loaded before it is the other one's turn.
const TURN: Duration = Duration::from_secs(3);

/// Of the throughput without a shipper, what must be left on a machine whose processors are all busy: what the shipper
/// does there, no exchange can.
const LEAST: f64 = 0.85;

const LOG: &str = "shipped.jsonl";
const POSITION: &str = "shipped.position";

/// Accepts everything at once: what storing it takes is taken of another machine.
struct Accepts;

impl Destination for Accepts {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        Ok(checkpoint)
    }

    async fn send(&mut self, _: &[Outgoing]) -> Result<Acknowledged, SendError> {
        Ok(Acknowledged::default())
    }
}

/// Ships the log of the server with the sink `shipped`.
pub(crate) fn start(directory: &Path) -> ShipHandle {
    let shipper = Shipper::new(directory.join(LOG), directory.join(POSITION), Accepts);
    shipper.spawn().expect("a shipper")
}

pub(crate) fn run(seconds: u64) -> Result<(), String> {
    let directory = Directory::new();
    let request = post("/echo", r#"{"item":"server","quantity":2}"#);
    let start = |name: &str| Server::start(name, &directory.0);
    let (alone, shipped) = (start("file"), start("shipped"));
    let turns = (seconds / TURN.as_secs() / 2).max(1);
    println!(
        "{CONNECTIONS} connections, {turns} turns of {} s for each server\n",
        TURN.as_secs()
    );
    println!("| turn | without a shipper, requests/s | with one | ratio |");
    println!("|---:|---:|---:|---:|");
    let mut ratios = Vec::new();
    for turn in 1..=turns {
        let alone = load::run(alone.addr, &request, TURN)?.per_second;
        let shipped = load::run(shipped.addr, &request, TURN)?.per_second;
        let ratio = shipped / alone;
        println!("| {turn} | {alone:.0} | {shipped:.0} | {ratio:.2} |");
        ratios.push(ratio);
    }
    let lost = [alone.stop()?.lost, shipped.stop()?.lost];
    let (behind, bytes) = position(&directory.0)?;
    println!("\nshipped {behind} of {bytes} bytes; {lost:?} entries lost");
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    println!("the median ratio is {median:.2}");
    match median >= LEAST && behind > bytes / 2 {
        true => Ok(()),
        false => Err("the shipper takes too much, or ships too little".to_owned()),
    }
}

/// Where the shipper is in its log, and how long that is.
fn position(directory: &Path) -> Result<(u64, u64), String> {
    let read = |name: &str| fs::read(directory.join(name)).map_err(|error| error.to_string());
    let saved: serde_json::Value =
        serde_json::from_slice(&read(POSITION)?).map_err(|error| error.to_string())?;
    let behind = saved["position"]["offset"].as_u64().unwrap_or(0);
    let log = fs::metadata(directory.join(LOG)).map_err(|error| error.to_string())?;
    Ok((behind, log.len()))
}
