//! The headers that the command sends, and those that it prevents curl from adding.

use mime::Mime;

use super::{body::Content, is_token, target::is_kept_host, Curl};
use crate::{
    format::url,
    record::{RecordText, RequestRecord},
};

/// From this body size on, some versions of curl send `Expect: 100-continue`.
const EXPECTS_FROM: usize = 1024;

impl Curl {
    pub(super) fn headers(&mut self, request: &RequestRecord, content: Option<Content<'_>>) {
        let has = |name: &str| request.headers.iter().any(|(n, _)| n == name);
        let later_http = !request.version.starts_with("HTTP/1.");
        // Behind `Expect: 100-continue` curl never sends the last chunk of an empty body.
        let is_empty = matches!(content, Some(Content::Text("") | Content::Base64("")));
        let hides_expect = is_empty && has("transfer-encoding");
        let mut hosts = 0;
        for (at, (name, value)) in request.headers.iter().enumerate() {
            match &**name {
                "host" => {
                    hosts += 1;
                    self.host(request, value, hosts);
                    continue;
                }
                "accept-encoding" if !self.flags.contains("--compressed") => {
                    self.flags.push_str(" --compressed");
                }
                "expect" if hides_expect => {
                    self.left_out.add("header", name);
                    continue;
                }
                // RFC 9113, section 8.2.3.
                "cookie" if later_http => {
                    self.cookies(&request.headers, at);
                    continue;
                }
                "content-length" | "transfer-encoding" | "content-encoding" | "content-type"
                    if !self.is_sent_of_body(request, content, name, value) =>
                {
                    continue;
                }
                _ => {}
            }
            self.header(name, value);
        }
        if hosts == 0 {
            match request.host.as_deref() {
                Some(_) if request.version == "HTTP/1.0" => self.no_host(),
                Some(host) if url::host(request).is_some() && is_kept_host(host) => {}
                Some(host) => self.header("host", host),
                None => self.no_host(),
            }
        }
        let text = match content {
            Some(Content::Text(text) | Content::Base64(text)) => Some(text),
            Some(Content::Form) | None => None,
        };
        let may_expect = match content {
            Some(Content::Form) => true,
            _ => has("transfer-encoding") || text.is_some_and(|text| text.len() >= EXPECTS_FROM),
        };
        for (name, is_added) in [
            ("accept", true),
            ("user-agent", true),
            // Otherwise curl declares a form.
            ("content-type", text.is_some()),
            ("expect", may_expect),
        ] {
            if is_added && (!has(name) || hides_expect && name == "expect") {
                self.option("--header", &format!("{name}:"), "header");
            }
        }
        if request.headers_dropped > 0 {
            let more = request.headers_dropped;
            self.note(format!("headers that were not recorded: {more}"));
        }
    }

    fn host(&mut self, request: &RequestRecord, value: &str, nth: u32) {
        let is_in_url = url::host(request) == Some(value) && is_kept_host(value);
        match nth {
            1 if is_in_url => {}
            1 => self.header("host", value),
            // curl sends only one.
            _ => self.left_out.add("header", "host"),
        }
    }

    fn no_host(&mut self) {
        // With `host:` in lower case curl would send an empty one.
        self.option("--header", "Host:", "header");
    }

    /// Sends the cookies of all fields in one field, at the position of the first.
    fn cookies(&mut self, headers: &[(RecordText, RecordText)], at: usize) {
        let is_cookie = |(name, _): &&(RecordText, RecordText)| name == "cookie";
        if headers[..at].iter().any(|header| is_cookie(&header)) {
            return;
        }
        let fields = headers.iter().filter(is_cookie);
        let fields: Vec<&str> = fields.map(|(_, value)| value.as_str()).collect();
        if fields.len() > 1 {
            self.note("several cookie fields are joined, as they are one over HTTP/1.1");
        }
        self.header("cookie", &fields.join("; "));
    }

    /// Whether a header that describes the body is sent unchanged.
    fn is_sent_of_body(
        &mut self,
        request: &RequestRecord,
        content: Option<Content<'_>>,
        name: &str,
        value: &str,
    ) -> bool {
        match (name, content) {
            // curl sets it itself. A body that is left out has a note.
            ("content-length", content) => content.is_none() && value == "0",
            ("transfer-encoding", None) => {
                self.left_out.add("header", name);
                false
            }
            ("transfer-encoding", Some(_)) => {
                let is_known = value.eq_ignore_ascii_case("chunked");
                if !is_known {
                    self.left_out.add("header", name);
                }
                is_known
            }
            ("content-encoding", Some(_)) if request.body.encoding.is_some() => {
                self.note("the body is sent without its content encoding");
                false
            }
            ("content-type", Some(Content::Form)) => false,
            ("content-type", Some(Content::Text(text))) => {
                if !text.is_ascii() && is_in_other_charset(value) {
                    self.note("the body is sent in UTF-8 and not in its charset");
                }
                true
            }
            _ => true,
        }
    }

    fn header(&mut self, name: &str, value: &str) {
        // curl would take others for a file's name, for a name without a value, or for several headers.
        if !is_token(name) || value.contains(['\r', '\n', '\0']) {
            self.left_out.add("header", name);
            return;
        }
        if value.contains('\u{fffd}') {
            self.note("a header had bytes that are no UTF-8");
        }
        self.masked.header(name, value);
        match value.trim_matches([' ', '\t']) {
            "" => self.option("--header", &format!("{name};"), "header"),
            value => self.option("--header", &format!("{name}: {value}"), "header"),
        }
    }
}

/// Whether a `content-type` may declare a charset other than UTF-8 or ASCII.
fn is_in_other_charset(content_type: &str) -> bool {
    let Ok(media_type) = content_type.parse::<Mime>() else {
        return content_type.contains(';');
    };
    let charset = media_type.get_param(mime::CHARSET);
    charset.is_some_and(|charset| !["utf-8", "utf8", "us-ascii"].contains(&charset.as_str()))
}
