//! Secrets by their place: pairs of a name and a value, JSON Patch, lists of pairs and of headers, GraphQL variables.
//!
//! A value whose name may still follow is noted as waiting, by its number among the edits, and masked or left when its
//! object ends: a repeated member costs no more than any other.

use std::{collections::HashMap, ops::Range};

use super::{
    arguments::{is_option, Follows},
    edits::Kind,
    levels::{Graph, LoneName, Pair},
    reader::{Member, Reader},
    string::{self, Escapes},
};
use crate::{
    decision::{decide, is_plain, Decision, Value},
    finding::Rule,
    input::Extent,
    names::{NameClass, Role, Secrecy},
    redacted::End,
    text::{is_user_option, secret_of_user},
};

/// The longest text that is judged as the name of a pair.
const LONGEST_NAME: usize = 80;

impl Reader<'_> {
    fn pair(&mut self, depth: usize) -> &mut Pair {
        // A list that is a pair may be in the value of another one.
        let place = self.pairs.partition_point(|pair| pair.depth < depth);
        if self.pairs.get(place).is_none_or(|pair| pair.depth != depth) {
            let pair = Pair {
                depth,
                unjudged: self.take_lone_name(depth),
                ..Pair::default()
            };
            self.pairs.insert(place, pair);
        }
        &mut self.pairs[place]
    }

    /// Whether the innermost pair is at this depth.
    fn has_pair(&self, depth: usize) -> bool {
        self.pairs.last().is_some_and(|pair| pair.depth == depth)
    }

    fn take_lone_name(&mut self, depth: usize) -> Option<Range<usize>> {
        let lone = &mut self.lone_name;
        (lone.depth == depth).then(|| {
            lone.depth = 0;
            lone.place.clone()
        })
    }

    /// Notes a text that may be the name of a pair in the object that is open. Most have no value beside them: they are judged
    /// when there is one.
    fn note_name(&mut self, depth: usize, place: Range<usize>) {
        if self.lone_name.depth == 0 && !self.has_pair(depth) {
            self.lone_name = LoneName { depth, place };
            return;
        }
        let earlier = self.pair(depth).unjudged.replace(place);
        self.judge(earlier);
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
        if self.context.waits > 0 {
            return Some(self.context.waits);
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
            let is_of_key = member.class.role == Role::KeyPart && self.nesting.in_object();
            return is_of_key || self.in_variables() || self.in_data();
        };
        if self.lone_name.depth == depth {
            self.pair(depth);
        }
        self.judge_last();
        self.pairs
            .last()
            .is_none_or(|pair| pair.depth != depth || pair.is_open_secret())
    }

    /// Whether a text behind a secret header's name or option is plainly no credential: another option, or one of a list of
    /// names alone.
    fn is_harmless_behind(&self, text: &str) -> bool {
        match self.context.follows {
            Follows::Header => is_harmless_header(text),
            Follows::Option => text.starts_with('-'),
            Follows::UserOption => secret_of_user(text).is_none(),
        }
    }

    /// Notes a value that is shown so far and may belong to a secret name.
    #[inline]
    pub(super) fn wait(&mut self, value: Range<usize>, text: &str, member: &Member) {
        if self.context.header.is_secret() && !self.is_harmless_behind(text) {
            self.edits.push(value, Rule::Structure, Kind::Value);
            return;
        }
        if text.starts_with('-') && text.len() > 2 && self.is_secret_option(value.start, text) {
            self.edits.push(value, Rule::Structure, Kind::Value);
            return;
        }
        if self.in_data() {
            self.wait_for_kind(value.clone());
        }
        if member.class.role == Role::KeyPart && self.nesting.in_object() {
            self.wait_for_key_type(value.clone());
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
            self.note_element(text, value.start, member);
        }
    }

    pub(super) fn note_member(&mut self, text: &str, value: Range<usize>, member: &Member) {
        let depth = self.nesting.depth();
        match member.class.role {
            Role::Name => self.note_name(depth, value),
            Role::Op => self.pair(depth).has_op = true,
            Role::Path => {
                // A path of JSON Patch; or a name alone, of which an error quotes the value.
                let class = self.rules.names.class(text);
                let is_name = class.is_secret() && !text.contains('/');
                let pair = self.pair(depth);
                pair.path = class;
                pair.has_op |= is_name;
            }
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
            Role::KeyType => self.note_key_type(),
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
        self.is_alone_in_array() && !is_header_name(text) && !is_option(text)
    }

    /// Fast path: whether no element before the next one, or before the array that is opened next, says anything of it.
    pub(super) fn is_alone_in_array(&self) -> bool {
        let context = &self.context;
        !context.header.is_secret()
            && !context.after_name
            && context.waits == 0
            && !self.nesting.in_inner_array()
    }

    fn note_element(&mut self, text: &str, start: usize, member: &Member) {
        let follows_header = self.context.header.is_secret();
        self.context.header = NameClass::default();
        let is_value = std::mem::take(&mut self.context.after_name);
        if self.context.element.role == Role::Place {
            let depth = self.nesting.depth() - 1;
            // The last one counts, and more may follow.
            let class = self.rules.names.class(text);
            self.pair(depth).name = class;
            return;
        }
        let is_pair = member.is_first && self.nesting.in_inner_array();
        // Under a name like `headers` names and values take turns.
        let is_flat = !is_pair && self.context.element.role == Role::Headers;
        let is_option = is_option(text);
        let may_be_name = is_pair || is_flat || is_option || is_header_name(text);
        // An option may follow one whose value is not there.
        if follows_header && !is_option || is_value || !may_be_name || !is_name(text) {
            return;
        }
        self.context.after_name = is_flat;
        let mut class = self.rules.names.class(text);
        let follows = match is_option {
            true if is_user_option(text) => Follows::UserOption,
            true => Follows::Option,
            false => Follows::Header,
        };
        // `-psecret` has its secret with it.
        let is_apart = follows == Follows::Option && text.len() == "-p".len();
        if follows == Follows::UserOption || is_apart && self.is_secret_option(start, text) {
            class.secrecy = Secrecy::Strong;
        }
        if !class.is_secret() {
            return;
        }
        if is_pair && !is_option {
            let depth = self.nesting.depth();
            let pair = self.pair(depth);
            (pair.is_list, pair.has_name, pair.name) = (true, true, class);
        } else {
            (self.context.header, self.context.follows) = (class, follows);
        }
    }

    /// Fast path: whether a level may have anything to be ended. Most have not: to ask before the call takes 1 % off records.
    #[inline(always)]
    pub(super) fn may_have_structures(&self, depth: usize) -> bool {
        self.has_pair(depth)
            || self.graphs.last().is_some_and(|graph| graph.depth == depth)
            || self.manifest_depth().is_some()
            || self.web_key_depth() == Some(depth)
    }

    /// The level at `depth` ended.
    #[inline(never)]
    pub(super) fn end_structures(&mut self, depth: usize) {
        if self.has_pair(depth) {
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
        self.end_web_key(depth);
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
        if self.deepest_structure().is_none() {
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
        self.end_open_web_keys();
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
        let others = self.manifest_depth().max(self.web_key_depth());
        pair.max(graph).max(others)
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
