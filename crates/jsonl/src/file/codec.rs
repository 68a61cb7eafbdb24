//! Closed files as they are compressed.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use super::{live, Compression};
use crate::{closed::UNFINISHED, permissions};

#[derive(Debug, Clone, Copy)]
pub(super) enum Codec {
    Gzip,
    Zstd,
}

impl Codec {
    pub(super) fn of(compression: Compression) -> Option<Self> {
        match compression {
            Compression::None => None,
            Compression::Gzip => Some(Self::Gzip),
            Compression::Zstd => Some(Self::Zstd),
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    /// Puts a compressed file in the place of a plain one. What is there under its last name
    /// is whole at any time.
    pub(super) fn compress(self, plain: &Path) -> io::Result<()> {
        let done = match remove_if_compressed(plain) {
            Ok(true) => return Ok(()),
            Ok(false) => self.compress_alone(plain),
            Err(error) => Err(error),
        };
        match done {
            // Another process removed it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn compress_alone(self, plain: &Path) -> io::Result<()> {
        let target = with(plain, self.suffix());
        let temporary = with(&target, UNFINISHED);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        permissions::owner_only(&mut options);
        let output = options.open(&temporary)?;
        if !is_ours(&output, &temporary)? {
            return Ok(());
        }
        let done = self.compress_into(plain, &output, &temporary, &target);
        if done.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        done
    }

    fn compress_into(
        self,
        plain: &Path,
        output: &File,
        temporary: &Path,
        target: &Path,
    ) -> io::Result<()> {
        if target.try_exists()? {
            // It is not made of this file, and nothing is replaced: both stay.
            return fs::remove_file(temporary);
        }
        let input = File::open(plain)?;
        let permissions = input.metadata()?.permissions();
        output.set_len(0)?;
        self.encode(input, output)?;
        output.set_permissions(permissions)?;
        output.sync_all()?;
        fs::rename(temporary, target)?;
        fs::remove_file(plain)
    }

    /// Whether undoing this gives what is in the plain file.
    fn restores(self, compressed: File, plain: &Path) -> io::Result<bool> {
        let plain = File::open(plain)?;
        match self {
            Self::Gzip => is_same(flate2::read::GzDecoder::new(compressed), plain),
            Self::Zstd => is_same(zstd::stream::read::Decoder::new(compressed)?, plain),
        }
    }

    fn encode(self, input: File, output: &File) -> io::Result<()> {
        let mut input = BufReader::with_capacity(64 * 1024, input);
        match self {
            Self::Gzip => {
                let level = flate2::Compression::default();
                let mut encoder = flate2::write::GzEncoder::new(output, level);
                io::copy(&mut input, &mut encoder)?;
                encoder.finish()?;
            }
            Self::Zstd => {
                let level = zstd::DEFAULT_COMPRESSION_LEVEL;
                let mut encoder = zstd::stream::write::Encoder::new(output, level)?;
                encoder.include_checksum(true)?;
                io::copy(&mut input, &mut encoder)?;
                encoder.finish()?;
            }
        }
        Ok(())
    }
}

/// Removes a plain file of which there is a compressed one that is whole: the process was ended
/// between the two.
fn remove_if_compressed(plain: &Path) -> io::Result<bool> {
    for codec in [Codec::Gzip, Codec::Zstd] {
        let compressed = match File::open(with(plain, codec.suffix())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            compressed => compressed?,
        };
        if codec.restores(compressed, plain)? {
            fs::remove_file(plain)?;
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_same(mut decoded: impl Read, mut plain: File) -> io::Result<bool> {
    let (mut one, mut other) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let read = match decoded.read(&mut one) {
            Ok(0) => return Ok(plain.read(&mut other)? == 0),
            Ok(read) => read,
            // It is not whole, or somebody else's.
            Err(_) => return Ok(false),
        };
        match plain.read_exact(&mut other[..read]) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            done => done?,
        }
        if one[..read] != other[..read] {
            return Ok(false);
        }
    }
}

/// Removes what a process has left that was ended while it compressed.
pub(super) fn remove_unfinished(path: &Path) -> io::Result<()> {
    let removed = OpenOptions::new().write(true).open(path).and_then(|file| {
        if is_ours(&file, path)? {
            fs::remove_file(path)?;
        }
        Ok(())
    });
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Locks an unfinished file, unless another process is at it or has just been.
fn is_ours(file: &File, path: &Path) -> io::Result<bool> {
    if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
        return Ok(false);
    }
    Ok(live::is_same(&fs::metadata(path)?, &file.metadata()?))
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
