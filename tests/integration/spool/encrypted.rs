//! Encrypted files, which the age crate's own decryptor opens.

use std::{fs, io::Read as _, path::Path};

use actix_web_body_logger::{
    policy::{AgeRecipient, BodyMode},
    record::Body,
};

use super::{file, pattern, response, Kept, MUCH};

fn recipient(identity: &age::x25519::Identity) -> AgeRecipient {
    let recipient = identity.to_public().to_string();
    recipient.parse().expect("a recipient")
}

#[track_caller]
fn decrypted(path: &Path, body: &Body, identity: &age::x25519::Identity) -> Option<Vec<u8>> {
    let encrypted = fs::read(path.join(&file(body).name)).expect("a file");
    let decryptor = age::Decryptor::new(&encrypted[..]).expect("the age format");
    let mut reader = decryptor
        .decrypt([identity as &dyn age::Identity].into_iter())
        .ok()?;
    let mut plain = Vec::new();
    reader.read_to_end(&mut plain).expect("a whole file");
    Some(plain)
}

#[test]
fn each_recipient_and_nobody_else_can_read_an_encrypted_file() {
    let [first, second, other] = [(); 3].map(|()| age::x25519::Identity::generate());
    let kept = Kept::new("encrypted", |path| {
        let encrypted = BodyMode::spool_raw(path, MUCH);
        let recipients = [recipient(&first), recipient(&second)];
        encrypted
            .encrypt_to(recipients)
            .open()
            .expect("a directory")
    });
    let mut client = kept.app.connect();
    // Without optimization, a megabyte is encrypted for seconds.
    let sizes = [1, 64 * 1024, 64 * 1024 + 1, 300_000];
    for size in sizes {
        client.post("/echo", "image/png", pattern(size));
    }
    for (record, size) in kept.app.records(sizes.len()).iter().zip(sizes) {
        for body in [&record.request.body, response(record)] {
            for identity in [&first, &second] {
                assert!(decrypted(&kept.path, body, identity).expect("ours") == pattern(size));
            }
            assert!(decrypted(&kept.path, body, &other).is_none());
            assert!(file(body).name.ends_with(".age"));
            let on_disk = fs::read(kept.path.join(&file(body).name)).expect("a file");
            assert_eq!(file(body).bytes, on_disk.len() as u64);
            assert_eq!(body.bytes, Some(size as u64));
            let secret = pattern(size);
            let secret = &secret[..size.min(100)];
            assert!(size < 100 || !on_disk.windows(secret.len()).any(|it| it == secret));
        }
    }
}

#[cfg(feature = "hash")]
#[test]
fn the_digest_of_an_encrypted_file_is_that_of_what_is_on_the_disk() {
    use actix_web_body_logger::redact::BodyDigest;
    use sha2::{Digest as _, Sha256};

    use crate::{app::TestApp, sinks::file::Directory};

    let directory = Directory::new("encrypted-digest");
    let identity = age::x25519::Identity::generate();
    let spool = BodyMode::spool_raw(&directory.path, MUCH).encrypt_to([recipient(&identity)]);
    let both = super::both(&spool.open().expect("a directory"));
    let app = TestApp::configured(
        |logger| both(logger).digest_bodies(BodyDigest::PlainSha256),
        super::routes,
    );
    app.connect().get("/sized/300000");
    let record = app.record();
    let body = response(&record);
    let hex = |bytes: &[u8]| -> String {
        let digest = Sha256::digest(bytes);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let on_disk = fs::read(directory.path.join(&file(body).name)).expect("a file");
    let of_file = format!("sha-256:{}", hex(&on_disk));
    let of_body = format!("sha-256:{}", hex(&pattern(300_000)));
    assert_eq!(file(body).digest, Some(of_file));
    assert_eq!(body.digest, Some(of_body));
}

#[test]
fn a_recipient_is_parsed_and_shown_as_age_writes_it() {
    let identity = age::x25519::Identity::generate();
    let text = identity.to_public().to_string();
    assert_eq!(recipient(&identity).to_string(), text);
    assert!("age1qqq".parse::<AgeRecipient>().is_err());
    assert!("AGE-SECRET-KEY-1".parse::<AgeRecipient>().is_err());
}
