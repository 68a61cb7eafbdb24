//! Lines to skip.

use std::fmt;

type IsUnwanted = Box<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Lines that are passed over without being parsed; none by default.
#[derive(Default)]
pub(super) struct Skip(Option<IsUnwanted>);

impl Skip {
    pub(super) fn new(is_unwanted: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(is_unwanted)))
    }

    pub(super) fn skips(&self, line: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|is_unwanted| is_unwanted(line))
    }
}

impl fmt::Debug for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Skip").field(&self.0.is_some()).finish()
    }
}
