//! The names of a spool's files: `<UUID v7>.request` and `<UUID v7>.response`, with further suffixes.

use uuid::Uuid;

/// Suffix of a file whose body was aborted, or read only in part: it has the bytes that passed.
pub const PARTIAL: &str = ".partial";

/// Suffix of an encrypted file.
const ENCRYPTED: &str = ".age";

/// Suffix of a file that is being written.
const TEMPORARY: &str = ".tmp";

/// The direction of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

impl Side {
    fn as_str(self) -> &'static str {
        match self {
            Self::Request => ".request",
            Self::Response => ".response",
        }
    }
}

/// What a file of a spool is named after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId {
    pub(super) id: Uuid,
    pub(super) side: Side,
}

impl FileId {
    /// Returns the name of the file while it is being written.
    pub(super) fn temporary(self) -> String {
        format!("{}{}{TEMPORARY}", self.id, self.side.as_str())
    }

    /// Returns the name of the finished file.
    pub(super) fn finished(self, whole: bool, encrypted: bool) -> String {
        let partial = if whole { "" } else { PARTIAL };
        let sealed = if encrypted { ENCRYPTED } else { "" };
        format!("{}{}{partial}{sealed}", self.id, self.side.as_str())
    }
}

/// What a spool has in its directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Finished,
    Temporary,
}

/// Parses a file's name. Returns `None` if no spool has made the file, which then is left alone.
pub(super) fn parse(name: &str) -> Option<Kind> {
    let (id, suffixes) = name.split_at_checked(36)?;
    // No spool writes an id in another form.
    let uuid = Uuid::try_parse(id).ok()?;
    if uuid.get_version_num() != 7 || uuid.to_string() != id {
        return None;
    }
    let suffixes = [Side::Request, Side::Response]
        .into_iter()
        .find_map(|side| suffixes.strip_prefix(side.as_str()))?;
    if suffixes == TEMPORARY {
        return Some(Kind::Temporary);
    }
    let suffixes = suffixes.strip_prefix(PARTIAL).unwrap_or(suffixes);
    let suffixes = suffixes.strip_prefix(ENCRYPTED).unwrap_or(suffixes);
    suffixes.is_empty().then_some(Kind::Finished)
}

#[cfg(test)]
mod tests {
    use body_logger_core::record::new_id;

    use super::*;

    #[test]
    fn parses_its_own_names_and_no_others() {
        let id = new_id();
        for side in [Side::Request, Side::Response] {
            let file = FileId { id, side };
            assert_eq!(parse(&file.temporary()), Some(Kind::Temporary));
            for (whole, encrypted) in [(true, true), (true, false), (false, true), (false, false)] {
                let name = file.finished(whole, encrypted);
                assert_eq!(parse(&name), Some(Kind::Finished), "{name}");
                assert_eq!(parse(&format!("{name}x")), None);
                assert_eq!(parse(&name.to_uppercase()), None);
            }
        }
        let v4 = "8c1f1a52-1d3b-4c55-9f11-111111111111.request";
        for foreign in [
            "",
            "notes.txt",
            "é",
            v4,
            &format!("{id}"),
            &format!("{id}.tmp"),
        ] {
            assert_eq!(parse(foreign), None, "{foreign}");
        }
    }
}
