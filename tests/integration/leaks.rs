//! Nothing that is secret comes out of any sink, whatever it goes in as.
//!
//! Hundreds of exchanges go over real sockets with a secret, each of them unique, in every place of which the
//! documentation promises that it is hidden. Then all sinks' outputs are searched for all of them, as they are and in other
//! notations; and for the harmless markers beside them, which have to be there.

mod canaries;
mod documents;
mod dress;
mod mint;
mod names;
pub mod search;
mod server;

use actix_web::{dev::ServiceRequest, http::header::HeaderName};
use actix_web_body_logger::{BodyLoggerBuilder, CaptureLevel, FieldPath, Rule};

use self::{
    documents::{filled, Document, DOCUMENTS},
    dress::{Charset, Coding, Framing},
    mint::{Kind, Mint, SPELLINGS},
    names::SECRET_NAMES,
    server::{Answer, Server},
};

/// How many bytes of bodies are kept where not all are.
const LIMITS: [usize; 12] = [1, 20, 47, 90, 131, 178, 230, 301, 388, 490, 650, 901];

/// What is sent in one direction.
#[derive(Clone, Copy)]
struct Dress {
    charset: Charset,
    coding: Coding,
    framing: Framing,
}

impl Dress {
    const PLAIN: Self = Self {
        charset: Charset::Utf8,
        coding: Coding::Identity,
        framing: Framing::Length,
    };
}

/// A body as it goes over the wire, and the headers that tell of it.
struct Message {
    body: Vec<u8>,
    content_type: Option<String>,
    content_encoding: Option<&'static str>,
}

/// A server, and all that was ever planted in what it was sent and what it answered.
struct Minefield {
    server: Server,
    mint: Mint,
    /// How many bytes of the bodies of the next exchange are kept, where that is not all.
    limit: Option<usize>,
    /// Whether the next answer may lack its body, or not come at all.
    faint: bool,
    exchanges: usize,
}

impl Minefield {
    fn new(
        mark: &'static str,
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
    ) -> Self {
        let limited = |logger: BodyLoggerBuilder| {
            LIMITS.into_iter().fold(logger, |logger, limit| {
                let says = move |req: &ServiceRequest| {
                    let header = req.headers().get("x-limit");
                    header.is_some_and(|value| value == &limit.to_string())
                };
                let rule = Rule::new(CaptureLevel::RequestResponse).when(says);
                logger.rule(rule.max_body_bytes(limit))
            })
        };
        Self {
            server: Server::new(mark, |logger| limited(settings(logger))),
            mint: Mint::default(),
            limit: None,
            faint: false,
            exchanges: 0,
        }
    }

    fn message(&mut self, document: &Document, dress: Dress, direction: &str) -> Message {
        let charset = if document.text {
            dress.charset
        } else {
            Charset::Utf8
        };
        let Dress {
            coding, framing, ..
        } = dress;
        let shown = document.shown
            && self.limit.is_none()
            && !self.faint
            && charset.is_understood()
            && coding.is_undone()
            && framing.is_whole();
        let place = format!(
            "{} in {charset:?}, {coding:?}, {framing:?}, {direction} of exchange {}",
            document.name,
            self.exchanges + 1
        );
        self.mint.at(place, shown);
        let plain = (document.write)(&mut self.mint);
        let media_type = document.media_type;
        let content_type = format!("{media_type}{}", charset.parameter());
        Message {
            body: coding.encode(charset.encode(plain)),
            content_type: (!media_type.is_empty()).then_some(content_type),
            content_encoding: coding.header(),
        }
    }

    /// The answer to the next request, with secrets in its head.
    fn answer(&mut self, message: Message, framing: Framing) -> Answer {
        let mint = &mut self.mint;
        mint.at(
            format!("response head of exchange {}", self.exchanges + 1),
            !self.faint,
        );
        let mut headers = vec![
            ("set-cookie", filled(mint, "$W=$V; Path=/$H; HttpOnly")),
            (
                "set-cookie",
                filled(mint, "$H=\"$V\"; Foo=$V; $V; Domain=$H.example"),
            ),
            (
                "location",
                filled(mint, "https://me:$V@host/$H;$W=$V/$U?$W=$V&a=$H#$W=$V&b=$H"),
            ),
            (
                "content-location",
                filled(mint, "/$H/$C?a=$H&next=%2Fx%3F$W%3D$V"),
            ),
            ("authorization", filled(mint, "Bearer $V")),
            ("www-authenticate", filled(mint, "Digest nonce=\"$V\"")),
            ("x-auth-token", filled(mint, "$V")),
            ("x-anything", filled(mint, "$V")),
            ("server", filled(mint, "$H Bearer $V")),
        ];
        headers.extend(message.content_type.map(|value| ("content-type", value)));
        headers.extend(
            message
                .content_encoding
                .map(|value| ("content-encoding", value.to_owned())),
        );
        let attributes = vec![
            (mint.name(), mint.secret()),
            ("note".to_owned(), filled(mint, "$H Bearer $V")),
        ];
        let sizes = || {
            framing
                .pieces(&message.body)
                .iter()
                .map(|piece| piece.len())
                .collect()
        };
        let failure =
            (!framing.is_whole()).then(|| filled(mint, "bad $W=$V, Bearer $V, \"$V\" and '$V'"));
        Answer {
            status: [200, 201, 302, 404, 422, 500][self.exchanges % 6],
            headers,
            attributes,
            pieces: (framing != Framing::Length).then(sizes),
            body: message.body,
            failure,
            reads: true,
        }
    }

    /// The head of a request, up to the headers that tell of its body, with secrets in it.
    fn head(&mut self, method: &str, path: &str) -> String {
        let mint = &mut self.mint;
        mint.at(
            format!("request head of exchange {}", self.exchanges + 1),
            true,
        );
        let tail = match self.exchanges % 6 {
            0 => "",
            1 => "/token/$V",
            2 => "/key/$V%20$V/of/$H",
            3 => "/x-$V.$H",
            4 => "/card/$V/$H;$W=$V;a=$H",
            _ => "/tail/a/$V/$V",
        };
        let target = filled(mint, tail);
        let name = percent(&mint.name());
        let basic = filled(mint, "$V");
        let head = filled(
            mint,
            "?a=$H&$W=$V&b=$H&user[$W]=$V&user%5B$W%5D=$V&pass%77ord=$V&c=$H&$C&d=see+Bearer%20$V\
             &next=https%3A%2F%2Fme%3A$V%40host%2F&next=%2Fx%3F$W%3D$V&e=%7B%22$W%22%3A%22$V%22%7D&f=$H \
             HTTP/1.1\r\nhost: $H\r\nauthorization: Bearer $V\r\nproxy-authorization: Basic $V\r\n\
             cookie: $W=$V; $H=\"$V\"; b=$V=$V\r\nx-api-key: $V\r\nx-forwarded-for: $V\r\nx-anything: $V\r\n\
             referer: https://me:$V@host/$H/$C;$W=$V?$W=$V&a=$H&b=Bearer%20$V#$W=$V&c=$H\r\n\
             user-agent: $H Bearer $V\r\nx-shown: $H Bearer $V\r\nx-nick-name: $V\r\n",
        );
        format!("{method} {path}{target}?{name}={basic}&{}", &head[1..])
    }

    /// A request, of which the answer is announced.
    fn request(
        &mut self,
        method: &str,
        document: &Document,
        sent: Dress,
        answered: Dress,
    ) -> Vec<u8> {
        self.faint = method == "HEAD" || !sent.framing.is_whole();
        let message = self.message(document, answered, "response");
        self.faint = !sent.framing.is_whole();
        let answer = self.answer(message, answered.framing);
        self.faint = false;
        let path = self.server.expect(answer);
        let mut head = self.head(method, &path);
        if let Some(limit) = self.limit {
            head.push_str(&format!("x-limit: {limit}\r\n"));
        }
        let mut wire = head.into_bytes();
        if method == "POST" {
            let message = self.message(document, sent, "request");
            wire.extend(format!("{}\r\n", sent.framing.header(&message.body)).into_bytes());
            if let Some(value) = message.content_type {
                wire.extend(format!("content-type: {value}\r\n").into_bytes());
            }
            if let Some(value) = message.content_encoding {
                wire.extend(format!("content-encoding: {value}\r\n").into_bytes());
            }
            wire.extend(b"\r\n");
            wire.extend(sent.framing.on_the_wire(&message.body));
        } else {
            wire.extend(b"\r\n");
        }
        self.exchanges += 1;
        wire
    }

    /// Sends requests on one connection at once, and reads the answers.
    fn pipeline(&mut self, waiting: &mut Vec<(&'static str, Vec<u8>)>) {
        if waiting.is_empty() {
            return;
        }
        let mut client = self.server.connect();
        let wire: Vec<u8> = waiting.iter().flat_map(|(_, wire)| wire.clone()).collect();
        client.send(wire);
        for (method, _) in waiting.drain(..) {
            let response = client.response_to(method);
            assert!(response.header("x-auth-token").is_some(), "{response:?}");
        }
    }

    /// Sends a request on a connection of its own that is broken off by either side.
    fn break_off(&mut self, wire: &[u8]) {
        let mut client = self.server.connect();
        client.try_send(wire);
        client.try_finish();
        // The server may answer or hang up.
        let _ = client.until_hung_up_or(|_| None);
    }

    /// Sends a request whose target and headers hold `template`, filled in, and reads the answer's status. There
    /// `$PATH` is a path that the server answers.
    #[track_caller]
    fn send(&mut self, template: &str, media_type: &str, body: Vec<u8>) -> u16 {
        let answer = Answer {
            status: 200,
            headers: vec![("content-type", media_type.to_owned())],
            body: body.clone(),
            reads: true,
            ..Answer::default()
        };
        let path = self.server.expect(answer);
        let mut head = String::new();
        for (n, part) in template.split("$PATH").enumerate() {
            head.push_str(if n > 0 { &path } else { "" });
            head.push_str(&filled(&mut self.mint, part));
        }
        let length = body.len();
        let headers = format!("content-type: {media_type}\r\ncontent-length: {length}\r\n\r\n");
        self.exchanges += 1;
        let mut client = self.server.connect();
        client.send([head.as_bytes(), headers.as_bytes(), &body].concat());
        client.response().status
    }

    /// Posts a body, and gets it back.
    #[track_caller]
    fn post(&mut self, media_type: &str, body: Vec<u8>) {
        let head = "POST $PATH HTTP/1.1\r\nhost: $H\r\n";
        assert_eq!(self.send(head, media_type, body), 200);
    }

    /// Searches what the sinks wrote.
    #[track_caller]
    fn search(self, secrets: usize, markers: usize) {
        let Self { server, mint, .. } = self;
        let planted = mint.planted();
        let outputs = server.outputs();
        let leaks: Vec<_> = outputs
            .iter()
            .flat_map(|output| search::leaks(output, planted))
            .collect();
        assert!(leaks.is_empty(), "{}", leaks.join("\n\n"));

        for output in outputs.iter().filter(|output| output.sink != "Log") {
            let seen = search::markers(&output.text);
            let missing: Vec<_> = (planted.iter().enumerate())
                .filter(|(n, one)| one.kind == Kind::Marker { shown: true } && !seen.contains(n))
                .map(|(n, one)| format!("{n} of {}", one.place))
                .collect();
            let sink = output.sink;
            assert!(
                missing.is_empty(),
                "{sink} lacks {}:\n{}",
                missing.len(),
                missing.join("\n")
            );
        }
        // That there was something to search for.
        let planted = mint.count(|kind| matches!(kind, Kind::Secret | Kind::Number));
        assert!(planted >= secrets, "{planted} secrets");
        let shown = mint.count(|kind| kind == Kind::Marker { shown: true });
        assert!(shown >= markers, "{shown} markers");
    }
}

/// Everything that can be captured is, and all that is made of it goes to every sink.
fn curious(logger: BodyLoggerBuilder) -> BodyLoggerBuilder {
    let types = ["text/*", "image/svg+xml", "application/*"];
    let notes: FieldPath = "patients[*].notes".parse().expect("a path");
    logger
        .capture_media_types(types.map(|range| range.parse().expect("a range")))
        .last_events(100)
        .show_error_messages()
        .show_headers([HeaderName::from_static("x-shown")])
        .redact_fields(["Nick-Name"])
        .redact_paths([notes])
}

/// Sends each document whole, in every charset, coding and framing, in both directions.
fn send_whole(field: &mut Minefield) {
    let mut waiting = Vec::new();
    for (n, document) in DOCUMENTS.iter().enumerate() {
        let codings = Coding::ALL.iter().map(|coding| Dress {
            coding: *coding,
            ..Dress::PLAIN
        });
        let charsets = Charset::ALL.iter().map(|charset| Dress {
            charset: *charset,
            ..Dress::PLAIN
        });
        let framings = Framing::WHOLE.iter().map(|framing| Dress {
            framing: *framing,
            ..Dress::PLAIN
        });
        let dresses = codings.chain(charsets).chain(framings).enumerate();
        // A third of them each, so that it is done in a few seconds.
        for (k, dress) in dresses.filter(|(k, _)| (n + k) % 3 == 0) {
            let turned = |turn: usize| Dress {
                charset: match dress.charset {
                    Charset::Utf8 if turn.is_multiple_of(3) => {
                        Charset::ALL[turn % Charset::ALL.len()]
                    }
                    charset => charset,
                },
                coding: match dress.coding {
                    Coding::Identity if turn.is_multiple_of(2) => {
                        Coding::ALL[turn % Coding::ALL.len()]
                    }
                    coding => coding,
                },
                framing: match dress.framing {
                    Framing::Length => Framing::WHOLE[turn % Framing::WHOLE.len()],
                    framing => framing,
                },
            };
            let method = match (n + k) % 16 {
                14 => "HEAD",
                15 => "GET",
                _ => "POST",
            };
            let wire = field.request(method, document, dress, turned(n + 7 * k));
            // To actix every answer is one to HEAD as soon as it has read a HEAD.
            if method == "HEAD" || waiting.len() > (n + k) % 5 {
                field.pipeline(&mut waiting);
            }
            waiting.push((method, wire));
            if method == "HEAD" {
                field.pipeline(&mut waiting);
            }
        }
        field.pipeline(&mut waiting);
    }
}

#[test]
fn no_secret_of_a_whole_body_or_of_a_head_gets_out_of_any_sink() {
    let mut field = Minefield::new("leaks-whole", curious);
    send_whole(&mut field);
    field.search(60_000, 5_000);
}

#[test]
fn no_secret_gets_out_of_a_logger_that_was_told_nothing() {
    let mut field = Minefield::new("leaks-default", |logger| {
        let notes: FieldPath = "patients[*].notes".parse().expect("a path");
        let shown = HeaderName::from_static("x-shown");
        logger
            .redact_fields(["Nick-Name"])
            .redact_paths([notes])
            .show_headers([shown])
    });
    for document in DOCUMENTS {
        let wire = field.request("POST", document, Dress::PLAIN, Dress::PLAIN);
        field.pipeline(&mut vec![("POST", wire)]);
    }
    field.search(9_000, 1_500);
}

#[test]
fn no_secret_of_a_body_that_was_cut_or_broken_off_gets_out_of_any_sink() {
    let mut field = Minefield::new("leaks-cut", curious);
    for (n, document) in DOCUMENTS.iter().enumerate() {
        let dress = |k: usize, framing| Dress {
            charset: Charset::ALL[k % 4],
            coding: if k.is_multiple_of(3) {
                Coding::ALL[k / 3 % 6]
            } else {
                Coding::Identity
            },
            framing,
        };
        for k in 0..3 {
            field.limit = Some(LIMITS[(n + 4 * k) % LIMITS.len()]);
            let [sent, answered] = [n + k, n + k + 1].map(|k| dress(k, Framing::WHOLE[k % 7]));
            let wire = field.request("POST", document, sent, answered);
            field.pipeline(&mut vec![("POST", wire)]);
        }
        field.limit = None;
        for k in 0..2 {
            let framing = Framing::BROKEN[(n + k) % Framing::BROKEN.len()];
            let (whole, broken) = (dress(n + k, Framing::Length), dress(n + k, framing));
            let wire = field.request("POST", document, broken, whole);
            field.break_off(&wire);
            let wire = field.request("POST", document, whole, broken);
            field.break_off(&wire);
        }
    }
    field.search(60_000, 5_000);
}

#[test]
fn no_secret_that_an_error_message_quotes_gets_out_of_any_sink() {
    let mut field = Minefield::new("leaks-errors", curious);
    field.mint.at("an error message", true);
    let bytes = "application/octet-stream";
    let said = [
        "bad password=$V",
        "no \"$V\", unknown field `$V`, can't read '$V'",
        "$W: $V $V",
        "Bearer $V, eyJhbGciOiJIUzI1NiJ9.$V.$V and $C",
        "cannot reach https://me:$V@host/?$W=$V&a=b",
        "invalid {\"$K\": \"$V\", \"a\": \"$V\"}",
        "invalid type: string \"$V \\\" $V\", expected u32",
        "Login { name: b\"$V\", $W: Some(\"$V $V\"), pin: $N }",
        "not closed: \"$V $V",
    ];
    let quoted = [
        "$V",
        "it's $V, \"$V\" or `$V`",
        "{\"a\": \"$V\", \"$K\": \"$V\"}",
        "$V\n$V\t\\\"$V\\ é \u{7f} $V",
        "' $V",
    ];
    for (route, templates) in [("says", &said[..]), ("quotes", &quoted)] {
        for template in templates {
            let head = format!("POST $PATH/{route} HTTP/1.1\r\nhost: $H\r\n");
            let body = filled(&mut field.mint, template).into_bytes();
            assert_eq!(field.send(&head, bytes, body), 400);
        }
    }
    for template in [
        "\"$V\"",
        "{\"pin\":\"$V\"}",
        "{\"pin\":-$N}",
        "{\"pin\":$N99.5}",
        "{\"pin\":[\"$V\"]}",
    ] {
        let body = filled(
            &mut field.mint,
            &template.replace("\"$V\"}", "\"$V\",\"$K\":\"$V\"}"),
        );
        let alone = body.starts_with('"');
        let head = "POST $PATH/json HTTP/1.1\r\nhost: $H\r\n";
        let media_type = if alone {
            "application/json; charset=utf-7"
        } else {
            "application/json"
        };
        assert_eq!(field.send(head, media_type, body.into_bytes()), 400);
    }
    for template in ["pin=$V", "pin=$N$N", "a=1&pin=$V"] {
        let head = "POST $PATH/form HTTP/1.1\r\nhost: $H\r\n";
        let body = filled(&mut field.mint, template).into_bytes();
        let form = "application/x-www-form-urlencoded";
        assert_eq!(field.send(head, form, body), 400);
        let head = format!("GET $PATH/query?{template} HTTP/1.1\r\nhost: $H\r\n");
        assert_eq!(field.send(&head, bytes, Vec::new()), 400);
    }
    for path in ["$V", "$N$N", "$V%20$V"] {
        let head = format!("GET $PATH/id/{path} HTTP/1.1\r\nhost: $H\r\n");
        assert_eq!(field.send(&head, bytes, Vec::new()), 400);
    }
    field.search(50, 25);
}

#[test]
fn a_field_of_any_script_is_hidden_in_any_case() {
    let app = crate::app::TestApp::configured(
        |logger| {
            logger
                .redact_fields(["ÉTAT", "пароль"])
                .redact_paths(["$.a.ÖL".parse().expect("a path")])
        },
        |cfg| {
            cfg.default_service(actix_web::web::to(|_: actix_web::web::Bytes| async { "" }));
        },
    );
    let sent =
        r#"{"état":"hunter2","État":"hunter2","ПАРОЛЬ":"hunter2","a":{"öl":"hunter2"},"b":1}"#;
    // The same letters, with each accent as a character of its own.
    let decomposed = "{\"e\u{301}tat\":\"hunter2\",\"a\":{\"O\u{308}L\":\"hunter2\"},\"b\":1}";
    app.connect().post(
        "/?%C3%89tat=hunter2&%C3%A9tat=hunter2",
        "application/json",
        sent,
    );
    app.connect()
        .post("/?e%CC%81tat=hunter2", "application/json", decomposed);
    app.connect().post(
        "/",
        "application/x-www-form-urlencoded",
        "%C3%A9tat=hunter2&E%CC%81TAT=hunter2&b=1",
    );
    for record in app.only_records(3) {
        let json = serde_json::to_string(&record).expect("JSON");
        assert!(!json.contains("hunter2"), "{json}");
    }
}

#[test]
fn no_secret_of_an_unusual_head_gets_out_of_any_sink() {
    let mut field = Minefield::new("leaks-heads", curious);
    let long = "a=0123456789&".repeat(400);
    for (status, head) in [
        (200, "GET $PATH HTTP/1.1\r\nhost: me:$V@$H\r\n".to_owned()),
        (200, "GET http://me:$V@host$PATH/free/$H HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (200, "GET http://me:$V@host$PATH/free/$H HTTP/1.0\r\n".to_owned()),
        (200, "GET http://me:$V@host$PATH?token=$V&a=$H HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (200, "GET $PATH/free/$H/$C HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (200, "GET $PATH/free/eyJhbGciOiJIUzI1NiJ9.$V.$V/$H HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (200, "GET $PATH/free/$H;$W=$V;%70in=$V;a=$H/b;sid=$V HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (200, "GET $PATH/free/$H/Bearer%20$V HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (200, "GET $PATH/free/$H/%42earer%20$V/$H HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (404, "GET $PATH/none/$H/Bearer%20$V/$U HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (405, "DELETE $PATH/token/$V HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (405, "PUT $PATH/tail/$V/$V?$W=$V HTTP/1.1\r\nhost: $H\r\n".to_owned()),
        (200, format!("GET $PATH?b=$H&{long}$W=$V HTTP/1.1\r\nhost: $H\r\n")),
        (200, format!("GET $PATH/tail/$V{} HTTP/1.1\r\nhost: $H\r\n", "/0123456789".repeat(400))),
        (200, format!("GET $PATH HTTP/1.1\r\nhost: $H\r\nreferer: /?token=$V&{long}&pin=$V\r\n")),
        (200, format!("GET $PATH HTTP/1.1\r\nhost: $H\r\nuser-agent: {long} Bearer $V\r\n")),
        (200, format!("GET $PATH HTTP/1.1\r\nhost: $H\r\ncookie: a=$V; {long}=$V; b=\"$V; $V\"\r\n")),
        (200, "GET $PATH HTTP/1.1\r\nhost: $H\r\nreferer: /$H/Bearer%20$V/$U\r\n".to_owned()),
        (200, "GET $PATH HTTP/1.1\r\nhost: $H\r\nreferer: //me:$V@$V@host/$H\r\n".to_owned()),
        (200, "GET $PATH HTTP/1.1\r\nhost: $H\r\ncookie: $V\r\ncookie: a=$V; $V\r\ncookie: a=$V\r\n".to_owned()),
        (200, "GET $PATH HTTP/1.1\r\nhost: $H\r\ncontent-type: text/$H\r\ncontent-type: a Bearer $V\r\n".to_owned()),
    ] {
        field.mint.at(head.clone(), true);
        assert_eq!(field.send(&head, "text/plain", Vec::new()), status, "{head}");
    }
    for (card, grouped) in [("%20", "/$H"), ("-", ""), ("%2d", "/$H"), ("+", "")] {
        let number = field.mint.card_in_groups(card);
        let head = format!("GET $PATH/free/$H/{number}{grouped} HTTP/1.1\r\nhost: $H\r\n");
        field.mint.at(head.clone(), true);
        assert_eq!(field.send(&head, "text/plain", Vec::new()), 200);
        let number = field.mint.card_in_groups(card);
        let head = format!(
            "GET $PATH HTTP/1.1\r\nhost: $H\r\nreferer: https://host/$H/{number}{grouped}\r\n"
        );
        assert_eq!(field.send(&head, "text/plain", Vec::new()), 200);
    }
    field.search(40, 50);
}

#[test]
fn a_value_under_a_secret_name_is_hidden_in_every_spelling_that_is_promised() {
    let mut field = Minefield::new("leaks-names", curious);
    for (spelling, spell) in SPELLINGS.into_iter().enumerate() {
        for (n, names) in SECRET_NAMES.chunks(40).enumerate() {
            let names: Vec<_> = names.iter().map(|name| spell(name)).collect();
            field
                .mint
                .at(format!("spelling {spelling} of names {n}"), true);
            let all =
                |mint: &mut Mint, template: &str, separator: &str, name: fn(&str) -> String| {
                    let written = names
                        .iter()
                        .map(|spelled| filled(mint, template).replace('@', &name(spelled)));
                    written.collect::<Vec<_>>().join(separator)
                };
            let same = str::to_owned;
            let json = all(&mut field.mint, r#""@":"$V","a":"$H""#, ",", same);
            field.post("application/json", format!("{{{json}}}").into_bytes());
            let nested = all(&mut field.mint, r#"["{\"@\":\"$V\"}","$H"]"#, "\n", same);
            field.post("application/x-ndjson", nested.into_bytes());
            let form = all(
                &mut field.mint,
                "@=$V&a=$H&u[@]=$V&u[@][]=$V&u.@=$V",
                "&",
                percent,
            );
            field.post("application/x-www-form-urlencoded", form.into_bytes());
            let part = "--b\r\ncontent-disposition: form-data; name=\"@\"\r\n\r\n$V\r\n\
                        --b\r\ncontent-disposition: form-data; name=\"$H\"\r\n\r\n$H\r\n";
            let parts = all(&mut field.mint, part, "", same);
            field.post(
                "multipart/form-data; boundary=b",
                format!("{parts}--b--").into_bytes(),
            );
            let text = all(
                &mut field.mint,
                "@: $V\nx \"@\": \"$V\" x\nx @=$V x",
                "\n",
                |name| name.replace(' ', "_"),
            );
            field.post("text/plain", text.into_bytes());
            let events = all(
                &mut field.mint,
                "data: {\"@\":\"$V\"}\n\ndata: \"@\": $V\n\n",
                "",
                same,
            );
            field.post("text/event-stream", events.into_bytes());
            for name in &names {
                let name = percent(name);
                let head = format!(
                    "GET $PATH?{name}=$V&a=$H HTTP/1.1\r\nhost: $H\r\nreferer: /?{name}=$V\r\n"
                );
                if name.len() % 8 == spelling {
                    assert_eq!(field.send(&head, "text/plain", Vec::new()), 200);
                }
            }
        }
    }
    field.search(13_000, 5_900);
}

#[cfg(feature = "hash")]
#[test]
fn no_secret_gets_out_of_a_logger_that_hashes_what_it_hides() {
    use actix_web_body_logger::redact::{BodyDigest, HashKey};

    let mut field = Minefield::new("leaks-hashed", |logger| {
        let key = HashKey::new("k", b"a key of the test's own, long enough");
        curious(logger)
            .hash_masked_values(key)
            .digest_bodies(BodyDigest::PlainSha256)
    });
    for document in DOCUMENTS {
        let wire = field.request("POST", document, Dress::PLAIN, Dress::PLAIN);
        field.pipeline(&mut vec![("POST", wire)]);
    }
    field.search(9_000, 1_500);
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
