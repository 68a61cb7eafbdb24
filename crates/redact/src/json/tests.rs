use super::*;
use crate::{Content, Redactor, Rule};

#[track_caller]
fn check(input: &str, expected: &str) {
    let redacted = Redactor::default().json(input.as_bytes(), Extent::Whole);
    assert_eq!(
        (redacted.as_str(), redacted.end),
        (expected, End::Complete),
        "{input}"
    );
    assert!(matches!(redacted.content, Content::Json(_)), "{input}");
    assert!(serde_json::from_str::<serde_json::Value>(redacted.as_str()).is_ok());
}

#[track_caller]
fn cut(input: &str, expected: &str) {
    let redacted = Redactor::default().json(input.as_bytes(), Extent::Truncated);
    assert_eq!(
        (redacted.as_str(), redacted.end),
        (expected, End::Truncated),
        "{input}"
    );
}

#[test]
fn masks_values_under_secret_names() {
    check(
        r#" { "password" : "x", "a" : [ 1, "b c" ] } "#,
        r#"{"password":"***","a":[1,"b c"]}"#,
    );
    check(
        r#"{"pass\u0077ord":"a\"b","pin":4711,"token":null}"#,
        r#"{"pass\u0077ord":"***","pin":"***","token":null}"#,
    );
    check(
        r#"{"passwords":["a","b"],"max_tokens":5}"#,
        r#"{"passwords":["***","***"],"max_tokens":5}"#,
    );
    check(
        "\u{feff}{\"password\":\"x\",\"city\":\"Rome\"}",
        r#"{"password":"***","city":"Rome"}"#,
    );
}

#[test]
fn judges_members_below_a_secret_name_one_by_one() {
    check(
        r#"{"card":{"id":"card_1","brand":"visa","last4":"4242","number":"4242","cvc":"737","checks":{"x":"q7Kd92mXw4tBzR5v"}}}"#,
        r#"{"card":{"id":"card_1","brand":"visa","last4":"4242","number":"***","cvc":"***","checks":{"x":"***"}}}"#,
    );
    check(
        r#"{"password":{"current":"sunshine","age":{"max_days":90}}}"#,
        r#"{"password":{"current":"***","age":{"max_days":90}}}"#,
    );
    check(
        r#"{"tokens":[{"payload":"x"}],"b":{"payload":"x"}}"#,
        r#"{"tokens":[{"payload":"***"}],"b":{"payload":"x"}}"#,
    );
    check(
        r#"{"auth":{"status":"HEALTHY"},"key":"home"}"#,
        r#"{"auth":{"status":"HEALTHY"},"key":"home"}"#,
    );
}

#[test]
fn white_space_is_left_out_around_and_within_what_is_hidden() {
    let redactor = Redactor::builder().redact_fields(["badge"]).build();
    for (input, expected) in [
        (
            r#" { "badge" : { "a" : [ 1 , 2 ] } , "b" : [ 2 , "c d" ] } "#,
            r#"{"badge":"***","b":[2,"c d"]}"#,
        ),
        (r#"[ { "badge" :  [ ] } ]"#, r#"[{"badge":"***"}]"#),
        ("[\r\n\t1\n,2 ]\n", "[1,2]"),
    ] {
        let redacted = redactor.json(input.as_bytes(), Extent::Whole);
        assert_eq!(redacted.as_str(), expected);
    }
}

#[test]
fn of_several_names_of_a_pair_the_most_secret_counts() {
    for names in [
        r#""name":"password","key":"city""#,
        r#""name":"city","key":"password""#,
    ] {
        check(
            &format!(r#"{{{names},"value":"q7K"}}"#),
            &format!(r#"{{{names},"value":"***"}}"#),
        );
    }
    check(
        r#"{"headers":["Cookie",{"a":"b c"},"x y"]}"#,
        r#"{"headers":["Cookie",{"a":"b c"},"***"]}"#,
    );
    check(
        r#"["Cookie",{"a":"b c"},"x y"]"#,
        r#"["Cookie",{"a":"b c"},"***"]"#,
    );
    let value_is_no_name = r#"{"headers":["Host",{"a":"b"},"token","x y"]}"#;
    check(value_is_no_name, value_is_no_name);
    let turns = r#"{"headers":["Host","token","x y","z"]}"#;
    check(turns, turns);
    let no_pair = r#"[["password","q7K","x"],["city","password"]]"#;
    check(no_pair, no_pair);
    check(r#"[["password","q7K"]]"#, r#"[["password","***"]]"#);
}

#[test]
fn numbers_belong_to_structures_as_strings_do() {
    for (input, expected) in [
        (r#"[["pin",4711]]"#, r#"[["pin","***"]]"#),
        (
            r#"{"value":[1,2],"name":"pin"}"#,
            r#"{"value":["***","***"],"name":"pin"}"#,
        ),
        (
            r#"{"variables":{"p":1},"query":"q{f(pin:$p)}"}"#,
            r#"{"variables":{"p":"***"},"query":"q{f(pin:$p)}"}"#,
        ),
        (
            r#"{"data":{"a":1},"kind":"Secret"}"#,
            r#"{"data":{"a":"***"},"kind":"Secret"}"#,
        ),
        (
            r#"{"headers":["Cookie",123456]}"#,
            r#"{"headers":["Cookie","***"]}"#,
        ),
    ] {
        check(input, expected);
    }
}

#[test]
fn what_a_pair_lacks_may_make_its_value_secret() {
    // An `op` may follow, with which the path is a name.
    cut(
        r#"{"name":"city","path":"/password","value":"q7K","#,
        r#"{"name":"city","path":"/password","value":"***","#,
    );
    cut(
        r#"{"name":"city","path":"/street","value":"q7K","#,
        r#"{"name":"city","path":"/street","value":"q7K","#,
    );
}

#[test]
fn masks_pairs_in_either_order() {
    for (input, expected) in [
        (
            r#"[{"name":"DB_PASSWORD","value":"x"},{"name":"DB_HOST","value":"h"}]"#,
            r#"[{"name":"DB_PASSWORD","value":"***"},{"name":"DB_HOST","value":"h"}]"#,
        ),
        (
            r#"{"value":"x","name":"password"}"#,
            r#"{"value":"***","name":"password"}"#,
        ),
        (
            r#"{"value":"x","value":"y","name":"a","name":"password"}"#,
            r#"{"value":"***","value":"***","name":"a","name":"password"}"#,
        ),
        (
            r#"{"values":["x",{"a":"y"}],"key":"password"}"#,
            r#"{"values":["***",{"a":"y"}],"key":"password"}"#,
        ),
        (
            r#"{"op":"replace","path":"/users/1/password","value":"x"}"#,
            r#"{"op":"replace","path":"/users/1/password","value":"***"}"#,
        ),
        (
            r#"{"op":"replace","value":"x","path":"/users/1/city"}"#,
            r#"{"op":"replace","value":"x","path":"/users/1/city"}"#,
        ),
        (
            r#"{"path":"/password","content":"x"}"#,
            r#"{"path":"/password","content":"x"}"#,
        ),
        (
            r#"{"path":"/password","value":"x"}"#,
            r#"{"path":"/password","value":"x"}"#,
        ),
        (
            r#"{"required":["password","email"]}"#,
            r#"{"required":["password","email"]}"#,
        ),
        (
            r#"{"headers":[["Authorization","Bearer x"],["Accept","text/html"]]}"#,
            r#"{"headers":[["Authorization","***"],["Accept","text/html"]]}"#,
        ),
        (
            r#"{"h":["Host","a","Authorization","Basic dXNlcjpq7Kd","Accept","*/*"]}"#,
            r#"{"h":["Host","a","Authorization","***","Accept","*/*"]}"#,
        ),
        (
            r#"{"allowed":["Authorization","Content-Type"]}"#,
            r#"{"allowed":["Authorization","Content-Type"]}"#,
        ),
        (
            r#"{"name":"password","value":{"city":"Rome"}}"#,
            r#"{"name":"password","value":{"city":"Rome"}}"#,
        ),
        (
            r#"{"name":"password","value":true}"#,
            r#"{"name":"password","value":true}"#,
        ),
    ] {
        check(input, expected);
    }
}

#[test]
fn masks_graphql_variables_in_either_order() {
    let query =
        r#""query":"mutation($p: String!, $u: String!) { login(user: $u, password: $p) { id } }""#;
    let variables = |p: &str| format!(r#""variables":{{"p":"{p}","u":"ann"}}"#);
    check(
        &format!("{{{query},{}}}", variables("x")),
        &format!("{{{query},{}}}", variables("***")),
    );
    check(
        &format!("{{{},{query}}}", variables("x")),
        &format!("{{{},{query}}}", variables("***")),
    );
    cut(
        r#"{"variables":{"p":"x","n":1},"qu"#,
        r#"{"variables":{"p":"***","n":1},"#,
    );
}

#[test]
fn masks_json_in_strings_and_keys() {
    check(
        r#"{"a":"{\"password\": \"x\"}"}"#,
        r#"{"a":"{\"password\": \"***\"}"}"#,
    );
    check(
        r#"{"a":")]}'\n{\"password\": \"x\"}"}"#,
        r#"{"a":")]}'\n{\"password\": \"***\"}"}"#,
    );
    check(
        r#"{"{\"password\": \"x\"}": 1}"#,
        r#"{"{\"password\": \"***\"}":"***"}"#,
    );
    check(
        r#"{"a":"[\"{\\\"pin\\\":47}\"]"}"#,
        r#"{"a":"[\"{\\\"pin\\\":***}\"]"}"#,
    );
    check(r#"{"a":"see [1] {x}"}"#, r#"{"a":"see [1] {x}"}"#);
}

#[test]
fn ends_at_what_is_not_understood() {
    for (input, expected) in [
        (r#"{"a":1,"b":x}"#, r#"{"a":1,"b":"#),
        (r#"{"password":"a\xb"}"#, r#"{"password":"#),
        (r#"{"value":"x",?"#, r#"{"value":"***","#),
    ] {
        let redacted = Redactor::default().json(input.as_bytes(), Extent::Whole);
        assert_eq!(
            (redacted.as_str(), redacted.end),
            (expected, End::Malformed),
            "{input}"
        );
    }
}

#[test]
fn masks_what_may_be_secret_where_the_input_was_truncated() {
    cut(r#"{"a":"b","pass"#, r#"{"a":"b","#);
    cut(r#"{"password":"ab"#, r#"{"password":"***""#);
    cut(r#"{"password":47"#, r#"{"password":"***""#);
    cut(r#"{"a":"hello wor"#, r#"{"a":"hello wor"#);
    cut(r#"{"value":"x","b":1"#, r#"{"value":"***","b":1"#);
    cut(r#"{"value":"ab"#, r#"{"value":"***""#);
    cut(
        r#"{"name":"city","value":"ab"#,
        r#"{"name":"city","value":"ab"#,
    );
    cut(r#"{"key":"ab"#, r#"{"key":"***""#);
    cut(r#"["mysql","-pse"#, r#"["mysql","***""#);
    cut(r#"["curl","-u","ada:s"#, r#"["curl","-u","***""#);
    cut(r#"["ls","-pse"#, r#"["ls","-pse"#);
}

#[test]
fn a_command_s_options_are_of_its_own_list() {
    for (input, expected) in [
        (
            r#"[["mysql","-px","-py"],["ls","-px"]]"#,
            r#"[["mysql","***","***"],["ls","-px"]]"#,
        ),
        (
            r#"["mysql","-h","a","-px","ls","-py"]"#,
            r#"["mysql","-h","a","***","ls","***"]"#,
        ),
        (
            r#"{"a":["mysql"],"b":["-px"]}"#,
            r#"{"a":["mysql"],"b":["-px"]}"#,
        ),
    ] {
        let redacted = Redactor::default().json(input.as_bytes(), Extent::Whole);
        assert_eq!(redacted.as_str(), expected);
    }
}

#[test]
fn several_documents_and_deep_ones_are_text() {
    let redactor = Redactor::default();
    for input in [
        "{\"pin\":1}\n{\"pin\":2}\n",
        "\u{1e}{\"pin\":1}\n\u{1e}{\"pin\":1}\n",
        "\u{1e}{\"pin\":1}\n",
    ] {
        let redacted = redactor.json(input.as_bytes(), Extent::Whole);
        assert_eq!(
            redacted.content,
            Content::Text(input.replace(":1", ":\"***\"").replace(":2", ":\"***\""))
        );
        assert_eq!(redacted.end, End::Complete);
    }
    let deep = format!("{}{{\"pin\":1}}{}", "[".repeat(64), "]".repeat(64));
    let redacted = redactor.json(deep.as_bytes(), Extent::Whole);
    assert_eq!(
        redacted.content,
        Content::Text(deep.replace(":1", ":\"***\""))
    );
}

#[test]
fn fields_and_paths_mask_whole_values() {
    let redactor = Redactor::builder()
        .redact_fields(["nickname"])
        .show_fields(["password"])
        .redact_paths([
            "a.password".parse().expect("a path"),
            "b[1]".parse().expect("a path"),
        ])
        .build();
    let input =
        r#"{"nick_name":{"x":[true]},"password":"p","a":{"password":{"q":1}},"b":[1,null]}"#;
    let redacted = redactor.json(input.as_bytes(), Extent::Whole);
    assert_eq!(
        redacted.as_str(),
        r#"{"nick_name":"***","password":"p","a":{"password":"***"},"b":[1,"***"]}"#
    );
    assert_eq!(redacted.counts.names, 3);
}

#[test]
fn explains_by_paths() {
    let redactor = Redactor::builder().redact_fields(["n"]).build();
    let input = br#"{"a":[{"b":1},{"password":"x","n":{"z":1}}],"name":"token","value":"y"}"#;
    let hidden = redactor
        .explain(input, crate::Format::Json, Extent::Whole)
        .hidden;
    let hidden: Vec<_> = hidden
        .iter()
        .map(|hidden| (hidden.place.as_str(), hidden.rule))
        .collect();
    assert_eq!(
        hidden,
        [
            ("$.a[1].password", Rule::Name),
            ("$.a[1].n", Rule::Field),
            ("$.value", Rule::Structure)
        ]
    );
}

#[test]
fn own_masks_see_decoded_values() {
    let redactor = Redactor::builder()
        .mask_with(|value| format!("<{value}\">"))
        .build();
    let redacted = redactor.json(br#"{"pin":"1\u0032","otp":34}"#, Extent::Whole);
    assert_eq!(redacted.as_str(), r#"{"pin":"<12\">","otp":"<34\">"}"#);
}

#[test]
fn depth_is_not_limited() {
    let deep = "[".repeat(1 << 20);
    assert_eq!(
        Redactor::default()
            .json(deep.as_bytes(), Extent::Whole)
            .as_str(),
        deep
    );
    let objects = "{\"password\":[".repeat(100_000);
    assert_eq!(
        Redactor::default()
            .json(objects.as_bytes(), Extent::Whole)
            .as_str(),
        objects
    );
}

#[test]
fn no_prefix_shows_a_secret() {
    let input = r#"{"password":"S3CRET","a":[{"value":"S3CRET","name":"pin"}],"t":"{\"otp\":\"S3CRET\"}","variables":{"p":"S3CRET"},"query":"{ a(password: $p) }"}"#;
    for end in 0..=input.len() {
        let redacted = Redactor::default().json(&input.as_bytes()[..end], Extent::Truncated);
        for length in 2..=6 {
            assert!(
                !redacted.as_str().contains(&"S3CRET"[..length]),
                "{}",
                redacted.as_str()
            );
        }
    }
}

#[test]
fn arrays_of_words_are_read_as_others_are() {
    let object = |array: &str| format!(r#"{{"id":1,"roles":{array},"note":"a"}}"#);
    for (array, expected) in [
        (r#"["a", "b"]"#, r#"["a","b"]"#),
        ("[ 1 , true ,\tnull\n]", "[1,true,null]"),
        (r#"["a", [ "b" ] ]"#, r#"["a",["b"]]"#),
        (r#"["a", {"pin":"q7K"}]"#, r#"["a",{"pin":"***"}]"#),
        (r#"["a", "x pin=q7K"]"#, r#"["a","x pin=***"]"#),
        (
            r#"["a", "--password", "q7K"]"#,
            r#"["a","--password","***"]"#,
        ),
        ("[1, 4111111111111111]", r#"[1,"***"]"#),
        ("[]", "[]"),
    ] {
        // Names are expected once they followed each other.
        let (input, expected) = ([array; 3].map(object), [expected; 3].map(object));
        check(
            &format!("[{}]", input.join(",")),
            &format!("[{}]", expected.join(",")),
        );
    }
    let nested = |depth: usize| {
        let object = object(r#"["a"]"#);
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let input = format!("{open}{object},{object}{close}");
        Redactor::default().json(input.as_bytes(), Extent::Whole)
    };
    assert!(matches!(nested(62).content, Content::Json(_)));
    assert!(matches!(nested(63).content, Content::Text(_)));
    let cut_array = r#"[{"id":1,"roles":["a"]},{"id":1,"roles":["a","b"#;
    cut(cut_array, cut_array);
}

#[test]
fn lists_in_the_value_of_a_pair_are_masked() {
    for (input, expected) in [
        (
            r#"[{"name":"pin","value":[["q7K"],"q7K"]},{"name":"city","value":"x"}]"#,
            r#"[{"name":"pin","value":[["***"],"***"]},{"name":"city","value":"x"}]"#,
        ),
        (
            r#"[{"value":[["q7K"],[["q7K"]],"q7K"],"name":"pin"},{"name":"city","value":"x"}]"#,
            r#"[{"value":[["***"],[["***"]],"***"],"name":"pin"},{"name":"city","value":"x"}]"#,
        ),
        (
            r#"[{"name":"city","value":[["pin","x"],"y"]},{"name":"pin","value":"q7K"}]"#,
            r#"[{"name":"city","value":[["pin","x"],"y"]},{"name":"pin","value":"***"}]"#,
        ),
        (
            r#"{"name":"pin","value":[["pin","q7K"],"q7K"],"a":"x"}"#,
            r#"{"name":"pin","value":[["***","***"],"***"],"a":"x"}"#,
        ),
    ] {
        check(&format!("[{input}]"), &format!("[{expected}]"));
        check(input, expected);
    }
}

#[test]
fn a_name_is_of_its_own_object_alone() {
    for (input, expected) in [
        (
            r#"{"name":"password","a":{"name":"city","value":"x"},"value":"q7K"}"#,
            r#"{"name":"password","a":{"name":"city","value":"x"},"value":"***"}"#,
        ),
        (
            r#"{"name":"city","a":{"name":"password","value":"q7K"},"value":"x"}"#,
            r#"{"name":"city","a":{"name":"password","value":"***"},"value":"x"}"#,
        ),
        (
            r#"{"name":"password","a":{"value":"x"},"value":"q7K"}"#,
            r#"{"name":"password","a":{"value":"x"},"value":"***"}"#,
        ),
        (
            r#"{"name":"a","name":"password","name":"b","value":"q7K"}"#,
            r#"{"name":"a","name":"password","name":"b","value":"***"}"#,
        ),
        (
            r#"{"a":{"name":"password"},"b":{"value":"x"}}"#,
            r#"{"a":{"name":"password"},"b":{"value":"x"}}"#,
        ),
        (
            r#"[{"name":"password"}][{"value":"x"}]"#,
            r#"[{"name":"password"}][{"value":"x"}]"#,
        ),
    ] {
        let shown = crate::Redactor::default().json(input.as_bytes(), Extent::Whole);
        assert_eq!(shown.as_str(), expected);
    }
    cut(
        r#"{"name":"city","value":"qK"#,
        r#"{"name":"city","value":"qK"#,
    );
    cut(
        r#"{"name":"pin","value":"qK"#,
        r#"{"name":"pin","value":"***""#,
    );
}

#[test]
fn pairs_in_records_with_the_same_members_are_masked() {
    for record in [
        r#"{"id":1,"name":"pin","value":"q7K","note":"a"}"#,
        r#"{"id":1,"value":"q7K","name":"pin","note":"a"}"#,
        r#"{"op":"replace","path":"/pin","value":"q7K"}"#,
        r#"{"kind":"Secret","data":{"a":"q7K"}}"#,
    ] {
        let records = format!("[{}]", [record; 4].join(","));
        let expected = records.replace("q7K", "***");
        for _ in 0..2 {
            let shown = crate::Redactor::default().json(records.as_bytes(), Extent::Whole);
            assert_eq!(shown.as_str(), expected);
        }
    }
}
