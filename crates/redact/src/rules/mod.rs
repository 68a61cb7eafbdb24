//! What is hidden, and what is shown.

mod headers;

use self::headers::HeaderRules;
pub(crate) use self::headers::Shown;
use crate::{families::Families, field_path::FieldPath, mask::Mask, names::Names};

/// All that a [`Redactor`](crate::Redactor) goes by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) names: Names,
    /// Values in JSON that are masked where they stand.
    pub(crate) paths: Vec<FieldPath>,
    pub(crate) families: Families,
    pub(crate) headers: HeaderRules,
    pub(crate) mask: Mask,
}

impl Rules {
    /// Identifies these rules: what was found by some must not be taken for what others find.
    #[inline]
    pub(crate) fn id(&self) -> u64 {
        self.names.id()
    }
}
