//! A client that reads a download, and does with its bytes what it is told.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write as _},
    net::{SocketAddr, TcpStream},
};

/// Downloads something, and hands on the bytes of its body.
pub(crate) fn download(
    addr: SocketAddr,
    target: &str,
    mut each: impl FnMut(&[u8]),
) -> io::Result<u64> {
    let mut stream = TcpStream::connect(addr)?;
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n"
    )?;
    let mut stream = BufReader::with_capacity(256 * 1024, stream);
    let mut length = None;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().ok();
        }
    }
    match length {
        Some(length) => pass(&mut stream, length, &mut each),
        None => {
            let mut read = 0;
            loop {
                let mut size = String::new();
                stream.read_line(&mut size)?;
                let size = u64::from_str_radix(size.trim_end(), 16).map_err(io::Error::other)?;
                read += pass(&mut stream, size, &mut each)?;
                stream.read_line(&mut String::new())?;
                if size == 0 {
                    return Ok(read);
                }
            }
        }
    }
}

fn pass(
    stream: &mut BufReader<TcpStream>,
    length: u64,
    each: &mut impl FnMut(&[u8]),
) -> io::Result<u64> {
    let mut body = stream.take(length);
    loop {
        let bytes = body.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        each(bytes);
        let read = bytes.len();
        body.consume(read);
    }
    match body.limit() {
        0 => Ok(length),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
