//! Which field paths lead to where the lexer is.

use crate::field_path::{Child, FieldPath, Step};

/// Follows all paths at once while the lexer goes down and up.
///
/// A state is a step of a path that may be taken next. Each open level has a set of them; levels with the same set as the
/// level around them, most of a deep document's, share it, so that a level costs no more than a few bytes of input do.
#[derive(Debug)]
pub(super) struct PathCursor<'r> {
    states: Vec<State<'r>>,
    /// The first states of all paths.
    starts: Vec<u32>,
    /// The sets of `levels`, one after the other.
    sets: Vec<u32>,
    levels: Vec<Levels>,
    /// For each open array whose set asks for indices, the index of its next element.
    indices: Vec<u32>,
    /// The set of the child that was entered last.
    child: Vec<u32>,
}

#[derive(Debug)]
struct State<'r> {
    step: &'r Step,
    is_last: bool,
}

/// Neighbouring levels with the same set.
#[derive(Debug)]
struct Levels {
    /// Where their set starts in `sets`; it ends where the next one starts.
    set: usize,
    count: usize,
    /// Whether they count their elements, each with an entry of its own in `indices`.
    counts: bool,
}

impl<'r> PathCursor<'r> {
    pub(super) fn new(paths: &'r [FieldPath]) -> Self {
        let mut states = Vec::new();
        let mut starts = Vec::new();
        for path in paths {
            starts.push(states.len() as u32);
            let last = path.steps().len() - 1;
            states.extend(path.steps().iter().enumerate().map(|(n, step)| State {
                step,
                is_last: n == last,
            }));
        }
        Self {
            states,
            starts,
            sets: Vec::new(),
            levels: Vec::new(),
            indices: Vec::new(),
            child: Vec::new(),
        }
    }

    /// The next value is a document.
    pub(super) fn enter_document(&mut self) {
        self.child.clone_from(&self.starts);
    }

    /// The next value is the member `name` of the innermost object; whether a path ends there.
    pub(super) fn enter_member(&mut self, name: &str) -> bool {
        self.enter(|child| child.is_member(name))
    }

    /// The next value is the next element of the innermost array; whether a path ends there.
    pub(super) fn enter_element(&mut self) -> bool {
        let mut index = 0;
        if self.levels.last().is_some_and(|level| level.counts) {
            if let Some(next) = self.indices.last_mut() {
                index = *next;
                *next = next.saturating_add(1);
            }
        }
        self.enter(|child| child.is_element(index))
    }

    fn enter(&mut self, is_meant: impl Fn(&Child) -> bool) -> bool {
        self.child.clear();
        let mut is_end = false;
        let set = self
            .levels
            .last()
            .map_or(self.sets.len(), |level| level.set);
        for &number in &self.sets[set..] {
            let state = &self.states[number as usize];
            if state.step.at_any_depth && !self.child.contains(&number) {
                self.child.push(number);
            }
            if is_meant(&state.step.child) {
                is_end |= state.is_last;
                // Only a step that looks at any depth can be here already: as itself.
                if !state.is_last && !self.child.contains(&(number + 1)) {
                    self.child.push(number + 1);
                }
            }
        }
        is_end
    }

    /// The value that was entered is an object or array.
    pub(super) fn open(&mut self, object: bool) {
        let counts = !object
            && self
                .child
                .iter()
                .any(|number| matches!(self.states[*number as usize].step.child, Child::Index(_)));
        if counts {
            self.indices.push(0);
        }
        match self.levels.last_mut() {
            Some(last) if last.counts == counts && self.sets[last.set..] == self.child => {
                last.count += 1
            }
            _ => {
                self.levels.push(Levels {
                    set: self.sets.len(),
                    count: 1,
                    counts,
                });
                self.sets.extend_from_slice(&self.child);
            }
        }
    }

    /// The innermost object or array ended.
    pub(super) fn close(&mut self) {
        let Some(last) = self.levels.last_mut() else {
            return;
        };
        last.count -= 1;
        if last.counts {
            self.indices.pop();
        }
        if last.count == 0 {
            self.sets.truncate(last.set);
            self.levels.pop();
        }
    }
}
