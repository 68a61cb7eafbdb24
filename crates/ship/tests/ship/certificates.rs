//! Certificates, made by the program `openssl`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use body_logger_ship::Destination;

use super::{
    kill::ship,
    log::{lines, Directory},
    shipper, stop, until,
};

/// An authority of our own.
pub(crate) struct Authority {
    directory: Directory,
}

/// A certificate for a server, and its key.
pub(crate) struct Certificate {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    /// None where there is no `openssl`.
    pub(crate) fn new() -> Option<Self> {
        Command::new("openssl")
            .arg("version")
            .stdout(Stdio::null())
            .status()
            .ok()?;
        let authority = Self {
            directory: Directory::new(),
        };
        authority.make("ca", &["-subj", "/CN=authority"]);
        Some(authority)
    }

    /// The file of those who trust it.
    pub(crate) fn roots(&self) -> PathBuf {
        self.directory.file("ca.pem")
    }

    /// A certificate for a server at this address.
    pub(crate) fn certify(&self, address: &str) -> Certificate {
        let name = format!("subjectAltName=IP:{address}");
        let ca = self.roots().display().to_string();
        let ca_key = self.directory.file("ca.key").display().to_string();
        let leaf = [
            "-subj",
            "/CN=server",
            "-addext",
            &name,
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ];
        self.make(
            address,
            &[&leaf[..], &["-CA", &ca, "-CAkey", &ca_key]].concat(),
        )
    }

    fn make(&self, name: &str, arguments: &[&str]) -> Certificate {
        let made = Certificate {
            certificate: self.directory.file(&format!("{name}.pem")),
            key: self.directory.file(&format!("{name}.key")),
        };
        let done = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
            ])
            .args(arguments)
            .arg("-out")
            .arg(&made.certificate)
            .arg("-keyout")
            .arg(&made.key)
            .output()
            .expect("the program `openssl`");
        let error = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{error}");
        made
    }
}

/// With a certificate that is not to be trusted nothing is sent and nothing lost; with one that is, all arrives.
///
/// `destination` leads to a server with the certificate, and trusts the roots in a file if one is given; `received`
/// are the numbers that have arrived.
pub(crate) fn check<D: Destination>(
    start: impl Fn(&Certificate),
    destination: impl Fn(Option<&Path>) -> D,
    received: impl Fn() -> Vec<u64>,
    authority: &Authority,
) {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let roots = authority.roots();
    let wrong = authority.certify("127.0.0.2");
    let right = authority.certify("127.0.0.1");
    for (certificate, roots) in [(&wrong, Some(&*roots)), (&right, None)] {
        start(certificate);
        let handle = shipper(&directory, destination(roots))
            .spawn()
            .expect("a shipper");
        until(|| handle.counters().retries >= 3);
        assert_eq!(stop(handle).shipped, 0);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let error = runtime.expect("a runtime").block_on(async {
            let mut destination = destination(roots);
            let connected = destination.connect(None).await;
            match connected {
                Err(error) => error,
                // It connects with the first batch.
                Ok(_) => destination
                    .send(&[])
                    .await
                    .expect_err("a wrong certificate"),
            }
        });
        assert!(error.to_string().contains("certificate"), "{error}");
    }
    start(&right);
    let counters = ship(&directory, destination(Some(&roots)));
    assert_eq!((counters.shipped, counters.retries), (10, 0));
    assert_eq!(received(), Vec::from_iter(1..11));
}
