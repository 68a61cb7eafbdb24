//! The id of an exchange.

use std::{fmt, time::SystemTime};

use uuid::{NoContext, Timestamp, Uuid};

use body_logger_core::record::RecordText;

/// Maximum length of an adopted id in bytes.
const MAX_ADOPTED: usize = 128;

/// The id of an exchange: a UUID v7 ([RFC 9562]), or the id in the request, if the application configured its
/// adoption.
///
/// [RFC 9562]: https://www.rfc-editor.org/rfc/rfc9562#section-5.7
///
/// ```
/// use actix_web::Responder;
/// use actix_web_body_logger::Exchange;
///
/// async fn handler(exchange: Exchange) -> impl Responder {
///     match exchange.id() {
///         Some(id) => format!("logged as {id}"),
///         None => "not logged".to_owned(),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(Id);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Id {
    Generated(Uuid),
    Adopted(Box<str>),
}

impl RequestId {
    pub(crate) fn generate(now: SystemTime) -> Self {
        let since_epoch = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let timestamp =
            Timestamp::from_unix(NoContext, since_epoch.as_secs(), since_epoch.subsec_nanos());
        Self(Id::Generated(Uuid::new_v7(timestamp)))
    }

    /// Returns the id's uniform position between 0 and 1; a random one for an adopted id, unless `adopted_decide`.
    /// The hash is documented for users at [`TailSampling::sampled`](crate::TailSampling).
    pub(crate) fn sampling_position(&self, adopted_decide: bool) -> f64 {
        if matches!(self.0, Id::Adopted(_)) && !adopted_decide {
            return Self::generate(SystemTime::now()).sampling_position(false);
        }
        const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
        let mut hash = self.to_string().bytes().fold(FNV_OFFSET, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)
        });
        // The high bits of FNV hashes of similar texts are alike; this mixes them.
        for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
            hash = (hash ^ (hash >> 33)).wrapping_mul(factor);
        }
        (hash ^ (hash >> 33)) as f64 / 2f64.powi(64)
    }

    /// Returns the same text as [`Display`](fmt::Display).
    pub(crate) fn text(&self) -> RecordText {
        match &self.0 {
            Id::Generated(uuid) => {
                let mut text = Uuid::encode_buffer();
                RecordText::from(&*uuid.hyphenated().encode_lower(&mut text))
            }
            Id::Adopted(token) => RecordText::from(&**token),
        }
    }

    /// Adopts an id that consists of 1 to 128 ASCII letters, digits and `-._~+/=:`; otherwise returns `None`.
    pub(crate) fn adopt(token: &[u8]) -> Option<Self> {
        let sane = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=:_".contains(byte);
        if token.is_empty() || token.len() > MAX_ADOPTED || !token.iter().all(sane) {
            return None;
        }
        let token = std::str::from_utf8(token).ok()?;
        Some(Self(Id::Adopted(token.into())))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Id::Generated(uuid) => uuid.fmt(f),
            Id::Adopted(token) => token.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adopts_valid_tokens_only() {
        for sane in ["a", "0199-x_y.z", "Root=1:2+3/4~", &"x".repeat(MAX_ADOPTED)] {
            let id = RequestId::adopt(sane.replace('_', "-").as_bytes()).expect(sane);
            assert_eq!(id.to_string(), sane.replace('_', "-"));
            assert_eq!(id.text(), sane.replace('_', "-"));
        }
        let too_long = "x".repeat(MAX_ADOPTED + 1);
        for insane in ["", "a b", "a\nb", "a\"b", "<b>", "é", too_long.as_str()] {
            assert_eq!(RequestId::adopt(insane.as_bytes()), None, "{insane:?}");
        }
    }

    #[test]
    fn generates_version_7_ids_with_the_current_time() {
        let now = SystemTime::now();
        let generated = RequestId::generate(now);
        let id = generated.to_string();
        assert_eq!(generated.text(), id);
        let millis = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "7");
        assert_eq!(
            format!("{}{}", &id[..8], &id[9..13]),
            format!("{millis:012x}")
        );
        assert_ne!(id, RequestId::generate(now).to_string());
    }
}
