//! Compresses closed files.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read},
    path::Path,
};

use super::{patch::Patch, Compression};
use crate::{closed::UNFINISHED, file_id::FileId, paths::with_suffix, permissions::owner_only};

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

    /// Replaces a plain file by a compressed one. Under its final name, the compressed file is complete at any time.
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
        let target = with_suffix(plain, self.suffix());
        let temporary = with_suffix(&target, UNFINISHED);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let output = owner_only(&mut options).open(&temporary)?;
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
            // It was not made from this file, so both stay.
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

    /// Whether decompressing this yields the contents of the plain file.
    fn restores(self, compressed: File, plain: &Path) -> io::Result<bool> {
        is_same(self.decode(compressed)?, File::open(plain)?)
    }

    fn of_name(path: &Path) -> Option<Self> {
        let name = path.as_os_str().as_encoded_bytes();
        let has = |codec: &Self| name.ends_with(codec.suffix().as_bytes());
        [Self::Gzip, Self::Zstd].into_iter().find(has)
    }

    fn decode(self, compressed: File) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            // Members appended to a compressed file are read, too.
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(compressed)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::new(compressed)?),
        })
    }

    fn encode(self, input: impl Read, output: &File) -> io::Result<()> {
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

/// Replaces a compressed file by one in which some places have other bytes. Under its name, the file is complete at any
/// time.
pub(super) fn rewrite(path: &Path, patches: Vec<Patch>) -> io::Result<()> {
    let unknown = || io::Error::other("it is not known how the file is compressed");
    let codec = Codec::of_name(path).ok_or_else(unknown)?;
    let input = File::open(path)?;
    let permissions = input.metadata()?.permissions();
    let temporary = with_suffix(path, UNFINISHED);
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    let output = owner_only(&mut options).open(&temporary)?;
    let rewritten = codec
        .decode(input)
        .and_then(|input| codec.encode(Patched::new(input, patches), &output))
        .and_then(|()| output.set_permissions(permissions))
        .and_then(|()| output.sync_all())
        .and_then(|()| fs::rename(&temporary, path));
    if rewritten.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    rewritten
}

/// Reads the bytes of another reader, with other bytes in some places.
struct Patched<R> {
    input: R,
    position: u64,
    patches: Vec<Patch>,
}

impl<R: Read> Patched<R> {
    fn new(input: R, patches: Vec<Patch>) -> Self {
        Self {
            input,
            position: 0,
            patches,
        }
    }
}

impl<R: Read> Read for Patched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        let here = self.position..self.position + read as u64;
        for Patch { offset, bytes } in &self.patches {
            let start = here.start.max(*offset);
            let end = here.end.min(offset + bytes.len() as u64);
            if start < end {
                // Within the buffer and the patch, whose lengths fit.
                let target = (start - here.start) as usize..(end - here.start) as usize;
                let source = (start - offset) as usize..(end - offset) as usize;
                buffer[target].copy_from_slice(&bytes[source]);
            }
        }
        self.position = here.end;
        Ok(read)
    }
}

/// Deletes a plain file that has a complete compressed copy: a process was killed after it had written the copy.
pub(super) fn remove_if_compressed(plain: &Path) -> io::Result<bool> {
    for codec in [Codec::Gzip, Codec::Zstd] {
        let compressed = match File::open(with_suffix(plain, codec.suffix())) {
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
            // It is incomplete, or another program's.
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

/// Deletes the incomplete file of a process that was killed while it compressed.
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

/// Locks an incomplete file, unless another process is writing to it, or has just completed it.
fn is_ours(file: &File, path: &Path) -> io::Result<bool> {
    if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
        return Ok(false);
    }
    Ok(FileId::of(&fs::metadata(path)?) == FileId::of(&file.metadata()?))
}

#[cfg(test)]
mod tests {
    use std::{io::Write, path::PathBuf};

    use super::*;

    #[test]
    fn patches_replace_bytes_wherever_reads_begin_and_end() {
        let patches = || {
            let patch = |offset, bytes: &[u8]| Patch {
                offset,
                bytes: bytes.to_vec(),
            };
            vec![patch(2, b"ABC"), patch(9, b"Z")]
        };
        for step in 1..=10 {
            let mut input = Patched::new(&b"0123456789"[..], patches());
            let mut all = Vec::new();
            let mut buffer = vec![0; step];
            loop {
                let read = input.read(&mut buffer).expect("memory");
                if read == 0 {
                    break;
                }
                all.extend_from_slice(&buffer[..read]);
            }
            assert_eq!(all, b"01ABC5678Z", "{step} at a time");
        }
    }

    /// A file in a directory of its own, with what is in it.
    fn gzip_file(name: &str, members: &[&[u8]]) -> PathBuf {
        let name = format!("body-logger-codec-{}-{name}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).expect("a directory for temporary files");
        let path = directory.join("audit.jsonl.gz");
        let mut file = File::create(&path).expect("a file");
        for member in members {
            let mut encoder = flate2::write::GzEncoder::new(&mut file, Default::default());
            encoder.write_all(member).expect("a disk with room");
            encoder.finish().expect("a disk with room");
        }
        path
    }

    fn text(path: &Path) -> String {
        let file = File::open(path).expect("a file");
        let mut text = String::new();
        let mut decoded = Codec::Gzip.decode(file).expect("a decoder");
        decoded.read_to_string(&mut text).expect("text");
        text
    }

    fn patch() -> Vec<Patch> {
        vec![Patch {
            offset: 1,
            bytes: b"XY".to_vec(),
        }]
    }

    #[test]
    fn a_file_is_rewritten_with_all_of_its_members_whatever_a_crash_has_left() {
        let path = gzip_file("rewrite", &[b"abcd\n", b"efgh\n"]);
        let temporary = with_suffix(&path, UNFINISHED);
        fs::write(&temporary, vec![b'x'; 4096]).expect("a file");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::Permissions::from_mode(0o640);
            fs::set_permissions(&path, mode).expect("a file");
        }
        let before = fs::metadata(&path).expect("a file").permissions();
        rewrite(&path, patch()).expect("a disk with room");
        assert_eq!(text(&path), "aXYd\nefgh\n");
        assert_eq!(fs::metadata(&path).expect("a file").permissions(), before);
        assert!(!temporary.exists());
        fs::remove_dir_all(path.with_file_name("")).expect("a directory");
    }

    #[test]
    fn a_file_that_cannot_be_rewritten_stays_and_nothing_beside_it() {
        let path = gzip_file("damaged", &[b"abcd\n"]);
        let mut damaged = fs::read(&path).expect("a file");
        damaged.truncate(damaged.len() - 4);
        fs::write(&path, &damaged).expect("a file");
        rewrite(&path, patch()).expect_err("it is damaged");
        assert_eq!(fs::read(&path).expect("a file"), damaged);
        assert!(!with_suffix(&path, UNFINISHED).exists());
        fs::remove_dir_all(path.with_file_name("")).expect("a directory");
    }

    #[test]
    fn a_plain_file_is_removed_only_if_its_copy_is_complete() {
        let path = gzip_file("twin", &[b"abcd\n"]);
        let plain = path.with_extension("");
        for (text, is_copy) in [("abc", false), ("abcd\nefgh\n", false), ("abcd\n", true)] {
            fs::write(&plain, text).expect("a file");
            assert_eq!(remove_if_compressed(&plain).expect("files"), is_copy);
            assert_eq!(plain.exists(), !is_copy, "{text}");
        }
        fs::remove_dir_all(path.with_file_name("")).expect("a directory");
    }
}
