//! Closed files: compressed, and removed when there are too many.

use std::{fs, io};

use super::{
    closed::{Closed, Family},
    counts::Counts,
    options::JsonLinesFileBuilder,
};

/// Does all that is to be done with the files that are closed by now. It may be broken off at any
/// point, and is taken up again the next time.
pub(super) fn tidy(settings: &JsonLinesFileBuilder, counts: &Counts) {
    let family = match Family::of(&settings.path) {
        Ok(family) => family,
        // There is nothing to be done while the live file is not there.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => return counts.fault("closed files are not found", &settings.path, &error),
    };
    let removed = remove(&family, settings.keep, None, counts);
    #[cfg(feature = "compress")]
    let removed = removed.and_then(|()| compress(&family, settings.compression, counts));
    let removed =
        removed.and_then(|()| remove(&family, settings.keep, settings.keep_total, counts));
    if let Err(error) = removed {
        counts.fault("closed files cannot be listed", &family.live, &error);
    }
}

/// Removes the oldest until neither the files nor their bytes are too many.
fn remove(
    family: &Family,
    files: Option<usize>,
    bytes: Option<u64>,
    counts: &Counts,
) -> io::Result<()> {
    let mut closed = family.closed()?;
    closed.reverse();
    let (mut kept, mut total) = (0_usize, 0_u64);
    let mut is_full = false;
    for file in &closed {
        total = total.saturating_add(file.bytes);
        // Older ones go with it, so that no gap is left in what is kept.
        is_full |= files.is_some_and(|most| kept >= most) || bytes.is_some_and(|most| total > most);
        kept += 1;
        if is_full {
            remove_one(file, counts);
        }
    }
    Ok(())
}

fn remove_one(file: &Closed, counts: &Counts) {
    match fs::remove_file(&file.path) {
        Ok(()) => counts.removed(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => counts.fault("a closed file is not removed", &file.path, &error),
    }
}

#[cfg(feature = "compress")]
fn compress(family: &Family, compression: super::Compression, counts: &Counts) -> io::Result<()> {
    let Some(codec) = codec::Codec::of(compression) else {
        return Ok(());
    };
    for file in family.closed()? {
        // A file without content may be a name that is only just claimed.
        if file.is_compressed || file.bytes == 0 {
            continue;
        }
        if let Err(error) = codec.compress(&file.path) {
            counts.fault("a closed file is not compressed", &file.path, &error);
        }
    }
    family.sync()
}

#[cfg(feature = "compress")]
mod codec {
    use std::{
        ffi::OsString,
        fs::{self, File, OpenOptions},
        io::{self, BufReader},
        path::{Path, PathBuf},
    };

    use super::super::{torn, Compression};

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
            let target = with(plain, self.suffix());
            let temporary = with(&target, ".tmp");
            let mut options = OpenOptions::new();
            options.create(true).truncate(false).write(true);
            torn::owner_only(&mut options);
            let output = options.open(&temporary)?;
            if let Err(fs::TryLockError::WouldBlock) = output.try_lock() {
                // Another process is at it.
                return Ok(());
            }
            let done = self.compress_into(plain, &output, &temporary, &target);
            if done.is_err() {
                let _ = fs::remove_file(&temporary);
            }
            match done {
                // Another process removed it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                done => done,
            }
        }

        fn compress_into(
            self,
            plain: &Path,
            output: &File,
            temporary: &Path,
            target: &Path,
        ) -> io::Result<()> {
            if target.try_exists()? {
                // Nothing of ours is replaced. It is there where the process was ended just before
                // the plain file was removed: both stay.
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

    fn with(path: &Path, suffix: &str) -> PathBuf {
        let mut name = OsString::from(path);
        name.push(suffix);
        PathBuf::from(name)
    }
}
