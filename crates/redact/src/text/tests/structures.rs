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
