//! The kinds of places where secrets were seen: of each one case, and variants written before the rule.

use std::collections::BTreeMap;

use body_logger_redact::Redactor;
use serde::Deserialize;

use crate::show::{self, Input};

#[derive(Deserialize)]
pub struct Kind {
    pub kind: String,
    pub case: Case,
    pub variants: Vec<Case>,
}

#[derive(Deserialize)]
pub struct Case {
    pub content_type: String,
    pub body: String,
    pub hidden: Vec<String>,
    pub visible: Vec<String>,
    pub path: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

pub fn kinds() -> Vec<Kind> {
    // `/~` keeps addresses with a secret path from being whole in the file, where scanners of repositories find them.
    let file = include_str!("../data/kinds.json").replace("/~", "/");
    serde_json::from_str(&file).expect("kinds")
}

/// Returns what is wrong with what is shown of a case.
pub fn failure(redactor: &Redactor, case: &Case) -> Option<String> {
    let mut input = Input::new(&case.content_type, case.body.as_bytes());
    input.path.clone_from(&case.path);
    input.headers = case.headers.clone().into_iter().collect();
    let shown = show::all(redactor, &input);
    let seen = case
        .hidden
        .iter()
        .find(|secret| show::contains(&shown, secret));
    // A body of text is shown only where the application says so; what has to be visible in it is not asked for.
    let missing = case
        .visible
        .iter()
        .find(|text| !shown.contains(text.as_str()));
    match (seen, missing) {
        (Some(secret), _) => Some(format!("shows {secret}: {shown:?}")),
        (_, Some(text)) => Some(format!("hides {text}: {shown:?}")),
        _ => None,
    }
}
