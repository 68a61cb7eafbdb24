//! Kubernetes objects: all values of the `data` beside `"kind": "Secret"` are masked, in either order.

use std::ops::Range;

use super::{
    edits::Kind,
    levels::{Manifest, Says},
    reader::Reader,
};
use crate::{decision::is_plain, finding::Rule};

impl Reader<'_> {
    fn manifest(&mut self, depth: usize) -> &mut Manifest {
        if self.manifest_depth() != Some(depth) {
            self.manifests.push(Manifest {
                depth,
                says: None,
                in_data: false,
                values: Vec::new(),
            });
        }
        let last = self.manifests.len() - 1;
        &mut self.manifests[last]
    }

    pub(super) fn manifest_depth(&self) -> Option<usize> {
        self.manifests.last().map(|manifest| manifest.depth)
    }

    /// The object that is open now is called `data`.
    pub(super) fn open_data(&mut self) {
        let depth = self.nesting.depth() - 1;
        if depth > 0 {
            self.manifest(depth).in_data = true;
        }
    }

    /// Whether values of the object that is open may be a Secret's.
    #[inline]
    pub(super) fn in_data(&self) -> bool {
        self.manifests.last().is_some_and(|own| {
            own.depth + 1 == self.nesting.depth()
                && own.in_data
                && own.says != Some(Says::Other)
                && self.nesting.in_object()
        })
    }

    /// Notes a value of the `data` that is open.
    pub(super) fn wait_for_kind(&mut self, value: Range<usize>) {
        let edit = self.edits.push(value, Rule::Structure, Kind::Waiting);
        if let Some(manifest) = self.manifests.last_mut() {
            manifest.values.push(edit);
        }
    }

    /// The object that is open has a `kind`.
    pub(super) fn note_kind(&mut self, kind: &str) {
        self.manifest(self.nesting.depth()).says = Some(match kind {
            "Secret" => Says::Secret,
            _ => Says::Other,
        });
    }

    /// The level at `depth` ended.
    #[inline]
    pub(super) fn end_manifest(&mut self, depth: usize) {
        let Some(last) = self.manifests.last_mut() else {
            return;
        };
        last.in_data &= last.depth + 1 != depth;
        if last.depth == depth {
            if let Some(manifest) = self.manifests.pop() {
                self.mask_data(&manifest, false);
            }
        }
    }

    /// The input ended.
    pub(super) fn end_open_manifests(&mut self) {
        for manifest in std::mem::take(&mut self.manifests) {
            self.mask_data(&manifest, true);
        }
    }

    /// Masks the values of a Secret. If a truncated input has no `kind`, plain values are shown: many documents have their
    /// content in a `data`.
    fn mask_data(&mut self, manifest: &Manifest, cut: bool) {
        for edit in &manifest.values {
            let raw = self.text[self.edits.range(*edit)].trim_matches('"');
            let is_secret = match manifest.says {
                Some(Says::Secret) => true,
                Some(Says::Other) => false,
                None => cut && !is_plain(raw),
            };
            if is_secret {
                self.edits.get_mut(*edit).kind = Kind::Value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Extent, Redactor};

    #[track_caller]
    fn check(input: &str, extent: Extent, expected: &str) {
        let shown = Redactor::default().json(input.as_bytes(), extent);
        assert_eq!(shown.as_str(), expected, "{input}");
    }

    #[test]
    fn the_data_of_a_secret_is_masked() {
        for (input, expected) in [
            (
                r#"{"kind":"Secret","data":{"a":"b","c":"d"},"type":"x"}"#,
                r#"{"kind":"Secret","data":{"a":"***","c":"***"},"type":"x"}"#,
            ),
            (
                r#"{"stringData":{"a":"b"},"metadata":{"a":"b"},"kind":"Secret"}"#,
                r#"{"stringData":{"a":"***"},"metadata":{"a":"b"},"kind":"Secret"}"#,
            ),
            (
                r#"[{"data":{"a":"b"}},{"kind":"Secret","x":{"a":"b"}}]"#,
                r#"[{"data":{"a":"b"}},{"kind":"Secret","x":{"a":"b"}}]"#,
            ),
            (
                r#"{"kind":"ConfigMap","data":{"a":"b"},"kinds":"Secret"}"#,
                r#"{"kind":"ConfigMap","data":{"a":"b"},"kinds":"Secret"}"#,
            ),
        ] {
            check(input, Extent::Whole, expected);
        }
    }

    #[test]
    fn the_data_of_what_was_cut_off_is_masked_unless_it_is_plain() {
        for (input, expected) in [
            (
                r#"{"data":{"a":"cTdLZDky","b":"some words"},"#,
                r#"{"data":{"a":"***","b":"some words"},"#,
            ),
            (r#"{"data":{"a":"some wor"#, r#"{"data":{"a":"***""#),
            (
                r#"{"kind":"Secret","data":{"a":"some words","#,
                r#"{"kind":"Secret","data":{"a":"***","#,
            ),
            (
                r#"{"kind":"List","data":{"a":"cTdLZDky","#,
                r#"{"kind":"List","data":{"a":"cTdLZDky","#,
            ),
        ] {
            check(input, Extent::Truncated, expected);
        }
    }
}
