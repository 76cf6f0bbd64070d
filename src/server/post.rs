//! One POST over HTTP/1.1, over TLS or, to this machine, without: all that a webhook needs. It follows no redirect, takes
//! no more of the answer than its first line, and is done within a time limit. Blocks; for a thread of its own.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::config::Url;

/// An answer's first line is shorter.
const LINE: usize = 1_024;

/// Sends the body with these headers; the status of the answer.
pub(super) fn post(url: &Url, headers: &[(&str, String)], body: &[u8], limit: Duration) -> Result<u16> {
    let until = Instant::now() + limit;
    let stream = connect(url, until)?;
    let mut request =
        format!("POST {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", url.path, url.authority).into_bytes();
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n")?;
    }
    write!(request, "content-length: {}\r\n\r\n", body.len())?;
    request.extend_from_slice(body);
    if url.is_tls {
        let name = ServerName::try_from(url.host.clone()).context("no name that a certificate could have")?;
        let session = ClientConnection::new(Arc::new(trust()?), name)?;
        exchange(StreamOwned::new(session, stream), &request, until)
    } else {
        exchange(stream, &request, until)
    }
}

/// Those whom the machine trusts.
fn trust() -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn connect(url: &Url, until: Instant) -> Result<TcpStream> {
    let addresses = (url.host.trim_matches(['[', ']']), url.port).to_socket_addrs().context("the host is not known")?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, left(until)?) {
            Ok(stream) => {
                // Each read and write has what is left when it begins; a peer that drips is cut by the loop below.
                stream.set_write_timeout(Some(left(until)?))?;
                stream.set_read_timeout(Some(left(until)?))?;
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(|| anyhow::anyhow!("the host has no address"), Into::into))
}

fn left(until: Instant) -> Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        bail!("it takes too long");
    }
    Ok(left)
}

fn exchange(mut stream: impl Read + Write, request: &[u8], until: Instant) -> Result<u16> {
    stream.write_all(request)?;
    stream.flush()?;
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        left(until)?;
        if line.len() >= LINE || stream.read(&mut byte)? == 0 {
            bail!("the answer is no HTTP");
        }
        line.push(byte[0]);
    }
    status(&String::from_utf8_lossy(&line)).context("the answer is no HTTP")
}

/// `HTTP/1.1 204 No Content`
fn status(line: &str) -> Option<u16> {
    let mut words = line.strip_prefix("HTTP/1.")?.split(' ');
    words.next()?;
    words.next()?.trim().parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_of_an_answer_counts() {
        assert_eq!(status("HTTP/1.1 204 No Content\r\n"), Some(204));
        assert_eq!(status("HTTP/1.0 503\r\n"), Some(503));
        for line in ["SSH-2.0-x\r\n", "HTTP/1.1\r\n", "HTTP/2 200\r\n", "HTTP/1.1 9999 x\r\n", ""] {
            assert_eq!(status(line), None, "{line}");
        }
    }
}
