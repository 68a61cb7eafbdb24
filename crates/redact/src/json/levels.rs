//! What is known of an open level that may have secrets by their place, until it ends.

use std::ops::Range;

use crate::names::NameClass;

/// A level with a pair, or a part of one.
#[derive(Debug, Default)]
pub(super) struct Pair {
    pub(super) depth: usize,
    /// What its names say; the most secret of several.
    pub(super) name: NameClass,
    pub(super) has_name: bool,
    /// The text that may be a name, and is not judged yet.
    pub(super) unjudged: Option<Range<usize>>,
    /// What its `path` says, which is a name beside `op` only.
    pub(super) path: NameClass,
    pub(super) has_op: bool,
    /// The numbers of its values' edits.
    pub(super) values: Vec<usize>,
    /// Whether it is a list of a name and a value, and how many elements it has.
    pub(super) is_list: bool,
    pub(super) elements: usize,
}

/// A name of an object without a value beside it so far, as most names are: not yet a [`Pair`], which costs more.
#[derive(Debug, Default)]
pub(super) struct LoneName {
    /// The depth of its object; 0 if there is none.
    pub(super) depth: usize,
    /// Where it stands, in quotes.
    pub(super) place: Range<usize>,
}

/// A level with a GraphQL request.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) depth: usize,
    pub(super) has_query: bool,
    /// The variables that are passed to secret arguments, and what these are.
    pub(super) secret: Vec<(String, NameClass)>,
    /// The names of variables, and the edits of their values.
    pub(super) values: Vec<(Range<usize>, usize)>,
}

impl Pair {
    pub(super) fn class(&self) -> NameClass {
        if self.has_op && self.path.secrecy >= self.name.secrecy {
            self.path
        } else {
            self.name
        }
    }

    /// Whether its values are secret if nothing more of it is there.
    pub(super) fn is_open_secret(&self) -> bool {
        !self.has_name && !self.is_list || self.class().is_secret() || self.path.is_secret()
    }
}

/// A level with a `kind` or an object that is called `data`.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) depth: usize,
    /// What its `kind` says, if that was read.
    pub(super) says: Option<Says>,
    /// Whether its `data` is open.
    pub(super) in_data: bool,
    /// The numbers of the edits of its data's values.
    pub(super) values: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Secret,
    Other,
}

/// A level with a `kty`, or with members that are private in a web key.
#[derive(Debug)]
pub(super) struct WebKey {
    pub(super) depth: usize,
    pub(super) has_type: bool,
    /// The numbers of the edits of what may be private.
    pub(super) values: Vec<usize>,
}
