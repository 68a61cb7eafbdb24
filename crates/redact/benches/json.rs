//! How fast JSON is redacted, beside parsing the same bytes with serde_json in the same run.
//!
//! What is measured is relative: the two take turns, so that a busy machine slows down both.

#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use body_logger_redact::{Extent, Redactor};
use serde_json::{json, Value};

const ROUNDS: usize = 11;
/// Long enough for the clock, short enough for turns.
const TURN: Duration = Duration::from_millis(10);

fn main() {
    println!("| document | bytes | redacted MB/s | parsed MB/s | ratio | wanted |");
    println!("|---|---:|---:|---:|---:|---:|");
    let redactor = Redactor::default();
    for (name, wanted, document) in documents() {
        let input = document.as_bytes();
        let redact = || drop(black_box(redactor.json(black_box(input), Extent::Whole)));
        let parse = || drop(black_box(serde_json::from_slice::<Value>(black_box(input))));
        let (mut redacted, mut parsed) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            redacted.push(seconds_of(redact));
            parsed.push(seconds_of(parse));
        }
        let speed = |seconds| input.len() as f64 / 1e6 / median(seconds);
        let (redacted, parsed) = (speed(redacted), speed(parsed));
        println!(
            "| {name} | {} | {redacted:.0} | {parsed:.0} | {:.2} | {wanted} |",
            input.len(),
            redacted / parsed
        );
    }
}

/// How long one run takes, of as many as fill a turn.
fn seconds_of(run: impl Fn()) -> f64 {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < TURN {
        run();
        runs += 1;
    }
    start.elapsed().as_secs_f64() / f64::from(runs)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn documents() -> Vec<(&'static str, f64, String)> {
    let records: Vec<_> = (0..1500).map(record).collect();
    let prose = "It was the best of times, it was the worst of times; it was the age of wisdom. ";
    let paragraphs = vec![format!("\"{}\"", prose.repeat(20)); 200];
    vec![
        ("records", 4.0, format!("[{}]", records.join(","))),
        ("webhook", 2.0, webhook().to_string()),
        ("prose", 0.15, format!("[{}]", paragraphs.join(","))),
        ("a small record", 4.0, record(7)),
        ("13 bytes", 1.0, "{\"hello\":\"wo\"}".to_owned()),
    ]
}

fn record(n: u64) -> String {
    format!(
        r#"{{"id":{n},"name":"user {n}","email":"user{n}@example.org","active":true,"password":"s3cret-{n}","address":{{"street":"{n} Main Street","city":"Springfield","zip":"{:05}"}},"roles":["reader","writer"],"balance":{n}.25,"note":null}}"#,
        n * 7 % 99_999
    )
}

/// A document like those of a code host: many names of which most come once or twice, and URLs.
fn webhook() -> Value {
    let account = |login: &str| {
        let of = |rest: &str| format!("https://api.host.example/users/{login}{rest}");
        json!({
            "login": login, "id": 583_231, "node_id": "MDQ6VXNlcjU4MzIzMQ==", "gravatar_id": "", "type": "User",
            "avatar_url": "https://avatars.host.example/u/583231?v=4", "site_admin": false, "url": of(""),
            "html_url": format!("https://host.example/{login}"), "followers_url": of("/followers"),
            "following_url": of("/following{/other_user}"), "gists_url": of("/gists{/gist_id}"),
            "starred_url": of("/starred{/owner}{/repo}"), "subscriptions_url": of("/subscriptions"),
            "organizations_url": of("/orgs"), "repos_url": of("/repos"), "events_url": of("/events{/privacy}"),
        })
    };
    let urls: serde_json::Map<_, _> = [
        "forks",
        "keys",
        "collaborators",
        "teams",
        "hooks",
        "issue_events",
        "events",
        "assignees",
        "branches",
        "tags",
        "blobs",
        "git_tags",
        "git_refs",
        "trees",
        "statuses",
        "languages",
        "stargazers",
        "contributors",
        "subscribers",
        "subscription",
        "commits",
        "git_commits",
        "comments",
        "issue_comment",
        "contents",
        "compare",
        "merges",
        "archive",
        "downloads",
        "issues",
        "pulls",
        "milestones",
        "notifications",
        "labels",
        "releases",
        "deployments",
    ]
    .iter()
    .map(|kind| {
        let url = format!("https://api.host.example/repos/ann/Hello-World/{kind}{{/sha}}");
        (format!("{kind}_url"), Value::from(url))
    })
    .collect();
    let mut repository = json!({
        "id": 35_129_377, "node_id": "MDEwOlJlcG9zaXRvcnkzNTEyOTM3Nw==", "name": "Hello-World", "full_name": "ann/Hello-World",
        "owner": account("ann"), "private": false, "description": "A place to try things out", "fork": true,
        "created_at": "2015-05-05T23:40:12Z", "updated_at": "2015-05-05T23:40:12Z", "pushed_at": "2015-05-05T23:40:27Z",
        "git_url": "git://host.example/ann/Hello-World.git", "size": 0, "stargazers_count": 0, "watchers_count": 0,
        "language": null, "has_issues": true, "has_downloads": true, "has_wiki": true, "has_pages": true, "forks_count": 0,
        "mirror_url": null, "open_issues_count": 0, "default_branch": "master",
        "license": {"key": "mit", "name": "MIT License", "spdx_id": "MIT", "url": "https://api.host.example/licenses/mit"},
    });
    if let Some(members) = repository.as_object_mut() {
        members.extend(urls);
    }
    json!({
        "action": "opened", "number": 1, "repository": repository, "sender": account("bob"),
        "pull_request": {
            "id": 34_778_301, "state": "open", "locked": false, "title": "Update the README", "user": account("bob"),
            "body": "This is a pretty simple change that we need to pull into main.", "merge_commit_sha": null,
            "head": {"label": "bob:changes", "ref": "changes", "sha": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c"},
            "additions": 1, "deletions": 1, "changed_files": 1, "author_association": "NONE",
        },
    })
}
