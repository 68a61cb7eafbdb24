//! What stands in the place of a hidden value.

use std::{borrow::Cow, fmt, sync::Arc};

/// What a masked value reads unless the application says otherwise.
pub const MASK: &str = "***";

/// What masked values read.
#[derive(Clone, Default)]
pub(crate) struct Mask(Option<Arc<MaskFn>>);

type MaskFn = dyn Fn(&str) -> String + Send + Sync;

impl Mask {
    pub(crate) fn with(mask: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(mask)))
    }

    /// Whether what is shown depends on the value.
    pub(crate) fn depends_on_value(&self) -> bool {
        self.0.is_some()
    }

    /// What is shown for a whole value of which nothing is missing.
    pub(crate) fn of(&self, value: &str) -> Cow<'static, str> {
        match &self.0 {
            None => Cow::Borrowed(MASK),
            Some(mask) => Cow::Owned(mask(value)),
        }
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.depends_on_value() {
            "Mask(..)"
        } else {
            "***"
        })
    }
}
