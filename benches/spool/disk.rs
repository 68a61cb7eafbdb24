//! The disk alone.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sha2::{Digest as _, Sha256};

use crate::server::CHUNK;

/// Writes a file as a spool does, but from nowhere. Returns how long that took.
pub(crate) fn write(path: &Path, mut bytes: u64) -> io::Result<Duration> {
    settle();
    let chunk = vec![b'.'; CHUNK];
    let began = Instant::now();
    let mut file = File::create(path)?;
    while bytes > 0 {
        let length = usize::try_from(bytes).unwrap_or(CHUNK).min(CHUNK);
        file.write_all(&chunk[..length])?;
        bytes -= length as u64;
    }
    drop(file);
    let took = began.elapsed();
    fs::remove_file(path)?;
    Ok(took)
}

/// Lets the operating system write what others have left it.
pub(crate) fn settle() {
    // Without it, figures are worse.
    let _ = Command::new("sync").status();
}

/// The SHA-256 of a file.
pub(crate) fn digest(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1024 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(digest)),
            read => digest.update(&buffer[..read]),
        }
    }
}

pub(crate) fn hex(digest: Sha256) -> String {
    let digest = digest.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
