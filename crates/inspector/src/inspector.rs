//! The service, and how it is built.

use std::sync::Arc;

use actix_web::{
    body::BoxBody,
    dev::{AppService, HttpServiceFactory, ServiceRequest, ServiceResponse},
    http::{header, Method},
    middleware::{from_fn, Next},
    web, Error, HttpMessage as _, HttpRequest, HttpResponse,
};
use body_logger_core::Unrecorded;
use body_logger_store::Store;
use serde::Deserialize;

use crate::{
    access::{Access, SignIn, TokenAccess, Verdict},
    api,
    page::{self, Failure},
    respond,
    shared::Shared,
    status::{Panel, StatusRow},
    suggestion::Try,
};

/// Where the page is, unless the application says otherwise.
const DEFAULT_PATH: &str = "/_inspector";

/// A page that shows recorded exchanges: an actix-web service over a [`Store`], for any application.
///
/// Build it once, and mount a clone in each worker's application. It only reads, and its own requests leave no records,
/// as it marks them [`Unrecorded`].
///
/// ```
/// use actix_web::{App, HttpServer};
/// use body_logger_inspector::Inspector;
/// use body_logger_store::Store;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Store::in_memory(64 * 1024 * 1024)?;
/// let inspector = Inspector::over(store).localhost_only().at("/_inspector");
/// let server = HttpServer::new(move || App::new().service(inspector.clone()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "mount it with `App::service`"]
pub struct Inspector {
    shared: Arc<Shared>,
    path: String,
}

/// An inspector that still needs an access rule. There is no default.
#[derive(Debug)]
#[must_use = "say who may look"]
pub struct InspectorBuilder {
    store: Store,
}

impl Inspector {
    /// Begins an inspector of what is in a store.
    pub fn over(store: Store) -> InspectorBuilder {
        InspectorBuilder { store }
    }

    fn new(store: Store, access: Access) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                access,
                tries: Vec::new(),
                panels: Vec::new(),
            }),
            path: DEFAULT_PATH.to_owned(),
        }
    }

    /// The path that the page is mounted at. Defaults to `/_inspector`.
    ///
    /// Within a `Scope` it is relative to that.
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Commands that the page suggests while nothing is recorded yet. Defaults to none.
    ///
    /// # Panics
    ///
    /// Panics if the inspector has been cloned before.
    pub fn tries(mut self, tries: impl IntoIterator<Item = Try>) -> Self {
        self.unshared().tries = tries.into_iter().collect();
        self
    }

    /// Adds a panel to the overview, about what the store does not know: such as how far a log is proven, or how far a
    /// destination is behind. Defaults to none.
    ///
    /// The closure is called every two seconds for each page that shows the overview, on a thread for blocking work. If it
    /// panics, the panel says that nothing is known.
    ///
    /// ```
    /// use body_logger_inspector::{Inspector, StatusRow};
    /// # let store = body_logger_store::Store::in_memory(1024 * 1024)?;
    ///
    /// let inspector = Inspector::over(store)
    ///     .localhost_only()
    ///     .status("Shipping", || vec![StatusRow::lag("nats", 0, 0, std::time::Duration::ZERO)]);
    /// # drop(inspector);
    /// # Ok::<(), body_logger_store::StoreError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the inspector has been cloned before.
    pub fn status(
        mut self,
        title: impl Into<String>,
        rows: impl Fn() -> Vec<StatusRow> + Send + Sync + 'static,
    ) -> Self {
        let panel = Panel {
            title: title.into(),
            rows: Box::new(rows),
        };
        self.unshared().panels.push(panel);
        self
    }

    fn unshared(&mut self) -> &mut Shared {
        Arc::get_mut(&mut self.shared).expect("an inspector that was not cloned")
    }
}

impl InspectorBuilder {
    /// Lets in whoever enters this token on a form.
    ///
    /// The token is compared in constant time, and exchanged for a random session in a cookie that is `HttpOnly` and
    /// `SameSite=Strict`; it is never part of an address. A session lasts twelve hours, and ends with the process. A client
    /// has five tries a minute. An empty token lets nobody in.
    pub fn token(self, token: impl Into<String>) -> Inspector {
        Inspector::new(self.store, Access::Token(TokenAccess::new(token.into())))
    }

    /// Lets in each request for which the closure returns true.
    ///
    /// It is called for every request, those for the page's assets included. Requests that another site made a browser
    /// send are refused before it is called.
    pub fn allow(self, rule: impl Fn(&HttpRequest) -> bool + Send + Sync + 'static) -> Inspector {
        Inspector::new(self.store, Access::Allow(Box::new(rule)))
    }

    /// Lets in requests that were sent from this machine to this server.
    ///
    /// The peer's address has to be a loopback address, the `Host` has to be `localhost` or a loopback address with the
    /// port of this server, and an `Origin` has to be the page's own: so neither DNS rebinding nor a page on another port
    /// gets in. Requests that came through a proxy (`Forwarded`, `X-Forwarded-*`, `Via`) are refused, as behind one every
    /// peer is local; so are those through a tunnel that ends at another port.
    pub fn localhost_only(self) -> Inspector {
        Inspector::new(self.store, Access::Localhost)
    }
}

impl HttpServiceFactory for Inspector {
    fn register(self, config: &mut AppService) {
        let path = self.path.trim_end_matches('/').to_owned();
        let shared = Arc::clone(&self.shared);
        web::scope(&path)
            .app_data(web::Data::from(self.shared))
            .app_data(web::FormConfig::default().limit(4096))
            .wrap(from_fn(move |request, next| {
                guard(Arc::clone(&shared), request, next)
            }))
            .service(
                web::resource(["", "/"])
                    .route(web::get().to(show))
                    .route(web::head().to(show)),
            )
            .route("/session", web::post().to(enter))
            .route("/assets/{version}/{name}", web::get().to(asset))
            .service(web::scope("/api").configure(api::routes))
            .default_service(web::to(respond::nothing_here))
            .register(config);
    }
}

/// Runs before every request: marks it as unrecorded, and refuses those that the access rule does not allow.
async fn guard(
    shared: Arc<Shared>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    request.extensions_mut().insert(Unrecorded);
    let mut response = match shared.access.of(request.request()) {
        Verdict::Allowed => next.call(request).await?,
        Verdict::SignIn if is_open(request.request()) => next.call(request).await?,
        Verdict::SignIn if is_page(request.request()) => {
            let to = format!("?{}", request.query_string());
            let form = page::sign_in(request.request(), &to, None);
            request.into_response(form)
        }
        Verdict::SignIn => request.into_response(HttpResponse::Unauthorized().finish()),
        Verdict::Refused => request.into_response(respond::refused()),
    };
    respond::secure(response.headers_mut());
    Ok(response)
}

/// The path below the mount point.
fn tail(request: &HttpRequest) -> &str {
    request.match_info().unprocessed()
}

fn is_page(request: &HttpRequest) -> bool {
    request.method() == Method::GET && matches!(tail(request), "" | "/")
}

/// What the form itself needs: the assets say nothing of what is recorded.
fn is_open(request: &HttpRequest) -> bool {
    let is_session = request.method() == Method::POST && tail(request) == "/session";
    is_session || (Access::is_read(request.method()) && tail(request).starts_with("/assets/"))
}

/// The page, with what its list shows first: asking for that would take another round trip.
async fn show(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let first = api::first_entries(&shared, request.query_string()).await;
    page::page(&request, first.as_ref())
}

async fn asset(name: web::Path<(String, String)>) -> HttpResponse {
    page::asset(&name.1)
}

#[derive(Deserialize)]
struct Entered {
    token: String,
    #[serde(default)]
    to: String,
}

/// Exchanges the token for a session.
async fn enter(
    request: HttpRequest,
    shared: web::Data<Shared>,
    entered: web::Form<Entered>,
) -> HttpResponse {
    let Access::Token(access) = &shared.access else {
        return respond::nothing_here().await;
    };
    let path = request.path();
    let mount = path.strip_suffix("/session").unwrap_or(path);
    let failure = match access.sign_in(&request, mount, &entered.token) {
        SignIn::Session(cookie) => {
            // Only ever a query: nobody is sent elsewhere.
            let query = entered.to.strip_prefix('?').unwrap_or("");
            let last = mount.rsplit('/').next().unwrap_or_default();
            let query: String = query.chars().filter(char::is_ascii_graphic).collect();
            return HttpResponse::SeeOther()
                .cookie(cookie)
                .insert_header((header::LOCATION, format!("../{last}?{query}")))
                .finish();
        }
        SignIn::Wrong { tries_left } => Failure::Wrong { tries_left },
        SignIn::TooMany => Failure::TooMany,
    };
    page::sign_in(&request, &entered.to, Some(failure))
}
