//! What is known while an input is read, and how reading ends.

use std::ops::Range;

use super::{
    arguments::{Arguments, Follows},
    edits::{Edits, Kind},
    levels::{Graph, LoneName, Manifest, Pair, WebKey},
    nesting::Nesting,
    paths::PathCursor,
};
use crate::{
    finding::{Finding, Rule},
    input::Extent,
    names::{NameCache, NameClass},
    redacted::End,
    rules::Rules,
};

/// What follows the part of the input that is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Nothing,
    /// The first bytes of a character, the rest of which is missing if the input was truncated.
    PartOfCharacter,
    NoText,
}

/// Nothing more can be read; the reader holds why.
pub(super) struct Stopped;

/// Under which names the values of a level stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Context {
    /// The secret name that an object around stands under; harmless if there is none.
    pub(super) outer: NameClass,
    /// In an array, the name that it stands under.
    pub(super) element: NameClass,
    /// In a flat list of headers or of a command's arguments, the name before the next value.
    pub(super) header: NameClass,
    /// What that name is.
    pub(super) follows: Follows,
    /// In a list under a name like `headers`, whether the last element was a name.
    pub(super) after_name: bool,
    /// In an array, at whatever depth, that is the value of a pair whose name may follow: the depth of the pair's object. 0 if
    /// it is none.
    pub(super) waits: usize,
}

/// What hides a value as a whole, whatever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Whole {
    #[default]
    No,
    Path,
    Field,
}

/// A place in an object or array: what its value is judged by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Member {
    pub(super) class: NameClass,
    pub(super) whole: Whole,
    /// Whether it is the first element of an array.
    pub(super) is_first: bool,
}

impl Member {
    /// A member of an object that is read unless a name or path of the application hides it.
    #[inline]
    pub(super) fn under(class: NameClass) -> Self {
        Self {
            class,
            ..Self::default()
        }
    }
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) rest: Rest,
    pub(super) extent: Extent,
    pub(super) rules: &'a Rules,
    pub(super) is_embedded: bool,
    pub(super) edits: Edits,
    /// Whether a value that is masked whole is being read.
    pub(super) hidden: bool,
    pub(super) nesting: Nesting,
    /// Where the last name stands, past the quote.
    pub(super) name: Range<usize>,
    pub(super) paths: Option<PathCursor<'a>>,
    pub(super) context: Context,
    /// The contexts outside of levels that changed them, with the depth of these.
    pub(super) outside: Vec<(usize, Context)>,
    /// A name that is of none of the pairs.
    pub(super) lone_name: LoneName,
    pub(super) arguments: Arguments,
    /// The pairs of open levels that have one.
    pub(super) pairs: Vec<Pair>,
    /// The GraphQL requests of open levels that have one.
    pub(super) graphs: Vec<Graph>,
    /// The Kubernetes objects of open levels that have a `kind` or `data`.
    pub(super) manifests: Vec<Manifest>,
    /// The web keys of open levels that may have one.
    pub(super) web_keys: Vec<WebKey>,
    pub(super) cache: NameCache,
    pub(super) documents: usize,
    /// Whether there is a record separator.
    pub(super) is_sequence: bool,
    /// Where white space outside strings is.
    pub(super) white_space: Vec<Range<usize>>,
    end: End,
    shown: usize,
    /// Reused for each name or string with escapes.
    pub(super) unescaped: String,
    /// Reused for each string.
    pub(super) found: Vec<Finding>,
}

const BYTE_ORDER_MARK: &str = "\u{feff}";

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, rest: Rest, extent: Extent, rules: &'a Rules) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            rest,
            extent,
            rules,
            is_embedded: false,
            edits: Edits::default(),
            hidden: false,
            nesting: Nesting::default(),
            name: 0..0,
            paths: (!rules.paths.is_empty()).then(|| PathCursor::new(&rules.paths)),
            context: Context::default(),
            outside: Vec::new(),
            lone_name: LoneName::default(),
            arguments: Arguments::default(),
            pairs: Vec::new(),
            graphs: Vec::new(),
            manifests: Vec::new(),
            web_keys: Vec::new(),
            cache: rules.names.cache(),
            documents: 0,
            is_sequence: false,
            white_space: Vec::new(),
            end: End::Complete,
            shown: 0,
            unescaped: String::new(),
            found: Vec::new(),
        }
    }

    /// Reads JSON in a text that may go on with something else.
    pub(super) fn embedded(text: &'a str, rest: Rest, extent: Extent, rules: &'a Rules) -> Self {
        Self {
            is_embedded: true,
            ..Self::new(text, rest, extent, rules)
        }
    }

    /// Makes a reader of another part of the text of this one, whose parts are cheaper to empty than to make.
    pub(super) fn restart(&mut self, text: &'a str) {
        (self.text, self.bytes) = (text, text.as_bytes());
        self.edits.clear();
        self.nesting.clear();
        if self.paths.is_some() {
            self.paths = Some(PathCursor::new(&self.rules.paths));
        }
        self.context = Context::default();
        self.outside.clear();
        self.lone_name.depth = 0;
        self.arguments = Arguments::default();
        self.pairs.clear();
        self.graphs.clear();
        self.manifests.clear();
        self.web_keys.clear();
        self.documents = 0;
        self.white_space.clear();
        (self.hidden, self.is_sequence) = (false, false);
        (self.end, self.shown) = (End::Complete, 0);
    }

    /// Where the first document may start.
    pub(super) fn start(&self) -> usize {
        if self.text.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        }
    }

    /// Reads the input. To be called once, and once after each [`restart`](Self::restart).
    pub(super) fn read(&mut self) -> End {
        let mut at = self.start();
        while let Ok(end) = self.document(at) {
            at = end;
        }
        self.end_open_structures();
        self.end
    }

    /// Up to where the input may be shown.
    pub(super) fn shown(&self) -> usize {
        self.shown
    }

    pub(super) fn end(&self) -> End {
        self.end
    }

    /// Up to where the input was understood.
    pub(super) fn stopped_at(&self) -> usize {
        self.shown
    }

    #[cold]
    pub(super) fn stop(&mut self, end: End, shown: usize) -> Stopped {
        (self.end, self.shown) = (end, shown);
        Stopped
    }

    #[cold]
    pub(super) fn malformed(&mut self, shown: usize) -> Stopped {
        self.stop(End::Malformed, shown)
    }

    #[cold]
    pub(super) fn cut(&mut self, shown: usize) -> Stopped {
        self.stop(End::Truncated, shown)
    }

    /// The input ended within a value that is masked.
    #[cold]
    pub(super) fn cut_value(&mut self, start: usize, rule: Rule) -> Stopped {
        let end = self.bytes.len();
        self.edits.push(start..end, rule, Kind::CutValue);
        self.cut(end)
    }

    /// Where a token should start, there is none, or the text ended within a document, or before one.
    #[cold]
    pub(super) fn unexpected(&mut self, at: usize) -> Stopped {
        if at == self.bytes.len() && self.rest == Rest::Nothing {
            self.cut(at)
        } else {
            // Outside strings no part of a character is understood.
            self.malformed(at)
        }
    }
}
