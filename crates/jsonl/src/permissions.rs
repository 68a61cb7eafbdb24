//! Permissions of new files.

use std::fs::OpenOptions;

/// Makes new files readable and writable by their owner only.
pub(crate) fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
