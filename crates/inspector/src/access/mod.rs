//! Access: the one rule of the application, and the checks that apply under every rule.
//!
//! There is no default rule: only the methods that set one turn the builder into a service. Under every rule, no other site may
//! make a browser send a request: `Origin` and `Sec-Fetch-Site` are checked first.

mod attempts;
mod localhost;
mod origin;
mod sessions;

use std::fmt;

use actix_web::{
    cookie::{Cookie, SameSite},
    http::Method,
    HttpRequest,
};
use subtle::ConstantTimeEq as _;

use self::{attempts::Attempts, sessions::Sessions};

/// The cookie that holds a session.
const COOKIE: &str = "body_logger_inspector";

/// The access rule.
pub(crate) enum Access {
    Token(TokenAccess),
    Allow(Box<dyn Fn(&HttpRequest) -> bool + Send + Sync>),
    Localhost,
}

/// The decision on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    /// Nobody has signed in here.
    SignIn,
    Refused,
}

impl Access {
    pub(crate) fn of(&self, request: &HttpRequest) -> Verdict {
        let allowed = origin::is_own(request)
            && match self {
                Self::Token(_) => true,
                Self::Allow(rule) => rule(request),
                Self::Localhost => localhost::is_local(request),
            };
        match self {
            _ if !allowed => Verdict::Refused,
            Self::Token(token) if !token.knows(request) => Verdict::SignIn,
            _ => Verdict::Allowed,
        }
    }

    /// Whether a request with this method is answered: nothing but the session can be changed.
    pub(crate) fn is_read(method: &Method) -> bool {
        matches!(*method, Method::GET | Method::HEAD)
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token(***)",
            Self::Allow(_) => "Allow(..)",
            Self::Localhost => "Localhost",
        })
    }
}

/// A token, exchanged for a session.
pub(crate) struct TokenAccess {
    token: String,
    sessions: Sessions,
    attempts: Attempts,
}

/// The result of an attempt to sign in.
pub(crate) enum SignIn {
    /// The cookie of the new session.
    Session(Cookie<'static>),
    Wrong {
        tries_left: u32,
    },
    /// Too many wrong ones; the token was not compared.
    TooMany,
}

impl TokenAccess {
    pub(crate) fn new(token: String) -> Self {
        Self {
            token,
            sessions: Sessions::default(),
            attempts: Attempts::default(),
        }
    }

    fn knows(&self, request: &HttpRequest) -> bool {
        let cookie = request.cookie(COOKIE);
        cookie.is_some_and(|cookie| self.sessions.contains(cookie.value()))
    }

    pub(crate) fn sign_in(&self, request: &HttpRequest, path: &str, token: &str) -> SignIn {
        let client = request.peer_addr().map(|peer| peer.ip());
        let Some(tries_left) = self.attempts.begin(client) else {
            return SignIn::TooMany;
        };
        // An empty token lets nobody in.
        let right =
            !self.token.is_empty() && bool::from(token.as_bytes().ct_eq(self.token.as_bytes()));
        if !right {
            return SignIn::Wrong { tries_left };
        }
        self.attempts.forgive(client);
        // Behind a proxy that ends TLS only its headers say so. A client that lies only keeps its own cookie from plain HTTP.
        let secure = request.app_config().secure() || request.connection_info().scheme() == "https";
        let cookie = Cookie::build(COOKIE, self.sessions.begin())
            .path(path.to_owned())
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(secure)
            .finish();
        SignIn::Session(cookie)
    }
}
