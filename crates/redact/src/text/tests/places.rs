//! Places that messages, documents and tools have for a value.

use super::*;

#[test]
fn a_value_is_masked_behind_tags_for_its_looks() {
    check(&[
        ("<b>Password:</b> horse7", "<b>Password:</b> ***"),
        (
            "<strong>Password:</strong> <code>horse7</code>",
            "<strong>Password:</strong> <code>***</code>",
        ),
        (
            "<p>Password: <b>two words 7</b></p>",
            "<p>Password: <b>***</b></p>",
        ),
        (
            "<em>API key:</em>&nbsp;x <i>PIN:</i> 2718<br>",
            "<em>API key:</em>&nbsp;x <i>PIN:</i> ***<br>",
        ),
        (
            "Password:<br>\n<span class=\"a\">horse7</span>",
            "Password:<br>\n<span class=\"a\">***</span>",
        ),
        (
            "<B>Token:</B> q7Kd92mXw4t, thanks",
            "<B>Token:</B> ***, thanks",
        ),
        (
            "your temporary password is <b>Welcome6716</b>",
            "your temporary password is <b>***</b>",
        ),
        (
            "the password is <code>q7Kd92mXw4t</code>.",
            "the password is <code>***</code>.",
        ),
        (
            "<kbd>passphrase</kbd>: <samp>horse7</samp>",
            "<kbd>passphrase</kbd>: <samp>***</samp>",
        ),
        (
            "<td>Password:</td><td>horse7</td>",
            "<td>Password:</td><td>***</td>",
        ),
        (
            "<div>Secret:</div><div>horse7</div>",
            "<div>Secret:</div><div>***</div>",
        ),
        ("<u>CVV:</u> 314", "<u>CVV:</u> ***"),
    ]);
    shown(&[
        "<b>Password:</b> required",
        "<b>Password:</b> it must be at least eight characters long.",
        "<b>Session:</b> Tuesday <i>Token:</i> none",
        "<b>Name:</b> q7Kd92mXw4t",
        "your password is <b>required</b>",
        "Password: <img src=a>",
    ]);
}

#[test]
fn escaped_elements_are_masked() {
    check(&[
        (
            "&lt;password&gt;horse&lt;/password&gt;",
            "&lt;password&gt;***&lt;/password&gt;",
        ),
        (
            "<a>&lt;ns:Token&gt;horse7&lt;/ns:Token&gt;</a>",
            "<a>&lt;ns:Token&gt;***&lt;/ns:Token&gt;</a>",
        ),
        (
            "&lt;u&gt;ann&lt;/u&gt;&lt;Pin&gt;2718&lt;/Pin&gt;",
            "&lt;u&gt;ann&lt;/u&gt;&lt;Pin&gt;***&lt;/Pin&gt;",
        ),
        (
            "&lt;password xsi:type=&quot;x&quot;&gt;horse&lt;/password&gt;",
            "&lt;password xsi:type=&quot;x&quot;&gt;***&lt;/password&gt;",
        ),
        (
            "&lt;apiKey&gt;two words&lt;/apiKey&gt;",
            "&lt;apiKey&gt;***&lt;/apiKey&gt;",
        ),
        (
            "&lt;cvv&gt;\n 314\n&lt;/cvv&gt;",
            "&lt;cvv&gt;***&lt;/cvv&gt;",
        ),
        ("&lt;secret&gt;horse", "&lt;secret&gt;***"),
    ]);
    shown(&[
        "&lt;name&gt;ann&lt;/name&gt;",
        "&lt;password&gt;&lt;/password&gt;",
        "&lt;tokens&gt;&lt;token_type&gt;bearer&lt;/token_type&gt;",
        "a &lt; b &amp;&amp; password &gt; c",
        "&lt;password&gt;&lt;value&gt;",
    ]);
}

#[test]
fn a_placeholder_at_the_end_of_its_line_is_no_element() {
    shown(&[
        "api_key: <your-api-key>\nname: ann",
        "secret = <secret>",
        "Usage: app --password <PASSWORD>\n  --token <TOKEN>  a token",
        "app --api-key <API-KEY>",
    ]);
    check(&[
        ("<password>\nhorse", "<password>***"),
        ("log: <password>horse", "log: <password>***"),
        (
            "log: <password>\n horse\n</password>",
            "log: <password>***</password>",
        ),
        ("app --password <q7Kd92>", "app --password ***"),
    ]);
}

#[test]
fn codes_are_masked_behind_whose_they_are() {
    check(&[
        ("Your code is 483920.", "Your code is ***."),
        ("Enter this code: 4839", "Enter this code: ***"),
        (
            "Use the following code: 483-920",
            "Use the following code: ***",
        ),
        ("Dein Code lautet 483920", "Dein Code lautet ***"),
        ("Ihr Code: 483920", "Ihr Code: ***"),
        ("Votre code est 483920", "Votre code est ***"),
        (
            "Dein Bestätigungscode lautet 483920",
            "Dein Bestätigungscode lautet ***",
        ),
        (
            "your code is 48392 and expires",
            "your code is *** and expires",
        ),
        ("Your Code: 483920\nBye", "Your Code: ***\nBye"),
        (
            "YOUR CODE IS: none, your code is 483920",
            "YOUR CODE IS: none, your code is ***",
        ),
        (
            "Your verification code - 483920",
            "Your verification code - ***",
        ),
        ("Jouw code: 483920", "Jouw code: ***"),
    ]);
    shown(&[
        "your code is 1000 lines long",
        "this code 483920",
        "error code: 483920",
        "the exit code is 4839",
        "your code: see below",
        "source code: 20261129",
    ]);
}

#[test]
fn a_value_that_a_message_quotes_behind_a_quoted_name_is_masked() {
    check(&[
        (
            "Variable \"$password\" got invalid value \"horse\"; too short",
            "Variable \"$password\" got invalid value \"***\"; too short",
        ),
        (
            r#"Variable \"$token\" got invalid value \"horse\""#,
            r#"Variable \"$token\" got invalid value \"***\""#,
        ),
        (
            "\"password\" with value \"horse\" fails",
            "\"password\" with value \"***\" fails",
        ),
        (
            "field 'secret' has value 'two words'",
            "field 'secret' has value '***'",
        ),
        (
            "`userPassword` has invalid value `x` \"api_token\" value \"horse\"",
            "`userPassword` has invalid value `***` \"api_token\" value \"***\"",
        ),
    ]);
    shown(&[
        "\"password\" with length 4 fails",
        "\"name\" with value \"horse\" fails",
        "\"password\" with value",
    ]);
}

#[test]
fn values_of_the_registry_are_masked() {
    check(&[
        (
            "    DefaultPassword    REG_SZ    two words",
            "    DefaultPassword    REG_SZ    ***",
        ),
        (
            "Password  REG_EXPAND_SZ  horse\r\nName  REG_SZ  ann",
            "Password  REG_EXPAND_SZ  ***\r\nName  REG_SZ  ann",
        ),
        ("AuthToken REG_BINARY 0badc0de", "AuthToken REG_BINARY ***"),
        (
            "reg add HKLM\\x /v Password /t REG_SZ /d horse /f",
            "reg add HKLM\\x /v Password /t REG_SZ /d *** /f",
        ),
        (
            "reg add HKLM\\x /v Secret /t REG_SZ /d \"two words\" /f",
            "reg add HKLM\\x /v Secret /t REG_SZ /d \"***\" /f",
        ),
    ]);
    shown(&[
        "Name REG_SZ ann",
        "reg add HKLM\\x /v Name /t REG_SZ /d ann",
        "Password REG_DWORD 0x1",
    ]);
}

#[test]
fn a_literal_that_a_call_makes_a_secret_of_is_masked() {
    check(&[
        (
            "let token = String::from(\"q7Kd92mXw4t\");",
            "let token = String::from(\"***\");",
        ),
        (
            "auth = Secret.new('q7Kd92mXw4t')",
            "auth = Secret.new('***')",
        ),
        (
            "session = new Token(\"q7Kd92mXw4t\")",
            "session = new Token(\"***\")",
        ),
        (
            "SET PASSWORD FOR 'a'@'%' = PASSWORD('horse');",
            "SET PASSWORD FOR 'a'@'%' = PASSWORD('***');",
        ),
        ("OLD = PASSWORD(\"horse\")", "OLD = PASSWORD(\"***\")"),
    ]);
    shown(&[
        "token = os.getenv(\"API_TOKEN\")",
        "token = read(\"the token of ann 7\")",
        "const session = await open(\"config/session\")",
        "label = PASSWORD(\"Enter it\")",
        "token = next()",
    ]);
}

#[test]
fn links_for_one_use_are_masked_in_the_first_lines_of_requests() {
    check(&[
        (
            "\"GET /reset-password/q7Kd92mXw4tBzR5v HTTP/1.1\" 200",
            "\"GET /reset-password/*** HTTP/1.1\" 200",
        ),
        (
            "POST /a/magic-link/q7Kd92mXw4tBzR5v/go?x HTTP/2.0",
            "POST /a/magic-link/***/go?x HTTP/2.0",
        ),
        (
            "GET /invite/q7Kd92mXw4tBzR5v HTTP/1.0\nHost: a",
            "GET /invite/*** HTTP/1.0\nHost: a",
        ),
    ]);
    shown(&[
        "GET /orders/q7Kd92mXw4tBzR5v HTTP/1.1",
        "GET /reset-password/step HTTP/1.1",
        "GET /?a=/reset-password/q7Kd92mXw4tBzR5v HTTP/1.1",
        "see /reset-password/q7Kd92mXw4tBzR5v for HTTP/1.1",
    ]);
}

#[test]
fn other_marks_before_values_are_read() {
    check(&[
        (
            "password for staging = harbour76",
            "password for staging = ***",
        ),
        ("Token - q7Kd92mXw4t", "Token - ***"),
        ("password \u{2013} q7Kd92mXw4t", "password \u{2013} ***"),
        ("userPassword::e1NTSEF9cTdLZDky", "userPassword::***"),
        (
            "dn: a\nuserPassword::e1NTSEF9cTdLZDk=\ncn: a",
            "dn: a\nuserPassword::***\ncn: a",
        ),
    ]);
    shown(&[
        "password - must be long",
        "token - one of: header, query",
        "Password::Generate",
        "Password::hash(x)",
        "tokens:read and keys:write",
        "tokens:delete,tokens:list",
        "password: string;",
    ]);
}

/// Else each name in it would be read with all that follows.
#[test]
fn words_that_go_on_for_long_are_masked_as_one() {
    for name in ["token", "api_token", "session"] {
        let pair = format!("{name}:");
        let redacted = |pairs| masked(&pair.repeat(pairs), Extent::Whole);
        assert_eq!(redacted(5), pair.repeat(5));
        assert_eq!(redacted(50), format!("{pair}***"));
    }
}
