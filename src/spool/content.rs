//! The content of a file as it is on the disk: the bytes of a body, or what encrypting them makes of them.

use std::io::{self, Write};

use super::disk::DiskFile;
#[cfg(feature = "encrypt")]
use super::AgeRecipient;
#[cfg(feature = "hash")]
use crate::content::{BodyDigest, Digesting};

/// How files are encrypted, if at all.
#[derive(Debug, Clone, Default)]
pub(super) struct Sealing {
    #[cfg(feature = "encrypt")]
    pub(super) recipients: Vec<AgeRecipient>,
}

impl Sealing {
    pub(super) fn encrypts(&self) -> bool {
        #[cfg(feature = "encrypt")]
        return !self.recipients.is_empty();
        #[cfg(not(feature = "encrypt"))]
        false
    }

    /// Begins the content of a file.
    pub(super) fn begin(&self, target: Target) -> io::Result<Content> {
        #[cfg(feature = "encrypt")]
        if self.encrypts() {
            let recipients = self.recipients.iter();
            let recipients = recipients.map(|it| &it.0 as &dyn age::Recipient);
            let encryptor =
                age::Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
            let stream = encryptor.wrap_output(target)?;
            return Ok(Content::Encrypted(Box::new(stream)));
        }
        Ok(Content::Plain(target))
    }
}

/// Content that is being written.
pub(super) enum Content {
    Plain(Target),
    #[cfg(feature = "encrypt")]
    Encrypted(Box<age::stream::StreamWriter<Target>>),
}

impl Content {
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(target) => target.write_all(bytes),
            #[cfg(feature = "encrypt")]
            Self::Encrypted(stream) => stream.write_all(bytes),
        }
    }

    /// Writes what encryption adds at the end.
    pub(super) fn finish(self) -> io::Result<Target> {
        match self {
            Self::Plain(target) => Ok(target),
            #[cfg(feature = "encrypt")]
            Self::Encrypted(stream) => stream.finish(),
        }
    }
}

/// A file, what was written to it, and its digest.
pub(super) struct Target {
    pub(super) file: Box<dyn DiskFile>,
    pub(super) bytes: u64,
    #[cfg(feature = "hash")]
    digest: Option<Digesting>,
}

impl Target {
    pub(super) fn new(
        file: Box<dyn DiskFile>,
        #[cfg(feature = "hash")] digest: Option<&BodyDigest>,
    ) -> Self {
        Self {
            file,
            bytes: 0,
            #[cfg(feature = "hash")]
            digest: digest.map(BodyDigest::start),
        }
    }

    /// Returns the digest of all bytes written.
    pub(super) fn digest(&self) -> Option<String> {
        #[cfg(feature = "hash")]
        return self.digest.as_ref().map(Digesting::show);
        #[cfg(not(feature = "hash"))]
        None
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        #[cfg(feature = "hash")]
        if let Some(digest) = &mut self.digest {
            digest.update(&bytes[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
