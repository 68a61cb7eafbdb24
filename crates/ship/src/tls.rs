//! TLS by rustls, with the certificates of the operating system or of a file.

use std::{error::Error, io, path::Path, sync::Arc};

use rustls::{
    crypto::ring,
    pki_types::{pem::PemObject, CertificateDer},
    ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier,
};

/// Trusts the certificates in a PEM file, or else those that the operating system trusts.
pub(crate) fn client_config(root_certificates: Option<&Path>) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match root_certificates {
        Some(path) => {
            let unusable = |what: String| {
                let message = format!("no certificates in {}: {what}", path.display());
                io::Error::new(io::ErrorKind::InvalidData, message)
            };
            let certificates = CertificateDer::pem_file_iter(path);
            for certificate in certificates.map_err(|error| unusable(error.to_string()))? {
                let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                let added = roots.add(certificate);
                added.map_err(|error| unusable(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(unusable("it holds none".to_owned()));
            }
        }
        None => {
            let native = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(native.certs);
        }
    }
    let builder = builder()?.with_root_certificates(roots);
    Ok(builder.with_no_client_auth())
}

/// Says what to do about an error of a connection, where waiting does not help.
pub(crate) fn advice(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        let tls = match inner {
            Some(inner) => inner.downcast_ref(),
            None => error.downcast_ref(),
        };
        match tls {
            Some(rustls::Error::InvalidCertificate(_)) => {
                let what = inner.map_or_else(|| error.to_string(), ToString::to_string);
                return Some(format!(
                    "the server's certificate is not trusted: {what}; root_certificates names a file with those to trust"
                ));
            }
            Some(rustls::Error::InvalidMessage(_)) => {
                return Some(
                    "the server answers without encryption, which the URL demands".to_owned(),
                );
            }
            _ => cause = error.source(),
        }
    }
    None
}

fn builder() -> io::Result<ConfigBuilder<ClientConfig, WantsVerifier>> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions();
    builder.map_err(io::Error::other)
}

/// Encryption that does not depend on who the server is.
#[cfg(feature = "postgres")]
pub(crate) mod any_server {
    use std::{io, sync::Arc};

    use rustls::{
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{ring, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, ServerName, UnixTime},
        ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    };

    /// Accepts every certificate. Only for a connection that would otherwise be made without encryption.
    pub(crate) fn client_config() -> io::Result<ClientConfig> {
        let builder = super::builder()?.dangerous();
        let builder = builder.with_custom_certificate_verifier(Arc::new(AnyServer));
        Ok(builder.with_no_client_auth())
    }

    #[derive(Debug)]
    struct AnyServer;

    impl ServerCertVerifier for AnyServer {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = ring::default_provider().signature_verification_algorithms;
            verify_tls12_signature(message, certificate, signed, &algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = ring::default_provider().signature_verification_algorithms;
            verify_tls13_signature(message, certificate, signed, &algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            let algorithms = ring::default_provider().signature_verification_algorithms;
            algorithms.supported_schemes()
        }
    }
}
