//! Overwrites lines in files, compressed ones included.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
};

use body_logger_core::record::ErasedEntry;

use super::numbered::NumberedFile;
use crate::{closed::LogFiles, file::patch::Patch};

/// If compressing was interrupted, a file exists twice, and one copy would keep what is erased in the other.
pub(super) fn remove_twins(log_files: &LogFiles) -> io::Result<()> {
    #[cfg(feature = "compress")]
    for file in log_files.closed()?.iter().filter(|it| !it.is_compressed) {
        crate::file::codec::remove_if_compressed(&file.path)?;
    }
    #[cfg(not(feature = "compress"))]
    let _ = log_files;
    Ok(())
}

/// Erases those of the lines that are in this file, given with their numbers and lengths, durably.
pub(super) fn in_file(file: NumberedFile, erased: &[(u64, ErasedEntry, u64)]) -> io::Result<()> {
    let numbers = erased.iter().map(|(number, ..)| *number);
    let Some(last) = numbers.filter(|it| file.numbers.contains(it)).max() else {
        return Ok(());
    };
    let mut patches = Vec::new();
    let raw = file.file.clone();
    let to_overwrite = file.each_line(last + 1, |number, line| {
        let Some((_, stub, bytes)) = erased.iter().find(|(it, ..)| *it == number) else {
            return Ok(());
        };
        let length = line.bytes.len();
        let stub = stub.line(length).filter(|_| *bytes == length as u64);
        patches.push(Patch {
            offset: line.offset,
            bytes: stub.ok_or_else(|| {
                let text = format!(
                    "line {number} has {length} bytes, and {bytes} are announced as erased"
                );
                io::Error::new(io::ErrorKind::InvalidData, text)
            })?,
        });
        Ok(())
    })?;
    match to_overwrite {
        Some(plain) => overwrite(plain, &patches),
        #[cfg(feature = "compress")]
        None => crate::file::codec::rewrite(raw.path(), patches),
        // Its lines could not be read.
        #[cfg(not(feature = "compress"))]
        None => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            raw.path().display().to_string(),
        )),
    }
}

fn overwrite(mut file: File, patches: &[Patch]) -> io::Result<()> {
    for Patch { offset, bytes } in patches {
        file.seek(SeekFrom::Start(*offset))?;
        file.write_all(bytes)?;
    }
    file.sync_data()
}
