//! Bodies of every kind, with secrets and markers in them wherever they may be.

use std::fmt::Write as _;

use base64::{engine::general_purpose::STANDARD, Engine as _};

use super::mint::Mint;

/// A kind of body.
pub struct Document {
    pub name: &'static str,
    pub media_type: &'static str,
    /// Whether it can be understood to its end, so that all of its markers have to be seen.
    pub shown: bool,
    /// Whether it is text as a whole, and may be written in another charset.
    pub text: bool,
    pub write: fn(&mut Mint) -> Vec<u8>,
}

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=\"--cut here\"";
const SEPARATOR: &str = "----cut here";

const fn shown(
    name: &'static str,
    media_type: &'static str,
    write: fn(&mut Mint) -> Vec<u8>,
) -> Document {
    Document {
        name,
        media_type,
        shown: true,
        text: true,
        write,
    }
}

const fn unsure(
    name: &'static str,
    media_type: &'static str,
    write: fn(&mut Mint) -> Vec<u8>,
) -> Document {
    Document {
        shown: false,
        ..shown(name, media_type, write)
    }
}

const fn binary(document: Document) -> Document {
    Document {
        text: false,
        ..document
    }
}

/// All of them.
pub const DOCUMENTS: &[Document] = &[
    shown("JSON of all types", "application/json", json_types),
    shown("deep JSON", "application/vnd.api+json", deep_json),
    shown("escaped JSON", "Application/JSON", escaped_json),
    shown("escaped shapes in JSON", "application/json", escaped_shapes),
    shown("JSON with shapes", "text/json", json_shapes),
    shown("JSON in JSON", "application/problem+json", nested_json),
    shown("JSON with space", "application/json;x=y", spaced_json),
    shown("a JSON array", "application/json", json_array),
    shown("a JSON string", "application/json", json_string),
    shown("strange names", "application/json", strange_names),
    shown("own rules", "application/json", own_rules),
    shown("NDJSON", "application/x-ndjson", json_lines),
    shown("JSON lines of all sorts", "application/jsonl", mixed_lines),
    shown("a form", FORM, form),
    shown("a form of encoded names", FORM, encoded_form),
    shown("a form with values in values", FORM, form_of_values),
    binary(shown("multipart", MULTIPART, multipart)),
    binary(shown(
        "multipart/mixed",
        "multipart/mixed; boundary=b",
        mixed,
    )),
    unsure("plain text", "text/plain", plain_text),
    unsure("a log", "text/x-log", log),
    unsure("a dump", "text/plain", dump),
    unsure("CSV", "text/csv", csv),
    unsure("JSON as text", "text/plain", json_types),
    unsure("escaped JSON as text", "text/plain", escaped_json),
    unsure("a form as text", "text/plain", encoded_form),
    unsure("HTML", "text/html", html),
    unsure("XML", "application/xml", xml),
    unsure("SVG", "image/svg+xml", xml),
    unsure("events", "text/event-stream", events),
    unsure("events of JSON", "text/event-stream", json_events),
    binary(unsure("bytes", "application/octet-stream", octets)),
    unsure("text as bytes", "application/octet-stream", plain_text),
    unsure("JSON of no type", "", json_types),
    unsure("text of no type", "", plain_text),
    unsure("JSON of a nonsense type", "not a media type", json_types),
    unsure("JSON of half a type", "application", json_types),
    unsure(
        "JSON of two types",
        "application/json, text/html",
        json_types,
    ),
    unsure("JSONP", "application/javascript", jsonp),
    unsure("JSON as a form", FORM, json_types),
    unsure("XML as a form", FORM, xml),
    unsure("a form as JSON", "application/json", form),
    unsure("text as JSON", "application/json", plain_text),
    unsure("XML as JSON", "application/json", xml),
    unsure("lines of JSON as one", "application/json", json_lines),
    unsure("a form as multipart", MULTIPART, form),
    unsure(
        "multipart without a boundary",
        "multipart/form-data",
        multipart_text,
    ),
    unsure("multipart as text", "text/plain", multipart_text),
    binary(unsure("broken multipart", MULTIPART, broken_multipart)),
    binary(unsure("multipart with a wrong end", MULTIPART, unclosed)),
    binary(unsure(
        "half a character",
        "application/json",
        half_a_character,
    )),
    unsure("a long document", "application/json", long_json),
    unsure("a long form", FORM, long_form),
    unsure("broken lines of JSON", "application/x-ndjson", broken_lines),
    unsure("JSON without quotes", "application/json", |mint| {
        broken(mint, r#"$K: "$V""#)
    }),
    unsure("JSON in single quotes", "application/json", |mint| {
        broken(mint, "'$K': '$V'")
    }),
    unsure("JSON without a colon", "application/json", |mint| {
        broken(mint, r#""$K" "$V""#)
    }),
    unsure("JSON without a comma", "application/json", |mint| {
        broken(mint, r#""a": 1 "$K": "$V""#)
    }),
    unsure("JSON with a bare word", "application/json", |mint| {
        broken(mint, r#""$K": $V"#)
    }),
    unsure("JSON with a comment", "application/json", |mint| {
        broken(mint, "/* \"$K\": \"$V\" */ \"$K\": \"$V\"")
    }),
    unsure("JSON with a bad escape", "application/json", |mint| {
        broken(mint, r#""$K\x41": "$V", "$K": "\q$V""#)
    }),
    unsure("JSON with half a pair", "application/json", |mint| {
        broken(mint, r#""$K": "\ud800$V""#)
    }),
    unsure("JSON with a raw line break", "application/json", |mint| {
        broken(mint, "\"$K\": \"a\n$V\"")
    }),
    unsure("JSON with a wrong bracket", "application/json", |mint| {
        broken(mint, r#""$K": ["$V"}, "$K": "$V"], "$K": "$V""#)
    }),
    unsure("JSON of equals signs", "application/json", |mint| {
        broken(mint, r#""$K"="$V""#)
    }),
    unsure("JSON with a number too many", "application/json", |mint| {
        broken(mint, r#""$K": 1$V"#)
    }),
    unsure("JSON cut short", "application/json", |mint| {
        cut(mint, r#"{"a": "$H", "$K": "$V"#)
    }),
    unsure("nested JSON cut short", "application/json", |mint| {
        cut(mint, r#"{"a": "$H", "b": "{\"c\": \"$H\", \"$K\": \"$V"#)
    }),
    unsure("JSON with two roots", "application/json", |mint| {
        cut(mint, r#"{"a": "$H"} {"$K": "$V"}, "$K": "$V""#)
    }),
    unsure("JSON behind a guard", "application/json", |mint| {
        cut(mint, ")]}',\n{\"$K\": \"$V\"}")
    }),
    unsure("JSON behind a mark", "application/json", |mint| {
        cut(mint, "\u{feff}{\"$K\": \"$V\"}")
    }),
];

/// Fills in names for `$K` (without spaces for `$W`, of numbers for `$M`), secrets for `$V` (numbers for `$N`, cards for `$C`) and markers for
/// `$H` (those that may be masked for `$U`).
pub fn filled(mint: &mut Mint, template: &str) -> String {
    let mut parts = template.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (what, rest) = part.split_at(1);
        text.push_str(&match what {
            "K" => mint.name(),
            "M" => mint.name_of_numbers(),
            "W" => mint.word(),
            "V" => mint.secret(),
            "N" => mint.number(),
            "C" => mint.card(),
            "H" => mint.marker(),
            "U" => mint.unsure(),
            other => panic!("${other} in {template}"),
        });
        text.push_str(rest);
    }
    text
}

fn filled_all(mint: &mut Mint, templates: &[&str]) -> Vec<u8> {
    let mut text = String::new();
    for template in templates {
        text.push_str(&filled(mint, template));
    }
    text.into_bytes()
}

fn json_types(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &[
            r#"{"a":"$H","$K":"$V","$M":$N,"$M":-$N.5e3,"$K":["$V",{"x":"$V"},["$V"]],"b":["$H",{"x":"$H"}],"#,
            r#""$K":{"x":{"y":["$V",null,true,{"z":"$V"}]}},"c":{"$K":{"a":"$V"},"d":"$H"},"$K":"$V\n\"$V","#,
            r#""$K":null,"$K":true,"":{"$K":"$V","":"$H"},"é":"$H ü","$K":"$V","$K":"ü$V","z":"$H"}"#,
        ],
    )
}

fn deep_json(mint: &mut Mint) -> Vec<u8> {
    let mut text = String::new();
    for level in 0..100 {
        let template = if level % 10 == 0 {
            r#"{"a":"$H","$K":"$V","b":["#
        } else {
            r#"{"b":["#
        };
        text.push_str(&filled(mint, template));
    }
    text.push_str(&filled(mint, r#""$H""#));
    text.push_str(&"]}".repeat(50));
    text.push_str(&filled(mint, r#",{"$K":[{"a":"$V"}],"b":"$H"}"#));
    text.push_str(&"]}".repeat(50));
    text.into_bytes()
}

/// Text in JSON with an escape for each character.
fn escapes(text: &str) -> String {
    text.encode_utf16()
        .fold(String::new(), |mut escapes, unit| {
            let _ = write!(escapes, "\\u{unit:04x}");
            escapes
        })
}

/// Text in a string of JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

fn escaped_json(mint: &mut Mint) -> Vec<u8> {
    let [first, second] = [escapes(&mint.name()), escapes(&mint.name())];
    let value = escapes(&mint.secret());
    let template = [
        r#","pass\u0077ord":["$V"],"\u0070in":{"a":"$V"},"to\u006ben":$N,"a":"\u0048 $H \ud83d\ude00","#,
        r#""b":"\\\"$H\\","\u0063":"$H\u0020$H","d":"$H"}"#,
    ];
    let head =
        format!(r#"{{"{first}":"{value}","p\u0061ss\u0057ord":"{value}","{second}":["{value}"]"#);
    head.into_bytes()
        .into_iter()
        .chain(filled_all(mint, &template))
        .collect()
}

fn escaped_shapes(mint: &mut Mint) -> Vec<u8> {
    let card = escapes(&mint.card());
    let bearer = escapes(&format!("Bearer {}", mint.secret()));
    let template = r#","c":"$H\u0020\u0042earer $V","d":"Bearer\u0020$V","e":"$H"}"#;
    let template = filled(mint, template);
    format!(r#"{{"a\/b":"{card}","\"":"{bearer}","{card}":1,"{bearer}":2{template}"#).into_bytes()
}

fn private_key(mint: &mut Mint) -> String {
    let [first, second] = [mint.secret(), mint.secret()];
    format!("-----BEGIN RSA PRIVATE KEY-----\n{first}\n{second}\n-----END RSA PRIVATE KEY-----")
}

/// Texts with a secret of each shape in it, behind a marker.
fn shapes(mint: &mut Mint) -> Vec<String> {
    let basic = STANDARD.encode(format!("me:{}", mint.secret()));
    let access_key = mint.secret().to_uppercase();
    let key = private_key(mint);
    let grouped = [mint.card_in_groups(" "), mint.card_in_groups("-")];
    let mut texts = vec![
        filled(mint, "$H Bearer $V"),
        filled(mint, "$H bEARER \t $V, $H"),
        filled(mint, "$H eyJhbGciOiJIUzI1NiJ9.$V.$V $H"),
        filled(mint, "$H eyJhbGciOiJIUzI1NiJ9.$V.$V.$V.$V"),
        filled(mint, "$H: $C, $H"),
    ];
    for shape in [
        format!("Basic {basic}"),
        format!("AKIA{access_key}XYZ"),
        format!("ASIA{access_key}234"),
        key,
        grouped[0].clone(),
        grouped[1].clone(),
    ] {
        texts.push(format!("{}: {shape}", mint.marker()));
    }
    texts
}

fn json_shapes(mint: &mut Mint) -> Vec<u8> {
    let shapes = shapes(mint);
    let strings: Vec<_> = shapes.iter().map(|shape| quoted(shape)).collect();
    let members: Vec<_> = (shapes.iter())
        // A private key as a name is a secret name.
        .map(|shape| format!("{}:\"{}\"", quoted(shape), mint.unsure()))
        .collect();
    let card = mint.card();
    let (first, rest) = card.split_at(1);
    format!(
        r#"{{"a":[{}],"b":{{{}}},"c":{card},"d":-{card},"e":{card}.0,"f":{first}.{rest}e15,"g":"{}"}}"#,
        strings.join(", "),
        members.join(","),
        mint.marker(),
    )
    .into_bytes()
}

fn nested_json(mint: &mut Mint) -> Vec<u8> {
    let mut texts = Vec::new();
    for level in 0..4 {
        for template in [
            r#"{"a":"$U","$K":"$V"}"#,
            r#" [{"$K":{"a":"$V"}}, "$U"]"#,
            r#"{"$K":"$V"} {"a":1}"#,
            r#"{"a":"$U","$K":"$V"#,
            r#"{"a": $U, "$K": "$V"}"#,
            r#"{'$K': '$V', "a" = 1}"#,
            r#"{"a":"Bearer $V"}"#,
            r#"{"pass\u0077ord":"$V"}"#,
        ] {
            let inner = filled(mint, template);
            texts.push((0..level).fold(quoted(&inner), |text, _| quoted(&text)));
        }
        let harmless = filled(mint, r#"{"a":"$H"}"#);
        texts.push((0..level).fold(quoted(&harmless), |text, _| quoted(&text)));
    }
    // An escape for each character says the same.
    let escaped = escapes(&filled(mint, r#"{"$K":"$V"}"#));
    format!(
        r#"{{"a":[{}],"b":"{escaped}","c":"{}"}}"#,
        texts.join(","),
        mint.marker()
    )
    .into_bytes()
}

fn spaced_json(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &[
            "\r\n {\t\"a\" : \"$H\" ,\r\n\t\"$K\" \n:\r\n \"$V\" ,\n \"$K\": [ \"$V\" , {\n } ] ,\n",
            "  \"b\" : { \"$M\"\t:\t$N , \"c\" :[ \"$H\" ] }\r\n}\r\n\t ",
        ],
    )
}

fn json_array(mint: &mut Mint) -> Vec<u8> {
    let user = r#"{"id":7,"name":"$H","$K":"$V","$K":"$V","tags":["$H",{"$K":"$V"}]}"#;
    let users: Vec<_> = (0..20).map(|_| filled(mint, user)).collect();
    format!("[{}]", users.join(",\n")).into_bytes()
}

fn json_string(mint: &mut Mint) -> Vec<u8> {
    let inner = filled(mint, r#"{"a":"$U","$K":"$V","b":{"$K":["$V"]}}"#);
    quoted(&inner).into_bytes()
}

fn strange_names(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &[
            r#"{"P-A_s S_W-o r D":"$V","--pin--":"$V"," token ":"$V","__API   key__":{"a":"$V"},"a":"$H","#,
            r#""x-API_key":["$V"],"C a R d-n U m B e R":$N,"S-E-T-c-O-O-k-I-e":"$V","user-PASS-word":"$V","#,
            r#""\u0020\u0050\u0069-\u006e":"$V","tokens used":"$H","passwords2":"$V","pass.word":"$V"}"#,
        ],
    )
}

/// Names and paths that the server is told to redact.
fn own_rules(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &[
            r#"{"nickName":"$V","nick_name":"$V","NICK-NAME":["$V"],"notes":"$H","name":"$H","#,
            r#""patients":[{"notes":"$V","name":"$H"},{"Notes":{"a":"$V"},"b":{"notes":"$H"}}]}"#,
        ],
    )
}

fn json_lines(mint: &mut Mint) -> Vec<u8> {
    let line = "{\"a\":\"$H\",\"$K\":\"$V\",\"b\":{\"$M\":$N}}\n";
    (0..8)
        .flat_map(|_| filled(mint, line).into_bytes())
        .collect()
}

fn mixed_lines(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &[
            "{\"$K\":\"$V\",\"a\":\"$H\"}\r\n\r\n[\"$H\",{\"$K\":\"$V\"}]\n\"$H\"\n1 2\n{\"a\":\"Bearer $V\"}",
            "{\"a\":\"{\\\"$K\\\":\\\"$V\\\"}\"}\n{\"a\":\n \"$H\"}\n$C\n{\"$M\":$N} \"$H\" [\"$C\"]",
        ],
    )
}

/// A name or value of a form; `all` says that each byte is encoded.
fn encoded(text: &str, all: bool) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' if !all => encoded.push('+'),
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' if !all => {
                encoded.push(char::from(byte));
            }
            _ if byte % 2 == 0 => {
                let _ = write!(encoded, "%{byte:02x}");
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

fn form(mint: &mut Mint) -> Vec<u8> {
    let spaced = encoded(&mint.name(), false);
    let mut form = format!("a={}&{spaced}={}", mint.marker(), mint.secret());
    form.push_str(&filled(
        mint,
        "&$W=$V&user[$W]=$V&b=$H&user.$W=$V&$W[]=$V&$W[0]=$V&$W[a][b]=$V&a[$W][b]=$V&c=$H+%C3%BC&$W=&$W=a=$V&$W=$V;$V&d=$H",
    ));
    form.into_bytes()
}

fn encoded_form(mint: &mut Mint) -> Vec<u8> {
    let mut pairs = vec![format!("%61={}", mint.marker())];
    for n in 0..8 {
        let name = match n % 4 {
            0 => mint.name(),
            1 => format!("user[{}]", mint.name()),
            2 => format!("user.{}", mint.word()),
            _ => format!("{}[]", mint.name()),
        };
        let (name, value) = (encoded(&name, n < 4), mint.secret());
        pairs.push(format!("{name}={}", encoded(&value, n % 2 == 0)));
        pairs.push(format!("b{n}={}", mint.marker()));
    }
    pairs.push(filled(
        mint,
        "pass%77ord=$V&%70in=$V&user%5bto%6Ben%5d=$V&z=$H",
    ));
    pairs.join("&").into_bytes()
}

fn form_of_values(mint: &mut Mint) -> Vec<u8> {
    // A value is masked as a whole, the markers in it with it.
    mint.masked = true;
    let mut values = shapes(mint);
    mint.masked = false;
    let templates = [
        "https://me:$V@host/$U",
        "/cb?page=$U&$W=$V",
        "https://host/#$W=$V&a=$U",
        r#"{"a":"$U","$K":"$V"}"#,
        "Bearer $V",
        "$W=$V",
        "a: $U; $W: $V",
    ];
    values.extend(templates.map(|template| filled(mint, template)));
    let mut pairs = vec![filled(mint, "a=$H&next=/x?page=$H")];
    for (n, value) in values.iter().enumerate() {
        let once = encoded(value, n % 3 == 0);
        pairs.push(format!("v{n}={once}"));
        pairs.push(format!("w{n}={}", encoded(&once, false)));
        pairs.push(format!("h{n}={}", mint.marker()));
    }
    pairs.join("&").into_bytes()
}

/// A part of a multipart body.
fn part(body: &mut Vec<u8>, separator: &str, head: &str, content: impl AsRef<[u8]>) {
    body.extend(format!("--{separator}\r\n{head}\r\n\r\n").into_bytes());
    body.extend(content.as_ref());
    body.extend(b"\r\n");
}

fn field(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"")
}

/// Text in UTF-16 behind a byte order mark.
pub fn utf_16(text: &str, big_endian: bool) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    let bytes = |unit: u16| {
        if big_endian {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    };
    units.flat_map(bytes).collect()
}

/// Text in ISO 8859-1; what is not of it becomes a question mark.
pub fn iso_8859_1(text: &str) -> Vec<u8> {
    let byte = |char| u8::try_from(u32::from(char)).unwrap_or(b'?');
    text.chars().map(byte).collect()
}

fn multipart(mint: &mut Mint) -> Vec<u8> {
    let mut body = filled(mint, "$W: $V in front\r\n").into_bytes();
    for n in 0..6 {
        let name = match n % 3 {
            0 => mint.name(),
            1 => format!("user[{}]", mint.name()),
            _ => format!("user.{}", mint.word()),
        };
        part(&mut body, &SEPARATOR[2..], &field(&name), mint.secret());
    }
    let separator = &SEPARATOR[2..];
    let name = field(&mint.marker());
    part(&mut body, separator, &name, mint.marker());
    part(
        &mut body,
        separator,
        &field("note"),
        filled(mint, "$H Bearer $V\r\n$W: $V\r\n$H"),
    );
    part(&mut body, separator, &field("pass%77ord"), mint.secret());
    let unquoted = format!("content-disposition: form-data; name={}", mint.word());
    part(&mut body, separator, &unquoted, mint.secret());
    let json = filled(mint, r#"{"a":"$H","$K":"$V","b":"{\"$K\":\"$V\"}"}"#);
    let typed = |media_type: &str| format!("{}\r\nContent-Type: {media_type}", field("a"));
    part(&mut body, separator, &typed("application/json"), &json);
    let form = filled(mint, "a=$H&$W=$V&b=$H");
    part(
        &mut body,
        separator,
        &typed("application/x-www-form-urlencoded"),
        form,
    );
    let secret_json = format!("{}\r\nContent-Type: application/json", field(&mint.name()));
    part(
        &mut body,
        separator,
        &secret_json,
        filled(mint, r#"{"a":"$V"}"#),
    );
    let text = filled(mint, "$H ü\n$K: $V\n$H");
    part(
        &mut body,
        separator,
        &typed("text/plain; charset=utf-16"),
        utf_16(&text, false),
    );
    let text = filled(mint, "$H ü password=$V");
    part(
        &mut body,
        separator,
        &typed("text/plain; charset=iso-8859-1"),
        iso_8859_1(&text),
    );
    let json = filled(mint, r#"{"ü":"$H","$K":"$V"}"#);
    part(
        &mut body,
        separator,
        &typed("application/json"),
        utf_16(&json, true),
    );
    let file = |name: &str| {
        format!(
            "{}; filename=\"{name}\"\r\nContent-Type: text/plain",
            field("f")
        )
    };
    let marked = file(&format!("{}.txt", mint.marker()));
    part(
        &mut body,
        separator,
        &marked,
        filled(mint, "$V\npassword: $V\n$U"),
    );
    let leaky = file(&filled(mint, "token=$V"));
    part(&mut body, separator, &leaky, filled(mint, "$V"));
    let card = file(&format!("{}.pdf", mint.card()));
    part(&mut body, separator, &card, "");
    let leaky = field(&filled(mint, "x Bearer $V"));
    part(&mut body, separator, &leaky, mint.marker());
    let encoded = format!("{}\r\nContent-Transfer-Encoding: base64", field("b"));
    part(
        &mut body,
        separator,
        &encoded,
        STANDARD.encode(filled(mint, "password: $V")),
    );
    let encoded = format!(
        "{}\r\nContent-Transfer-Encoding: quoted-printable",
        field("q")
    );
    part(
        &mut body,
        separator,
        &encoded,
        filled(mint, "pass=77ord: $V"),
    );
    part(
        &mut body,
        separator,
        &typed("text/html"),
        filled(mint, "<p>$V</p>"),
    );
    part(
        &mut body,
        separator,
        &typed("multipart/mixed; boundary=c"),
        filled(mint, "--c\r\n\r\n$V\r\n--c--"),
    );
    body.extend(format!("--{separator}--\r\n").into_bytes());
    body.extend(filled(mint, "$W: $V behind").into_bytes());
    body
}

fn mixed(mint: &mut Mint) -> Vec<u8> {
    let mut body = Vec::new();
    let json = filled(mint, r#"{"a":"$H","$K":"$V"}"#);
    part(
        &mut body,
        "b",
        "content-type: application/json; charset=utf-8",
        json,
    );
    part(
        &mut body,
        "b",
        "content-type: text/plain",
        filled(mint, "$H\n$W: $V"),
    );
    part(&mut body, "b", &field("pin"), filled(mint, "$V"));
    let attached = "content-disposition: attachment; filename=a\r\ncontent-type: text/plain";
    part(&mut body, "b", attached, filled(mint, "$V"));
    body.extend(b"--b--");
    body
}

fn multipart_text(mint: &mut Mint) -> Vec<u8> {
    let mut body = Vec::new();
    for template in ["token=$V", "password: $V", "{\"$K\": \"$V\"}"] {
        part(
            &mut body,
            &SEPARATOR[2..],
            &field("a"),
            filled(mint, template),
        );
    }
    body.extend(format!("{SEPARATOR}--").into_bytes());
    body
}

fn broken_multipart(mint: &mut Mint) -> Vec<u8> {
    let separator = &SEPARATOR[2..];
    let mut body = Vec::new();
    part(&mut body, separator, &field("a"), filled(mint, "$U"));
    // A boundary behind a lone line feed, and one that is damaged, with a secret part behind each.
    part(
        &mut body,
        separator,
        &field("b"),
        filled(mint, "$U\n--other\r\n$U"),
    );
    let damaged = format!("$U\r\n---cut here\r\n{}\r\n\r\n$V", field("pin"));
    part(&mut body, separator, &field("c"), filled(mint, &damaged));
    let unclear = format!("$U\n{SEPARATOR}\r\n{}\r\n\r\n$V", field("pin"));
    part(&mut body, separator, &field("d"), filled(mint, &unclear));
    part(
        &mut body,
        separator,
        &field(&mint.name()),
        filled(mint, "$V"),
    );
    body
}

fn unclosed(mint: &mut Mint) -> Vec<u8> {
    let mut body = Vec::new();
    part(&mut body, &SEPARATOR[2..], &field("a"), filled(mint, "$U"));
    part(
        &mut body,
        &SEPARATOR[2..],
        &field(&mint.name()),
        filled(mint, "$V"),
    );
    body.extend(format!("{SEPARATOR}\r\nContent-Disposition: form-data; name=\"p").into_bytes());
    body
}

/// Secrets in the ways in which text is said to show them.
fn plain_text(mint: &mut Mint) -> Vec<u8> {
    let mut text = filled(
        mint,
        "$U é\n$W: $V $V, $V; $V\nx $W=$V y $U\nx \"$K\": \"$V $V\", $U\n'$K' => '$V \\' $V' $U\n\
         > $W: $V $V\n {\\\"$K\\\":\\\"$V \\\\\\\" $V\\\"} $U\n\"$K\" : [{\"a\": \"$V ]\"}, $V] $U\n\
         curl -H '$W: $V $V' $U\n x $W=$V&a=$U\nx user[$W]=$V $U\nx Token: Some(\"$V $V\"), $U\n\
         x pin: Pin { a: \"$V $V\" }, $U\n  tokens:\n    - $V\n    - $V\n  a: $U\n\
         db://me:$V@host/$U x https://$V@host/ https://host/$U?$W=$V&b=$U#$W=$V\nAuthorization: Digest a=\"$V\", b=$V\n\
         x authorization: Token $V\nSet-Cookie: a=$V; Path=/$U\nCookie: a=$V; b=$V\n c=$V\n$U",
    );
    for shape in shapes(mint) {
        let _ = write!(text, "\n{shape}\n");
    }
    text.into_bytes()
}

fn log(mint: &mut Mint) -> Vec<u8> {
    let line =
        "2026-01-01T00:00:00Z INFO user=$U $W=$V a=$U $W=\"$V $V\" msg=\"$W is set, $W=$V\" $U\r\n";
    (0..6)
        .flat_map(|_| filled(mint, line).into_bytes())
        .collect()
}

fn dump(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &[
            "POST /$U?$W=$V HTTP/1.1\r\nhost: $U\r\nAuthorization: Bearer $V\r\nCookie: a=$V; b=$V\r\n",
            "Proxy-Authorization: Basic $V\r\nX-Api-Key: $V $V\r\nX-CSRF-Token: $V\r\n\r\n{\"$K\": \"$V\"}\r\n",
            "User { name: \"$U\", password: \"$V\", token: Some(\"$V\"), pin: $N }\r\n",
            "export API_KEY=$V\r\nDB_PASSWORD='$V $V'\r\nset token=\"$V\"; echo $U\r\n",
        ],
    )
}

fn csv(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &["a,b\r\n$U,$W=$V\r\n\"$U\",\"password: $V\"\r\n$U,Bearer $V\r\n$U,$C\r\n"],
    )
}

fn html(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &["<p>$U</p><input name=\"$K\" value=\"$V\"><!-- $W=$V --><p>Bearer $V</p><a href=\"?token=$V\">$U</a>"],
    )
}

fn xml(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &["<?xml version=\"1.0\"?><a><password>$V&amp;$V=$V</password><b token=\"$V\">$U</b></a>"],
    )
}

fn jsonp(mint: &mut Mint) -> Vec<u8> {
    filled_all(mint, &[r#"callback({"a":"$V","$K":"$V"});"#])
}

fn events(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &[
            ": $V in a comment\n\ndata: $U\n\ndata: $W=$V $U\n\nevent: $W=$V\nid: token=$V\ndata: $U\n\n",
            "data: Bearer $V\n\ndata: $W: $V,\ndata: $U\nretry: 3\n\ndata:$W: $V $V\r\n\r\ndata: $C\r\rdata: $U\r\r",
            "event: a Bearer $V\ndata\n\n$V: $V\ndata: \"$K\": \"$V $V\"\n\ndata: https://me:$V@host/?$W=$V\n\ndata: token=$V",
        ],
    )
}

fn json_events(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &[
            "data: {\"a\": \"$U\", \"$K\": \"$V\"}\n\ndata: [{\"$K\":\ndata: \"$V\"}, \"$U\"]\n\n",
            "event: x\ndata:   {\"a\":\"{\\\"$K\\\":\\\"$V\\\"}\"}\n\ndata: {\"$K\": \"$V\n\ndata: {\"$K\": $V}\n\n",
            "data: \"{\\\"$K\\\": \\\"$V\\\"}\"\n\ndata: {\"pass\\u0077ord\":[\"$V\"]}\n\ndata: {\"a\":$C}\n\n",
            "data: {\"a\": 1}\ndata: {\"$K\": \"$V\"}\n\ndata: [DONE]\n\n",
        ],
    )
}

fn octets(mint: &mut Mint) -> Vec<u8> {
    let mut bytes = vec![0, 0xff, 0x80];
    bytes.extend(plain_text(mint));
    bytes
}

fn half_a_character(mint: &mut Mint) -> Vec<u8> {
    let mut bytes = filled(mint, r#"{"a":"$U","$K":"$V"#).into_bytes();
    bytes.extend([0xc3]);
    bytes.extend(filled(mint, r#"$V","$K":"$V"}"#).into_bytes());
    bytes
}

fn long_json(mint: &mut Mint) -> Vec<u8> {
    let members = r#""a":"$U","$K":"$V","b":"$U","$K":["$V"],"#;
    let members: String = (0..700).map(|_| filled(mint, members)).collect();
    format!("{{{members}\"z\":1}}").into_bytes()
}

fn long_form(mint: &mut Mint) -> Vec<u8> {
    let pairs: Vec<_> = (0..1200).map(|_| filled(mint, "a=$U&$W=$V")).collect();
    pairs.join("&").into_bytes()
}

fn broken_lines(mint: &mut Mint) -> Vec<u8> {
    filled_all(
        mint,
        &["{\"$K\":\"$V\",\"a\":\"$U\"}\n$U, $W: $V\n{\"$K\":\"$V\"}\n{\"token\":\"$V\"}\n"],
    )
}

/// A document with something wrong in the midst of it.
fn broken(mint: &mut Mint, wrong: &str) -> Vec<u8> {
    cut(
        mint,
        &format!(r#"{{"a": "$H", "$K": "$V", {wrong}, "$K": "$V", "b": "$H"}}"#),
    )
}

/// Of what is broken no marker is sure to be seen.
fn cut(mint: &mut Mint, template: &str) -> Vec<u8> {
    filled(mint, &template.replace("$H", "$U")).into_bytes()
}
