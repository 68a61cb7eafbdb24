//! Secrets by their place: pairs of a name and a value, JSON Patch, lists of pairs and of headers, GraphQL variables.
//!
//! A value whose name may still follow is noted as waiting, by its number among the edits, and masked or left when its
//! object ends: a repeated member costs no more than any other.

use std::{collections::HashMap, ops::Range};

use super::{
    edits::Kind,
    reader::{Member, Reader},
    string::{self, Escapes},
};
use crate::{
    decision::{decide, is_plain, Decision, Value},
    finding::Rule,
    names::{NameClass, Role},
    redacted::{End, Extent},
};

/// The longest text that is judged as the name of a pair.
const LONGEST_NAME: usize = 80;

/// A level with a pair, or a part of one.
#[derive(Debug, Default)]
pub(super) struct Pair {
    depth: usize,
    /// What its names say; the most secret of several.
    name: NameClass,
    has_name: bool,
    /// The text that may be a name, and is not judged yet.
    unjudged: Option<Range<usize>>,
    /// What its `path` says, which is a name beside `op` only.
    path: NameClass,
    has_op: bool,
    /// The numbers of its values' edits.
    values: Vec<usize>,
    /// Whether it is a list of a name and a value, and how many elements it has.
    is_list: bool,
    elements: usize,
}

/// A level with a GraphQL request.
#[derive(Debug)]
pub(super) struct Graph {
    depth: usize,
    has_query: bool,
    /// The variables that are passed to secret arguments, and what these are.
    secret: Vec<(String, NameClass)>,
    /// The names of variables, and the edits of their values.
    values: Vec<(Range<usize>, usize)>,
}

impl Reader<'_> {
    fn pair(&mut self, depth: usize) -> &mut Pair {
        if self.pairs.last().is_none_or(|pair| pair.depth != depth) {
            self.pairs.push(Pair {
                depth,
                ..Pair::default()
            });
        }
        let last = self.pairs.len() - 1;
        &mut self.pairs[last]
    }

    fn graph(&mut self, depth: usize) -> &mut Graph {
        if self.graphs.last().is_none_or(|graph| graph.depth != depth) {
            self.graphs.push(Graph {
                depth,
                has_query: false,
                secret: Vec::new(),
                values: Vec::new(),
            });
        }
        let last = self.graphs.len() - 1;
        &mut self.graphs[last]
    }

    /// The object that is open now holds GraphQL variables.
    pub(super) fn open_variables(&mut self) {
        let depth = self.nesting.depth() - 1;
        if depth > 0 {
            self.graph(depth);
        }
    }

    fn in_variables(&self) -> bool {
        let depth = self.nesting.depth();
        self.nesting.in_object()
            && self
                .graphs
                .last()
                .is_some_and(|graph| graph.depth + 1 == depth)
    }

    /// Where the pair is that this value belongs to, if it is a pair's value.
    fn pair_depth(&self, member: &Member) -> Option<usize> {
        let depth = self.nesting.depth();
        if self.nesting.in_object() {
            return (member.class.role == Role::Value).then_some(depth);
        }
        if self.context.waits {
            return Some(depth - 1);
        }
        let in_list = self
            .pairs
            .last()
            .is_some_and(|pair| pair.depth == depth && pair.is_list);
        (in_list && !member.is_first).then_some(depth)
    }

    /// Whether a value at this place is masked if the input ends in it.
    pub(super) fn would_wait(&mut self, member: &Member) -> bool {
        let Some(depth) = self.pair_depth(member) else {
            return self.in_variables() || self.in_data();
        };
        self.judge_last();
        self.pairs
            .last()
            .is_none_or(|pair| pair.depth != depth || pair.is_open_secret())
    }

    /// Notes a value that is shown so far and may belong to a secret name.
    #[inline]
    pub(super) fn wait(&mut self, value: Range<usize>, text: &str, member: &Member) {
        if self.context.header.is_secret() && !is_harmless_header(text) {
            self.edits.push(value, Rule::Structure, Kind::Value);
            return;
        }
        if self.in_data() {
            self.wait_for_kind(value.clone());
        }
        if let Some(depth) = self.pair_depth(member) {
            let edit = self.edits.push(value, Rule::Structure, Kind::Waiting);
            let pair = self.pair(depth);
            pair.values.push(edit);
            pair.elements += 1;
        } else if self.in_variables() {
            let edit = self.edits.push(value, Rule::Structure, Kind::Waiting);
            if let Some(graph) = self.graphs.last_mut() {
                graph.values.push((self.name.clone(), edit));
            }
        }
    }

    /// Notes what a string says of its neighbours.
    #[inline]
    pub(super) fn note_string(&mut self, text: &str, value: Range<usize>, member: &Member) {
        if self.nesting.in_object() {
            if member.class.role != Role::None {
                self.note_member(text, value, member);
            }
        } else if self.nesting.depth() > 0 {
            self.note_element(text, member);
        }
    }

    pub(super) fn note_member(&mut self, text: &str, value: Range<usize>, member: &Member) {
        let depth = self.nesting.depth();
        match member.class.role {
            // Most names have no value beside them: they are judged when there is one.
            Role::Name => {
                let earlier = self.pair(depth).unjudged.replace(value);
                self.judge(earlier);
            }
            Role::Op => self.pair(depth).has_op = true,
            Role::Path => self.pair(depth).path = self.rules.names.class(text),
            Role::Query => {
                let found = graphql_variables(text, |name| self.rules.names.class(name));
                let is_document = text.contains('{');
                if is_document {
                    let graph = self.graph(depth);
                    graph.has_query = true;
                    graph.secret.extend(found);
                }
            }
            Role::Kind => self.note_kind(text),
            _ => {}
        }
    }

    /// Judges a name of the innermost pair, which stands in quotes.
    fn judge(&mut self, name: Option<Range<usize>>) {
        let Some(name) = name else {
            return;
        };
        let mut buffer = String::new();
        let raw = &self.text[name.start + 1..name.end - 1];
        let name = string::unescaped(raw, Escapes::Ascii, &mut buffer);
        if !is_name(name) {
            return;
        }
        let class = self.rules.names.class(name);
        if let Some(pair) = self.pairs.last_mut() {
            pair.has_name = true;
            if class.secrecy >= pair.name.secrecy {
                pair.name = class;
            }
        }
    }

    /// Judges the last name of the innermost pair.
    fn judge_last(&mut self) {
        let name = self.pairs.last_mut().and_then(|pair| pair.unjudged.take());
        self.judge(name);
    }

    /// Fast path: whether an element says nothing of others, nor do others say anything of it.
    pub(super) fn is_ordinary_element(&self, text: &str) -> bool {
        self.is_alone_in_array() && !is_header_name(text)
    }

    /// Fast path: whether no element before the next one says anything of it.
    pub(super) fn is_alone_in_array(&self) -> bool {
        let context = &self.context;
        !context.header.is_secret()
            && !context.after_name
            && !context.waits
            && !self.nesting.in_inner_array()
    }

    fn note_element(&mut self, text: &str, member: &Member) {
        let follows_header = self.context.header.is_secret();
        self.context.header = NameClass::default();
        let is_value = std::mem::take(&mut self.context.after_name);
        let is_pair = member.is_first && self.nesting.in_inner_array();
        // Under a name like `headers` names and values take turns.
        let is_flat = !is_pair && self.context.element.role == Role::Headers;
        let may_be_name = is_pair || is_flat || is_header_name(text);
        if follows_header || is_value || !may_be_name || !is_name(text) {
            return;
        }
        self.context.after_name = is_flat;
        let class = self.rules.names.class(text);
        if !class.is_secret() {
            return;
        }
        if is_pair {
            let depth = self.nesting.depth();
            let pair = self.pair(depth);
            (pair.is_list, pair.has_name, pair.name) = (true, true, class);
        } else {
            self.context.header = class;
        }
    }

    /// The level at `depth` ended.
    #[inline]
    pub(super) fn end_structures(&mut self, depth: usize) {
        if self.pairs.last().is_some_and(|pair| pair.depth == depth) {
            if self
                .pairs
                .last()
                .is_some_and(|pair| !pair.values.is_empty())
            {
                self.judge_last();
            }
            if let Some(pair) = self.pairs.pop() {
                let is_pair = !pair.is_list || pair.elements == 1;
                if is_pair {
                    self.mask_values(&pair.values, pair.class());
                }
            }
        }
        if self.graphs.last().is_some_and(|graph| graph.depth == depth) {
            if let Some(graph) = self.graphs.pop() {
                self.mask_variables(&graph);
            }
        }
        self.end_manifest(depth);
    }

    /// The input ended: what still waits for a name could be secret.
    pub(super) fn end_open_structures(&mut self) {
        let whole = self.is_embedded && self.extent == Extent::Whole;
        if whole && self.end() != End::Complete {
            // A text that only begins like JSON.
            while let Some(depth) = self.deepest_structure() {
                self.end_structures(depth);
            }
            return;
        }
        while !self.pairs.is_empty() {
            self.judge_last();
            let Some(pair) = self.pairs.pop() else {
                break;
            };
            if pair.is_open_secret() {
                for edit in pair.values {
                    self.edits.get_mut(edit).kind = Kind::Value;
                }
            }
        }
        self.end_open_manifests();
        for graph in std::mem::take(&mut self.graphs) {
            if graph.has_query {
                self.mask_variables(&graph);
            } else {
                for (_, edit) in graph.values {
                    if self.text[self.edits.range(edit)].starts_with('"') {
                        self.edits.get_mut(edit).kind = Kind::Value;
                    }
                }
            }
        }
    }

    fn deepest_structure(&self) -> Option<usize> {
        let pair = self.pairs.last().map(|pair| pair.depth);
        let graph = self.graphs.last().map(|graph| graph.depth);
        pair.max(graph).max(self.manifest_depth())
    }

    fn mask_variables(&mut self, graph: &Graph) {
        if graph.secret.is_empty() {
            return;
        }
        let mut secret = HashMap::new();
        for (name, class) in &graph.secret {
            secret.entry(&**name).or_insert(*class);
        }
        for (name, edit) in &graph.values {
            if let Some(class) = secret.get(&self.text[name.clone()]) {
                self.mask_values(&[*edit], *class);
            }
        }
    }

    /// Masks values that stand under a name of this class.
    fn mask_values(&mut self, values: &[usize], class: NameClass) {
        if !class.is_secret() {
            return;
        }
        let mut buffer = String::new();
        for edit in values {
            let raw = &self.text[self.edits.range(*edit)];
            let said = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
            let value = said.map_or(Value::Number, |said| {
                Value::Text(string::decoded(said, &mut buffer))
            });
            if matches!(decide(class, value), Decision::Mask(_)) {
                self.edits.get_mut(*edit).kind = Kind::Value;
            }
        }
    }
}

impl Pair {
    fn class(&self) -> NameClass {
        if self.has_op && self.path.secrecy >= self.name.secrecy {
            self.path
        } else {
            self.name
        }
    }

    /// Whether its values are secret if nothing more of it is there.
    fn is_open_secret(&self) -> bool {
        !self.has_name && !self.is_list || self.class().is_secret() || self.path.is_secret()
    }
}

/// Whether a text may be the name of a pair: no sentence.
fn is_name(text: &str) -> bool {
    let (mut blanks, mut before) = (0, 0);
    let is_of_name = |byte: u8| {
        blanks += usize::from(byte == b' ');
        let is_mark = matches!(byte, b'\n' | b'=' | b'{') || (before, byte) == (b':', b' ');
        before = byte;
        !is_mark
    };
    !text.is_empty() && text.len() <= LONGEST_NAME && text.bytes().all(is_of_name) && blanks <= 4
}

/// Whether a text behind a secret header's name is plainly no credential: a list may be of names alone.
fn is_harmless_header(text: &str) -> bool {
    is_plain(text) && !text.contains([' ', '='])
}

/// Whether a text is the name of a header with credentials, or looks like one: `X-Api-Key`.
fn is_header_name(text: &str) -> bool {
    const KNOWN: [&str; 4] = [
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
    ];
    match text.as_bytes() {
        [b'x' | b'X', b'-', _, ..] => !text.contains(' '),
        [b'a' | b'A' | b'c' | b'C' | b'p' | b'P' | b's' | b'S', ..] => {
            KNOWN.iter().any(|known| known.eq_ignore_ascii_case(text))
        }
        _ => false,
    }
}

/// Returns the variables that a GraphQL document passes to secret arguments: `password: $p`.
fn graphql_variables(
    document: &str,
    class: impl Fn(&str) -> NameClass,
) -> Vec<(String, NameClass)> {
    let is_of_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let mut found = Vec::new();
    for (dollar, _) in document.match_indices('$') {
        let rest = &document[dollar + 1..];
        let variable = &rest[..rest.find(|char| !is_of_name(char)).unwrap_or(rest.len())];
        let before = document[..dollar].trim_end_matches([' ', '\t', '\n', '\r', ',', '[']);
        let Some(before) = before.strip_suffix(':') else {
            continue;
        };
        let before = before.trim_end();
        let start = before
            .rfind(|char| !is_of_name(char))
            .map_or(0, |at| at + 1);
        let class = before.get(start..).map(&class).unwrap_or_default();
        if class.is_secret() && !variable.is_empty() {
            found.push((variable.to_owned(), class));
        }
    }
    found
}
