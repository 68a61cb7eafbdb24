//! The meaning of a filter.

use std::net::SocketAddr;

use super::{BodyCondition, Filter};
use crate::{
    record::{Body, Reason, Record},
    rfc3339::unix_micros,
};

impl Filter {
    /// Whether the record meets all conditions.
    ///
    /// A condition on something that the record does not have is not met: a record without a response has no status, a
    /// stage before the end of its exchange has no outcome and no duration.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        // Words are last: they need a pass over the bodies.
        self.matches_time(record)
            && self.matches_head(record)
            && self.matches_origin(record)
            && self.matches_size(record)
            && self.words.iter().all(|phrase| phrase.matches(record))
    }

    fn matches_time(&self, record: &Record) -> bool {
        let time = unix_micros(record.time);
        holds(self.from, |from| time >= unix_micros(from))
            && holds(self.to, |to| time < unix_micros(to))
            && holds(self.slower_than, |limit| {
                record
                    .duration_us
                    .is_some_and(|micros| u128::from(micros) > limit.as_micros())
            })
    }

    fn matches_head(&self, record: &Record) -> bool {
        let request = &record.request;
        holds(self.status.as_ref(), |range| {
            record
                .status()
                .is_some_and(|status| range.contains(&status))
        }) && holds(self.method.as_deref(), |method| {
            request.method.eq_ignore_ascii_case(method)
        }) && holds(self.path.as_deref(), |path| request.path.starts_with(path))
            && holds(self.route.as_deref(), |route| {
                request.route.as_deref() == Some(route)
            })
            && holds(self.outcome, |outcome| record.outcome == Some(outcome))
    }

    fn matches_origin(&self, record: &Record) -> bool {
        holds(self.id.as_deref(), |id| record.id == *id)
            && holds(self.trace.as_deref(), |trace| {
                let recorded = record.trace.as_ref();
                recorded.is_some_and(|it| it.trace_id.eq_ignore_ascii_case(trace))
            })
            && holds(self.client.as_deref(), |client| {
                let recorded = record.client.addr.as_deref();
                recorded.is_some_and(|addr| addr == client || client_host(addr) == client)
            })
            && self
                .attributes
                .iter()
                .all(|(name, value)| record.attributes.get(name) == Some(value))
    }

    fn matches_size(&self, record: &Record) -> bool {
        let response = record.response.as_ref().map(|response| &response.body);
        let mut bodies = [&record.request.body].into_iter().chain(response);
        holds(self.larger_than, |limit| {
            bodies.clone().any(|body| body.bytes > Some(limit))
        }) && holds(self.body, |condition| {
            bodies.any(|body| condition.matches(body))
        })
    }
}

impl BodyCondition {
    /// Whether it is the case for this body.
    #[must_use]
    pub fn matches(self, body: &Body) -> bool {
        let of_parts = body.parts.iter().flat_map(|part| &part.reasons);
        body.reasons
            .iter()
            .chain(of_parts)
            .any(|reason| match self {
                Self::Lost => matches!(
                    reason,
                    Reason::BodyLimit | Reason::MemoryBudget | Reason::RecordLimit | Reason::Decode
                ),
                Self::Withheld => matches!(reason, Reason::Redaction | Reason::Handler),
            })
    }
}

fn holds<T>(condition: Option<T>, is_met: impl FnOnce(T) -> bool) -> bool {
    condition.is_none_or(is_met)
}

/// Returns a client's address without its port, and without the brackets of IPv6. What is no address with a port is returned
/// unchanged.
///
/// ```
/// use body_logger_core::filter::client_host;
///
/// assert_eq!(client_host("192.0.2.1:53124"), "192.0.2.1");
/// assert_eq!(client_host("[2001:db8::1]:53124"), "2001:db8::1");
/// assert_eq!(client_host("2001:db8::1"), "2001:db8::1");
/// ```
#[must_use]
pub fn client_host(address: &str) -> &str {
    let Some((host, _)) = address.rsplit_once(':') else {
        return address;
    };
    if address.parse::<SocketAddr>().is_err() {
        return address;
    }
    let inner = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    inner.unwrap_or(host)
}
