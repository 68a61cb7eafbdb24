//! Whatever a body is cut off within, no beginning of a secret in it is shown.

use body_logger_redact::{Extent, Format, Redactor};

/// Of no family and no word. Its first letters are in nothing else of the documents.
const SECRET: &str = "Zq9x7planted-Xw7";
/// As many of a secret's characters as may be shown.
const MOST: usize = 3;
/// A value of a family, in pieces for scanners of source code. Its literal says nothing.
const TOKEN: &str = concat!("ghp", "_16C7e42F292c6912E7710c838347Ae178B4a");
const LITERAL: usize = 4;

const MULTIPART: Format<'_> = Format::Multipart("multipart/form-data; boundary=X");

/// Formats and documents; `§` stands for the secret, `¶` for the token.
const DOCUMENTS: &[(Format<'_>, &str)] = &[
    (
        Format::Json,
        r#"{"id":1,"user":{"name":"ann","password":"§","old":{"secret":["§","§"]}},"note":"see ¶"}"#,
    ),
    (Format::Json, r#"[{"key":"api_key","value":"§"},{"value":"§","name":"password"}]"#),
    (Format::Json, r#"{"op":"replace","path":"/password","value":"§"}"#),
    (Format::Json, r#"{"value":"§","path":"/password","op":"replace"}"#),
    (Format::Json, r#"{"rawHeaders":["Host","a.example","Private-Token","§","Cookie","a=§"]}"#),
    (Format::Json, r#"{"pairs":[["password","§"],["a","b"]]}"#),
    (Format::Json, r#"{"kind":"Secret","data":{"a":"§","b":"§"},"type":"Opaque"}"#),
    (Format::Json, r#"{"apiVersion":"v1","data":{"a":"§"},"kind":"Secret"}"#),
    (
        Format::Json,
        r#"{"variables":{"a":"§"},"query":"mutation($a: String!) { login(password: $a) { id } }"}"#,
    ),
    (
        Format::Json,
        r#"{"query":"mutation($a: String!) { login(password: $a) { id } }","variables":{"a":"§"}}"#,
    ),
    (Format::Json, r#"{"event":"{\"password\":\"§\",\"a\":\"{\\\"token\\\":\\\"§\\\"}\"}","p\u0061ssword":"§"}"#),
    (Format::Json, r#"{"see":"https://ann:§@a.example/x?token=§&note=%23&next=%2Fy%3Fpassword%3D§"}"#),
    (Format::Json, "{\"note\":\"db:\\n  password: §\\n  port: 1\\nenv:\\n- name: API_KEY\\n  value: §\\n\"}"),
    (Format::Form, "a=1&password=§&note=¶&user%5Bpassword%5D=§&b=2"),
    (Format::Form, "code=§&state=abc&next=%2Fy%3Ftoken%3D§"),
    (Format::Query, "page=2&api_key=§&q=¶&filter=%7B%22pin%22%3A%22§%22%7D"),
    (Format::Url, "https://ann:§@a.example/x;sid=§/y?access_token=§&page=2#id_token=§"),
    (Format::Path, "/a;password=§/b/Bearer%20§/¶/c"),
    (Format::Cookie, "theme=§; sid=§; note=¶"),
    (Format::Header("user-agent"), "curl Bearer §"),
    (Format::Header("location"), "https://a.example/cb?code=§&state=x#token=§"),
    (
        MULTIPART,
        "--X\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n§\r\n--X\r\n\
         Content-Disposition: form-data; name=\"note\"\r\n\r\nsee ¶ and password=§\r\n--X\r\n\
         Content-Disposition: form-data; name*0=\"pass\"; name*1=\"word\"\r\n\r\n§\r\n--X\r\n\
         Content-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n{\"token\":\"§\"}\r\n--X--\r\n",
    ),
    (
        Format::Text,
        "<login><user>ann</user><password>§</password><w:Secret a=\"b\">§</w:Secret>\n\
         <add key=\"ApiKey\" value=\"§\"/><add value=\"§\" key=\"ClientSecret\"/>\n\
         <property><name>db.password</name><value>§</value></property><password><![CDATA[§]]></password></login>",
    ),
    (
        Format::Text,
        "db:\n  host: a.example\n  password: §\n  api_key: '§'\nauth:\n  type: basic\n  raw: §\n\
         secret: |\n  §\n  §\nenv:\n- name: TOKEN\n  value: §\n- value: §\n  name: PASSWORD\n",
    ),
    (Format::Json, r#"{"detail":[{"loc":["body","password"],"msg":"short","input":"§"},{"input":"§","loc":["body","pin"]}]}"#),
    (Format::Json, r#"{"errors":[{"path":"password","msg":"short","value":"§"},{"rejectedValue":"§","field":"password"}]}"#),
    (
        Format::Text,
        "~ password = \"§\" -> \"§\"\nPASSWORD = N'§'\nKey (id, token)=(7, §) is there\nuserPassword:: §\n\
         let token: &str = \"§\"; u.setPassword(\"§\"); password for ann: §\nWIFI:S:a;P:§;;",
    ),
    (
        Format::Text,
        "**API Key**: `§`\n<b>Token</b>: §\n{&quot;password&quot;:&quot;§&quot;} docker login -u ann -p §\n\
         keytool -storepass § -keypass §\n<Password><Value>§</Value></Password><USERPASS>§<LANGUAGE>",
    ),
    (
        Format::Text,
        "[\"password\"]=>\n string(16) \"§\" [\"token\":\"A\":private]=>\n string(16) \"§\" secret = 0x7f \"§\" \
         password => <<\"§\">>",
    ),
    (Format::Text, "+---+---+\n| a | token |\n+---+---+\n| b | § |\n"),
    (Format::Text, "apiVersion: v1\ndata:\n  a: §\n  b: |\n    §\nkind: Secret\n"),
    (Format::Text, "kind: Secret\nstringData:\n  a: \"§\"\n  b: §\n"),
    (
        Format::Text,
        "POST /x?token=§ HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer §\r\nCookie: a=§;\r\n b=§\r\n\
         X-Api-Key: §\r\n\r\npassword=§&a=1",
    ),
    (
        Format::Text,
        "curl -u ann:§ -H 'Authorization: Bearer §' -H \"X-Api-Key: §\" --password § --cookie 'a=§' \
         -d '{\"password\": \"§\"}' https://ann:§@a.example/?token=§",
    ),
    (Format::Text, "Server=a.example;User Id=sa;Password=§;Encrypt=True"),
    (Format::Text, "Driver={ODBC};Uid=ann;PWD={§};Port=1"),
    (Format::Text, "jdbc:mysql://a.example/db?user=ann&password=§"),
    (Format::Text, "jdbc:oracle:thin:scott/§@db:1521:x"),
    (Format::Text, "host=a.example user=ann password=§ dbname=db"),
    (Format::Text, "postgres://ann:§@db.internal/x and redis://:§@cache:6379/0"),
    (Format::Text, "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=§;EndpointSuffix=x"),
    (Format::Text, "# env\nexport API_KEY=§\nDB_PASSWORD=\"§\"\nA=b\n"),
    (Format::Text, "machine a.example login ann password §\n"),
    (Format::Text, "[('password', '§')] {'token': '§', 'a': 1} {:secret => \"§\"} setenv(\"API_KEY\", \"§\")"),
    (Format::Text, "<add connectionString=\"Server=a;Password=§\"/> invalid password \"§\" given: see ¶"),
    (
        Format::Text,
        "see https://a.example/cb?code=§&state=abc, https://b.s3.example/k?X-Amz-Expires=60&X-Amz-Signature=§ \
         https://c.example/f?sv=2022&sig=§ https://d.example/?next=https%3A%2F%2Fann%3A§%40e.example%2F%3Ftoken%3D§",
    ),
    (
        Format::Text,
        "curl -uann:§ https://a.example; deploy --password=§ --token '§' [\"--secret\", \"§\"] -u \"ann:§\"",
    ),
    (
        Format::Text,
        "mutation { login(user: \"ann\", password: \"§\", secret: \"\"\"§\"\"\") { id } } api_keys = [\"§\", '§'] \
         $a['password'] = '§'; 'secret' => '§', \"csrf\" : [{\"a\": \"§ ]\"}, §] :token => §",
    ),
    (
        Format::Text,
        "[db]\npassword = §\nuser = ann\n\n[[vars]]\nname = \"API_KEY\"\nvalue = \"§\"\n[{name: TOKEN, value: §}]",
    ),
    (
        Format::Text,
        "2026-01-01 WARN login failed password=§ user=ann authorization=Bearer § cookie: a=§\n\
         GET /x%3Ftoken%3D§ {\\\"password\\\": \\\"§\\\"} x\\nAuthorization: Basic §\\r\\nCookie: b=§\\r\\n",
    ),
    (
        Format::Text,
        "-----BEGIN RSA PRIVATE KEY-----\n§\n§\n-----END RSA PRIVATE KEY-----\nkey: |\n  -----BEGIN PGP PRIVATE KEY BLOCK-----\n  §",
    ),
    (Format::Json, r#"{"card":{"brand":"visa","number":"§","token":{"value":"§"}},"session":["§"]}"#),
    (Format::Json, r#"{"a ¶":1,"a":{"note":"password=§ token: §"},"headers":{"Authorization":"Bearer §","Cookie":"a=§"}}"#),
];

#[test]
fn no_beginning_of_a_secret_is_shown_wherever_the_input_is_cut() {
    let redactor = Redactor::default();
    let mut shown = Vec::new();
    for (format, document) in DOCUMENTS {
        let input = document.replace('§', SECRET).replace('¶', TOKEN);
        for end in 0..=input.len() {
            let extent = match end == input.len() {
                true => Extent::Whole,
                false => Extent::Truncated,
            };
            let redacted = redactor
                .explain(&input.as_bytes()[..end], *format, extent)
                .redacted;
            let text = redacted.as_str();
            if text.contains(&SECRET[..=MOST]) || text.contains(&TOKEN[..=LITERAL]) {
                shown.push(format!("{format:?} to {end}: {text:?}"));
                break;
            }
        }
        // The control: what is not shown at all has no secret in it either.
        let whole = redactor
            .explain(input.as_bytes(), *format, Extent::Whole)
            .redacted;
        let mut words = document.split(|c: char| !c.is_ascii_alphabetic());
        let is_shown = |word: &str| word.len() > 2 && whole.as_str().contains(word);
        assert!(words.any(is_shown), "{document}");
    }
    assert!(
        shown.is_empty(),
        "{} of {}:\n{}",
        shown.len(),
        DOCUMENTS.len(),
        shown.join("\n")
    );
}
