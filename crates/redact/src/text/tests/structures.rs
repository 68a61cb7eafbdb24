//! What has no mark, or a name that is a value or that stands above.

use super::*;

#[test]
fn a_value_behind_a_secret_word_is_masked() {
    check(&[
        (
            "invalid password \"q7K\" given",
            "invalid password \"***\" given",
        ),
        (
            "could not use secret q7Kd92mXw4t.",
            "could not use secret ***.",
        ),
        (
            "machine a login ann password horse",
            "machine a login ann password ***",
        ),
        (
            "default\n  login ann\n  password horse\n",
            "default\n  login ann\n  password ***\n",
        ),
        (
            "machine a.example password horse",
            "machine a.example password ***",
        ),
    ]);
    shown(&[
        "secrets \"db-credentials\" not found",
        "unexpected token 'identifier'",
        "the password \"must be long\" is a rule",
        "the token authentication of SHA256",
        "a machine whose password horse",
        "passwords passphrases tokens",
    ]);
}

#[test]
fn a_value_is_masked_behind_words_that_say_what_the_secret_is() {
    check(&[
        ("the password is \"q7K\" now", "the password is \"***\" now"),
        ("my password is q7Kd92mXw4t.", "my password is ***."),
        ("Ihr Passwort lautet q7Kd92mXw4t", "Ihr Passwort lautet ***"),
        ("token -> q7Kd92mXw4t", "token -> ***"),
        ("WITH PASSWORD 'q7K'", "WITH PASSWORD '***'"),
    ]);
    shown(&[
        "the password is required",
        "password is \"required\"",
        "the token is \"expired\"",
        "a token is issued by example-2",
        "PASSWORD 'must be long'",
    ]);
}

#[test]
fn wide_marks_are_read_as_marks() {
    check(&[
        ("密码：q7Kd92", "密码：***"),
        ("您的密码：sunshine。", "您的密码：***。"),
        ("password：sunshine", "password：***"),
        (
            "您好，登录密码：q7Kd92，请勿泄露",
            "您好，登录密码：***，请勿泄露",
        ),
        ("パスワード： q7K\n件名：x", "パスワード： ***\n件名：x"),
        ("token＝q7K＝", "token＝***＝"),
        (
            "密码：“x”，password：\"q7 K\"",
            "密码：“x”，password：\"***\"",
        ),
    ]);
    shown(&[
        "密码：必须至少八个字符",
        "标题：q7Kd92",
        "the password：required",
        "密码：",
        "：q7K＝",
    ]);
    assert_eq!(masked("密码：q7", Extent::Truncated), "密码：***");
}

#[test]
fn pairs_of_encoded_json_are_masked() {
    check(&[
        (
            "%7B%22user%22%3A%22ada%22%2C%22password%22%3A%22correct%20horse%22%7D",
            "%7B%22user%22%3A%22ada%22%2C%22password%22%3A%22***%22%7D",
        ),
        (
            "state %7b%22api+key%22%3a+%22q7%5C%22K%22%2c%22a%22%3a1%7d",
            "state %7b%22api+key%22%3a+%22***%22%2c%22a%22%3a1%7d",
        ),
        ("%22pin%22%3A%20%224711", "%22pin%22%3A%20%22***"),
        ("%22pin%22%3A4711 %7D", "%22pin%22%3A*** %7D"),
    ]);
    shown(&[
        "%7B%22title%22%3A%22password%22%7D",
        "%22%3A%22q7K",
        "password%22%3A%22q7K",
    ]);
}

#[test]
fn codes_for_one_use_are_masked_in_sentences() {
    check(&[
        (
            "Your verification code is 483920. Do not share it.",
            "Your verification code is ***. Do not share it.",
        ),
        ("Your OTP is 4839", "Your OTP is ***"),
        ("the login code is 483-920", "the login code is ***"),
        (
            "G-583921 is your Example verification code.",
            "G-*** is your Example verification code.",
        ),
        ("583921 is your security code", "*** is your security code"),
    ]);
    shown(&[
        "the status code is 4045",
        "the zip code is 10115",
        "483920 is your order code",
        "a verification code is 6 digits long",
        "your verification code is in the mail of 2026",
        "483920 verification code",
    ]);
}

#[test]
fn cells_below_a_secret_name_are_masked() {
    check(&[
        (
            "user,password\nada,q7K\nbob,w4t\n",
            "user,password\nada,***\nbob,***\n",
        ),
        ("user,pin\na,1", "user,pin\na,***"),
        (
            "\"id\",\"api key\",\"city\"\r\n\"1\",\"q7\"\"K,d\",\"Rome\"\r\n",
            "\"id\",\"api key\",\"city\"\r\n\"1\",\"***\",\"Rome\"\r\n",
        ),
        ("user\tpasswort\nada\tq7K", "user\tpasswort\nada\t***"),
        (
            "user;passwort;ort\nada;q7K;Rom",
            "user;passwort;ort\nada;***;Rom",
        ),
        (
            "| user | password |\n|---|---|\n| ada | q7K |\n",
            "| user | password |\n|---|---|\n| ada | *** |\n",
        ),
        (
            " user | password\n------+----------\n ada  | q7K\n(1 row)\nada | q7K",
            " user | password\n------+----------\n ada  | ***\n(1 row)\nada | q7K",
        ),
        // A quote that is not closed, and one cell too many.
        ("a,pin\n1,\"2\n3,4", "a,pin\n1,\"***"),
        ("pin,a\n1,2,3", "pin,a\n***,2,3"),
    ]);
    shown(&[
        "user,password_changed_at\nada,2026-01-01",
        "Give a user, password\nand, please, a city",
        "user, password\nada, q7K",
        "password\nq7K",
        "user,password",
        "a, the one = password\nb, c",
    ]);
    let cut = masked("user,password\nada,q7", Extent::Truncated);
    assert_eq!(cut, "user,password\nada,***");
}

#[test]
fn values_of_secret_columns_are_masked_in_statements() {
    check(&[
        (
            "INSERT INTO users (name, `password`) VALUES ('ada', 'q7''K'), ('bob', md5('w4'));",
            "INSERT INTO users (name, `password`) VALUES ('ada', ***), ('bob', ***);",
        ),
        (
            "insert into t(pin, a) values (4711, 1)",
            "insert into t(pin, a) values (***, 1)",
        ),
        (
            "INSERT INTO t (a, password) VALUES (f(1, 2), 'q7",
            "INSERT INTO t (a, password) VALUES (f(1, 2), ***",
        ),
        (
            "CREATE USER a IDENTIFIED BY 'q7K'",
            "CREATE USER a IDENTIFIED BY '***'",
        ),
        (
            "IDENTIFIED WITH mysql_native_password AS 'q7K'",
            "IDENTIFIED WITH mysql_native_password AS '***'",
        ),
    ]);
    shown(&[
        "INSERT INTO users (name, password) VALUES ($1, $2)",
        "INSERT INTO users (name, password) VALUES (:name, ?), (DEFAULT, NULL)",
        "INSERT INTO users (name, city) VALUES ('ada', 'Rome')",
        "one of the values ('a', 'b')",
    ]);
}

#[test]
fn secrets_of_addresses_of_drivers_are_masked() {
    check(&[
        (
            "use ada:q7:K@w@tcp(db:3306)/shop?parseTime=true",
            "use ada:***@tcp(db:3306)/shop?parseTime=true",
        ),
        ("\"ada:q7K@unix(/tmp/s)/a\"", "\"ada:***@unix(/tmp/s)/a\""),
    ]);
    shown(&["ada@tcp(db:3306)/shop", "a: @tcp(db)"]);
}

#[test]
fn markup_of_forms_and_lists_is_masked() {
    check(&[
        (
            r#"<input type="password" name="p" value="q7K">"#,
            r#"<input type="password" name="p" value="***">"#,
        ),
        (
            "<INPUT value='q7K' type=password>",
            "<INPUT value='***' type=password>",
        ),
        (
            "<tr><th>Password</th><td>q7K</td></tr>",
            "<tr><th>Password</th><td>***</td></tr>",
        ),
        (
            "<dt>API key</dt>\n<dd>q7K</dd>",
            "<dt>API key</dt>\n<dd>***</dd>",
        ),
        (
            "<name>password</name><value><string>q7K</string></value>",
            "<name>password</name><value><string>***</string></value>",
        ),
    ]);
    shown(&[
        r#"<input type="text" name="p" value="q7K">"#,
        r#"<input type="password" name="p">"#,
        "<th>Password</th><th>City</th>",
        "<th>City</th><td>Rome</td>",
    ]);
}

#[test]
fn a_value_whose_name_is_a_value_is_masked() {
    check(&[
        (
            "- name: API_KEY\n  value: q7K x\n",
            "- name: API_KEY\n  value: ***\n",
        ),
        (
            "- value: q7K\n  name: API_KEY\n",
            "- value: ***\n  name: API_KEY\n",
        ),
        (
            "[{name: API_KEY, value: q7K}]",
            "[{name: API_KEY, value: ***}]",
        ),
        (
            "[('password', 'horse'), ('a', 'b')]",
            "[('password', '***'), ('a', 'b')]",
        ),
        (
            "put(\"password\", b\"q7Kd92\")",
            "put(\"password\", b\"***\")",
        ),
    ]);
    shown(&[
        "- name: API_KEY\n- value: q7K",
        "- name: COLOR\n  value: blue",
        "- name: API_KEY\n  value: ${API_KEY}",
        "assertEquals(\"password\", \"text\")",
        "('user', 'password')",
    ]);
}

#[test]
fn members_of_a_map_below_a_secret_name_are_judged_by_themselves() {
    check(&[
        (
            "auth:\n  token: 'q7K'\n  kind: x1\n",
            "auth:\n  token: '***'\n  kind: x1\n",
        ),
        (
            "password:\n  current: horse\n  type: text\nuser: ann",
            "password:\n  current: ***\n  type: text\nuser: ann",
        ),
        (
            "secrets:\n- name: db\n  value: |\n    a: b\n    c\n- name: x\n",
            "secrets:\n- name: db\n  value: ***\n- name: x\n",
        ),
        (
            "passwords:\n  - horse\n  - staple\na: b",
            "passwords:***\na: b",
        ),
        ("tokens:\n  - q7Kd92\n  - horse\na: b", "tokens:***\na: b"),
        ("auth:\n  q7Kd92\na: b", "auth:***\na: b"),
        ("x-auth-token:sunshine\na: b", "x-auth-token:***\na: b"),
        (
            "auth:\\n  data: 'q7K'\\n  type: x",
            "auth:\\n  data: '***'\\n  type: x",
        ),
    ]);
    check(&[(
        "\"auth\":\n  \"raw\": \"q7K\"\n",
        "\"auth\":\n  \"raw\": \"***\"\n",
    )]);
    shown(&[
        "auth:\n  type: basic\n\nother:\n  value: x1",
        "secret:\n  rotation: 30\n  cached: true\n",
        "Password:\n  Note: it must be long\n",
    ]);
}

#[test]
fn all_data_of_a_kubernetes_secret_is_masked() {
    check(&[
        (
            "kind: Secret # x\ndata:\n  a: b\n",
            "kind: Secret # x\ndata:\n  a: ***\n",
        ),
        (
            "data:\n  a: b\nkind: Secret\n",
            "data:\n  a: ***\nkind: Secret\n",
        ),
        (
            "kind: Secret\nmetadata:\n  name: x\nstringData:\n  a: |\n    b: c\ntype: Opaque",
            "kind: Secret\nmetadata:\n  name: x\nstringData:\n  a: ***\ntype: Opaque",
        ),
    ]);
    shown(&[
        "kind: ConfigMap\ndata:\n  a: b\n",
        "kind: Secret\n---\nkind: ConfigMap\ndata:\n  a: b\n",
        "kind: Secret\nspec:\n  a: b\n",
        "data:\n  a: b\n",
    ]);
    assert_eq!(
        masked("apiVersion: v1\ndata:\n  a: b\n", Extent::Truncated),
        "apiVersion: v1\ndata:\n  a: ***\n"
    );
}

#[test]
fn a_list_below_a_secret_name_is_masked_to_its_bracket() {
    check(&[
        (
            "\"csrf\" : [{\"a\": \"q7K92 ]\"}, q7K92] x",
            "\"csrf\" : *** x",
        ),
        ("session = ['it\\'s ] q7K92'] x", "session = *** x"),
    ]);
    shown(&["tokens: [10234, 20345, 30456]", "auth = ['basic', 'oauth']"]);
}

#[test]
fn of_a_connection_string_the_secret_is_masked() {
    check(&[
        (
            "<add connectionString=\"Server=a;Password=q7K\"/>",
            "<add connectionString=\"Server=a;Password=***\"/>",
        ),
        ("connectionString=\"q7K;x\"", "connectionString=\"***\""),
        ("password=\"Server=a;Password=q7K\"", "password=\"***\""),
    ]);
}

#[test]
fn what_is_encoded_in_a_url_is_masked() {
    check(&[(
        "see https://a.example/b?note=amqp%3A%2F%2Fann%3Aq7K%40db%2Fx&x=1 too",
        "see https://a.example/b?note=amqp%3A%2F%2F***%40db%2Fx&x=1 too",
    )]);
}

#[test]
fn a_value_goes_on_below_its_line() {
    check(&[
        (
            "X-Api-Key: q7K\r\n x9Z\r\nHost: a",
            "X-Api-Key: ***\r\nHost: a",
        ),
        (
            "password: q7K\n  horse\nuser: ann",
            "password: ***\nuser: ann",
        ),
    ]);
}

#[test]
fn an_escaped_end_of_a_line_may_stand_in_a_value() {
    check(&[
        ("A=b\nPASSWORD=q7K\\n9Z\nC=d", "A=b\nPASSWORD=***\nC=d"),
        ("PASSWORD=q7K\\n9Z", "PASSWORD=***"),
        ("PASSWORD=q7K\\nC=d", "PASSWORD=***\\nC=d"),
        ("x\\nPASSWORD=q7K\\nC=d", "x\\nPASSWORD=***\\nC=d"),
    ]);
}

#[test]
fn headers_are_masked_in_logs() {
    check(&[
        (
            "level=info authorization=Bearer q7K path=/x",
            "level=info authorization=*** path=/x",
        ),
        ("HTTP_COOKIE: a=q7K; b=1\n", "HTTP_COOKIE: ***\n"),
        (
            "encoding header \"authorization\" = \"Bearer horse\"",
            "encoding header \"authorization\" = \"***\"",
        ),
        (
            "< set-cookie: a=q7K; Path=/\n< x: y",
            "< set-cookie: ***\n< x: y",
        ),
        (
            "printf \"GET / HTTP/1.1\\r\\nAuthorization: Basic q7K=\\r\\nHost: a\\r\\n\" | nc a 80",
            "printf \"GET / HTTP/1.1\\r\\nAuthorization: ***\\r\\nHost: a\\r\\n\" | nc a 80",
        ),
        (
            ":method: GET\n:path: /a?token=q7K\n:authority: a.example\n",
            ":method: GET\n:path: /a?token=***\n:authority: a.example\n",
        ),
        (
            "curl -H \"Authorization: Bearer horse\" -H 'Cookie: a=b; c=d' https://a.example",
            "curl -H \"Authorization: ***\" -H 'Cookie: ***' https://a.example",
        ),
        (
            "sh -c \\\"curl -H \\\"Cookie: a=b; c=d\\\" x",
            "sh -c \\\"curl -H \\\"Cookie: ***\\\" x",
        ),
    ]);
}

#[test]
fn a_call_s_arguments_are_in_quotes_of_any_kind() {
    check(&[
        (r#"set("password", "q7K 1")"#, r#"set("password", "***")"#),
        (
            r#"set(\\"password\\", \\"q7K\\")"#,
            r#"set(\\"password\\", \\"***\\")"#,
        ),
        (r#"set("""password", "q7K")"#, r#"set("""password", "***")"#),
    ]);
}

#[test]
fn what_only_looks_like_a_secret_s_place_is_shown() {
    // Beside the kinds of `tests/data/kinds.json`, from whose variants each of these differs in one thing.
    shown(&[
        "DETAIL: Key (city)=(Rome) already exists.",
        "f(token)=(a + b)",
        "foo(a)=(b)",
        "std::token:: path",
        "let city: &str = \"Rome q7Kd92mXw4tBzR5v\";",
        "fn f(token: &str, city: &str) -> String",
        "**Note**: the password must have 8 characters",
        "**City**: `q7Kd92mXw4`",
        "<b>City</b>: q7Kd92mXw4",
        "{&quot;city&quot;:&quot;q7Kd92mXw4&quot;}",
        "docker run -p 8080:80 nginx",
        "mysql -u root -p appdb",
        "mkdir -p build/q7Kd92mXw4",
        "ssh -p 2222 ann@a.example",
        "cp -a q7Kd92mXw4 b",
        "redis-cli -h a.example\ncp -a q7Kd92mXw4 b",
        "tool -verbose q7Kd92mXw4",
        "az login -u http://azure-cli --tenant a",
        "WIFI: P: is what I wrote",
        "WIFI:T:nopass;S:guest;;",
        "<city><value>q7Kd92mXw4</value></city>",
        "usage: login <user> <password> [options] <host>",
        "curl https://<user>:<password>@<host>",
        "user.setName(\"q7Kd92mXw4\")",
        "getPassword(\"db\")",
        "offset.setTokenType(\"bearer\")",
        "settings(\"q7Kd92mXw4\")",
        "password for the new user: see the manual",
        "the token of the request: https://a.example/q7Kd92mXw4",
        "a password has been set: yes",
        "what it is: q7Kd92mXw4",
        "use code 2026 to build it",
        "the error code 1045 is known",
        "status code 404 for a is 1234",
        "identified by name",
        "token:software:totp",
        "session:read:all",
        "{&amp;quot; a",
        "kind: Secret</a>:--",
        "\"city\": \"Rome\" -> \"Bern\"",
        "a default password horse",
    ]);
}
