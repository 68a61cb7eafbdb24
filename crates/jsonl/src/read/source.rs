//! The bytes of a file, whether or not it is compressed.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// How a file is compressed, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Coding {
    Plain,
    Gzip,
    Zstd,
}

impl Coding {
    /// Returns the name without the extension of its coding.
    pub(super) fn split(name: &str) -> (&str, Self) {
        for (suffix, coding) in [(".gz", Self::Gzip), (".zst", Self::Zstd)] {
            if let Some(plain) = name.strip_suffix(suffix) {
                return (plain, coding);
            }
        }
        (name, Self::Plain)
    }

    pub(super) fn can_be_read(self) -> bool {
        self == Self::Plain || cfg!(feature = "compress")
    }
}

pub(super) enum Source {
    Plain(File),
    #[cfg(feature = "compress")]
    Decoded(Box<dyn Read + Send + Sync>),
    /// Of a file that cannot be read further.
    Nothing,
}

impl Source {
    pub(super) fn new(file: File, coding: Coding) -> io::Result<Self> {
        match coding {
            Coding::Plain => Ok(Self::Plain(file)),
            #[cfg(feature = "compress")]
            Coding::Gzip => {
                // Members appended to a compressed file are read, too.
                let decoder = flate2::read::MultiGzDecoder::new(file);
                Ok(Self::Decoded(Box::new(decoder)))
            }
            #[cfg(feature = "compress")]
            Coding::Zstd => {
                let decoder = zstd::stream::read::Decoder::new(file)?;
                Ok(Self::Decoded(Box::new(decoder)))
            }
            #[cfg(not(feature = "compress"))]
            Coding::Gzip | Coding::Zstd => Ok(Self::Nothing),
        }
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match self {
                Self::Plain(file) => file.read(buffer),
                #[cfg(feature = "compress")]
                Self::Decoded(decoder) => decoder.read(buffer),
                Self::Nothing => Ok(0),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    /// Skips to an offset. Returns false if no line begins there, or if the source cannot do that.
    pub(super) fn seek_line(&mut self, offset: u64) -> io::Result<bool> {
        let Self::Plain(file) = self else {
            return Ok(false);
        };
        let len = file.metadata()?.len();
        let mut before = [b'\n'];
        if let Some(at) = offset.checked_sub(1).filter(|_| offset < len) {
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut before)?;
        }
        file.seek(SeekFrom::Start(offset))?;
        Ok(offset <= len && before == [b'\n'])
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            #[cfg(feature = "compress")]
            Self::Decoded(_) => "Decoded",
            Self::Nothing => "Nothing",
        })
    }
}
