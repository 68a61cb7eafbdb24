//! Where something stands in an archive.

/// A path, such as `log.entries[0].request.url`, and the name of the member that it leads to or into.
#[derive(Debug, Default)]
pub(super) struct Place {
    path: String,
    name: String,
    index: usize,
}

impl Place {
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The index in the innermost array.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The member of this name, of which the path has what may be shown.
    pub(super) fn member(&self, name: &str, shown: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self {
            path: format!("{}{dot}{shown}", self.path),
            name: name.to_owned(),
            index: self.index,
        }
    }

    pub(super) fn element(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            name: self.name.clone(),
            index,
        }
    }
}
