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

#[cfg(test)]
mod tests {
    use crate::{Extent, Redactor, Route};

    const CARD: &str = "4111111111111111";
    const FAMILY: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

    fn redactor() -> Redactor {
        let builder = Redactor::builder();
        builder.mask_with(|value| format!("<{value}>")).build()
    }

    #[test]
    fn whole_values_are_masked_as_the_application_says_wherever_they_stand() {
        let (redactor, whole) = (redactor(), Extent::Whole);
        for secret in [CARD, FAMILY] {
            let mask = format!("<{secret}>");
            let json = format!(r#"{{"a":"{secret}","b":["{secret}"]}}"#);
            assert_eq!(
                redactor.json(json.as_bytes(), whole).as_str(),
                format!(r#"{{"a":"{mask}","b":["{mask}"]}}"#)
            );
            let pairs = format!("a={secret}&b=1&{secret}");
            let expected = format!("a={mask}&b=1&{mask}");
            assert_eq!(redactor.query(&pairs, whole).text, expected);
            assert_eq!(redactor.form(&pairs, whole).as_str(), expected);
            assert_eq!(redactor.field("a", secret).text, mask);
            assert_eq!(redactor.text(secret, whole).as_str(), mask);
            let path = format!("/a/{secret}/b");
            let path = redactor.path(&path, whole, Route::Unknown);
            assert_eq!(path.text, format!("/a/{mask}/b"));
        }
        let pattern = Route::Pattern("/u/{ssn}/{token}.pdf");
        let path = redactor.path("/u/1%41/x.pdf", whole, pattern);
        assert_eq!(path.text, "/u/<1A>/<x>.pdf");
        let json = redactor.json(format!(r#"[{CARD}]"#).as_bytes(), whole);
        assert_eq!(json.as_str(), format!(r#"["<{CARD}>"]"#));
        let escaped = redactor.json(br#"["\u0034111111111111111"]"#, whole);
        assert_eq!(escaped.as_str(), format!(r#"["<{CARD}>"]"#));
        let encoded = redactor.query("a=%34111111111111111", whole);
        assert_eq!(encoded.text, format!("a=<{CARD}>"));
    }

    #[test]
    fn parts_of_values_and_values_that_were_cut_are_not() {
        let redactor = redactor();
        let quoted = format!(r#"["x {CARD}","\"{CARD}\"","\\{CARD}","{CARD}\\"]"#);
        assert_eq!(
            redactor.json(quoted.as_bytes(), Extent::Whole).as_str(),
            r#"["x ***","\"***\"","\\***","***\\"]"#
        );
        let cut = Extent::Truncated;
        for text in [
            redactor
                .json(format!(r#"["{CARD}"#).as_bytes(), cut)
                .as_str(),
            &redactor.query(&format!("a={CARD}"), cut).text,
            redactor.form(&format!("b=1&a={CARD}"), cut).as_str(),
            redactor.text(CARD, cut).as_str(),
            &redactor
                .path(&format!("/a/{CARD}"), cut, Route::Unknown)
                .text,
        ] {
            assert!(!text.contains(['<', '4']), "{text}");
        }
        let text = redactor.text(&format!("pay {CARD} now"), Extent::Whole);
        assert_eq!(text.as_str(), "pay *** now");
        let header = redactor.header("user-agent", CARD, Extent::Whole);
        assert_eq!(header.expect("a header that is shown").text, "***");
    }
}
