//! Nothing that is secret comes out of any sink, whatever it goes in as.
//!
//! Hundreds of exchanges go over real sockets with a secret, each of them unique, in every place of which the
//! documentation promises that it is hidden. Then all sinks' outputs are searched for all of them, as they are and in other
//! notations; and for the harmless markers beside them, which have to be there.

mod documents;
mod dress;
mod mint;
mod search;
mod server;

use actix_web::{dev::ServiceRequest, http::header::HeaderName};
use actix_web_body_logger::{BodyLoggerBuilder, FieldPath, Level, Rule};

use self::{
    documents::{filled, Document, DOCUMENTS},
    dress::{Charset, Coding, Framing},
    mint::{Kind, Mint},
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
                let rule = Rule::new(Level::RequestResponse).when(says);
                logger.rule(rule.max_body_bytes(limit))
            })
        };
        Self {
            server: Server::new(mark, |logger| limited(settings(logger))),
            mint: Mint::default(),
            limit: None,
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
            true,
        );
        let mut headers = vec![
            ("set-cookie", filled(mint, "$W=$V; Path=/$H; HttpOnly")),
            (
                "set-cookie",
                filled(mint, "$H=\"$V\"; Foo=$V; $V; Domain=$H.example"),
            ),
            (
                "location",
                filled(mint, "https://me:$V@host/$H;$W=$V/$H?$W=$V&a=$H#$W=$V&b=$H"),
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
        let message = self.message(document, answered, "response");
        let answer = self.answer(message, answered.framing);
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
        assert!(mint.count(|kind| matches!(kind, Kind::Secret | Kind::Number)) >= secrets);
        assert!(mint.count(|kind| kind == Kind::Marker { shown: true }) >= markers);
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
        for (k, dress) in codings.chain(charsets).chain(framings).enumerate() {
            let turned = |turn: usize| Dress {
                charset: match dress.charset {
                    Charset::Utf8 if turn % 3 == 0 => Charset::ALL[turn % Charset::ALL.len()],
                    charset => charset,
                },
                coding: match dress.coding {
                    Coding::Identity if turn % 2 == 0 => Coding::ALL[turn % Coding::ALL.len()],
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
            waiting.push((method, wire));
            if waiting.len() > (n + k) % 5 {
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
    field.search(0, 0);
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
    field.search(0, 0);
}

#[test]
fn no_secret_of_a_body_that_was_cut_or_broken_off_gets_out_of_any_sink() {
    let mut field = Minefield::new("leaks-cut", curious);
    for (n, document) in DOCUMENTS.iter().enumerate() {
        let dress = |k: usize, framing| Dress {
            charset: Charset::ALL[k % 4],
            coding: if k % 3 == 0 {
                Coding::ALL[k / 3 % 6]
            } else {
                Coding::Identity
            },
            framing,
        };
        for k in 0..6 {
            field.limit = Some(LIMITS[(n + 2 * k) % LIMITS.len()]);
            let [sent, answered] = [n + k, n + k + 1].map(|k| dress(k, Framing::WHOLE[k % 7]));
            let wire = field.request("POST", document, sent, answered);
            field.pipeline(&mut vec![("POST", wire)]);
        }
        field.limit = None;
        for (k, framing) in Framing::BROKEN.into_iter().enumerate() {
            let (whole, broken) = (dress(n + k, Framing::Length), dress(n + k, framing));
            let wire = field.request("POST", document, broken, whole);
            field.break_off(&wire);
            let wire = field.request("POST", document, whole, broken);
            field.break_off(&wire);
        }
    }
    field.search(0, 0);
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
