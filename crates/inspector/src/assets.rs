//! The page's files, compiled in, under an address that names their content.
//!
//! The page builds elements, never markup, as whatever was recorded may come from an attacker: `dom.js` has the one function that
//! makes elements, and all that it can do with a text is to make a text node. The browser enforces it by Trusted Types. Geometry is in
//! SVG attributes, as inline styles are not allowed either.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

/// A file of the page.
pub(crate) struct Asset {
    pub(crate) name: &'static str,
    pub(crate) content: &'static str,
}

macro_rules! assets {
    ($($name:literal)+) => {
        &[$(Asset { name: $name, content: include_str!(concat!("../assets/", $name)) }),+, STYLE]
    };
}

const ASSETS: &[Asset] = assets![
    "address.js" "api.js" "app.js" "base.css" "binary.js" "chart.js" "code.js" "compare.js" "content.js" "detail.js"
    "dom.js" "empty.js" "filter.js" "format.js" "icon.svg" "keys.js" "list.js" "live.js" "notice.js" "overview.js"
    "picker.js" "row.js" "rows.js" "side.js" "signin.css" "strip.js" "text.js" "timeline.js" "virtual.js" "words.js"
];

/// The style of all views, in one: nothing is painted before the last style sheet is there.
const STYLE: Asset = Asset {
    name: "style.css",
    content: concat!(
        include_str!("../assets/base.css"),
        include_str!("../assets/list.css"),
        include_str!("../assets/detail.css"),
        include_str!("../assets/overview.css"),
        include_str!("../assets/compare.css"),
        include_str!("../assets/narrow.css"),
    ),
};

pub(crate) const PAGE: &str = include_str!("../assets/page.html");
pub(crate) const SIGN_IN: &str = include_str!("../assets/signin.html");

/// Names the content of all assets: it is in their address, so that browsers may keep them for ever. One name for all,
/// as modules import each other by relative addresses.
pub(crate) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    for asset in ASSETS {
        (asset.name, asset.content).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
});

/// Modules of views that the list does without, which the page fetches when they are shown.
const LATER: &[&str] = &[
    "binary.js",
    "code.js",
    "compare.js",
    "content.js",
    "detail.js",
    "overview.js",
    "side.js",
    "timeline.js",
];

/// The names of the modules that the page needs to show its list, or any view.
pub(crate) fn modules(for_any_view: bool) -> impl Iterator<Item = &'static str> {
    let names = ASSETS.iter().map(|asset| asset.name);
    names.filter(move |name| name.ends_with(".js") && (for_any_view || !LATER.contains(name)))
}

pub(crate) fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

impl Asset {
    pub(crate) fn media_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn all_files_of_the_directory_are_served_and_are_small_in_sum() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        let mut sum = 0;
        for file in fs::read_dir(directory).expect("the assets") {
            let file = file.expect("a file");
            let name = file.file_name().into_string().expect("a name");
            sum += file.metadata().expect("metadata").len();
            let text = fs::read_to_string(file.path()).expect("a text");
            let is_served = find(&name).is_some() || STYLE.content.contains(&text);
            assert!(name.ends_with(".html") || is_served, "{name} is not served");
        }
        assert!(sum < 150 * 1024, "{sum} bytes");
    }

    #[test]
    fn assets_refer_to_nothing_outside() {
        let texts = ASSETS
            .iter()
            .map(|asset| asset.content)
            .chain([PAGE, SIGN_IN]);
        for text in texts {
            for (at, _) in text.match_indices("://") {
                let before = &text[at.saturating_sub(5)..];
                assert!(
                    before.contains("www.w3.org/"),
                    "{}",
                    &before[..40.min(before.len())]
                );
            }
        }
    }

    #[test]
    fn markup_has_no_inline_script_or_style() {
        for page in [PAGE, SIGN_IN] {
            assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" on"));
            assert_eq!(
                page.matches("<script").count(),
                page.matches("<script type=\"module\" src=").count()
            );
        }
    }
}
