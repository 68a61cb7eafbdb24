//! Text: what stands in it in the notation of a public format.

use body_logger_redact::Format;

use super::{check_any, check_planted, Choices};

/// Lines with secrets.
const LINES: &[&str] = &[
    "password=Q",
    "the password=Q was refused",
    "DB_PASSWORD=Q",
    "export API_KEY=\"Q\"",
    "password: Q Q",
    "  api_key: 'Q'",
    "{\"user\": \"ann\", \"password\": \"Q Q\"}",
    "{\\\"password\\\": \\\"Q\\\", \\\"a\\\": 1}",
    "{'user': 'ann', 'password': 'Q'}",
    "'secret' => 'Q', :password => \"Q\"",
    "Authorization: Bearer Q",
    "Authorization: Digest username=\"ann\",\r\n response=\"Q\"",
    "Cookie: a=Q; b=Q",
    "X-Api-Key: Q",
    "<password>Q Q</password><user>ann</user>",
    "<add key=\"ApiKey\" value=\"Q\"/>",
    "<property><name>db.password</name><value>Q</value></property>",
    "deploy --password Q --region eu",
    "curl -u ann:Q -H 'X-Api-Key: Q' https://a.example",
    "see https://ann:Q@a.example/x?token=Q&page=2#id_token=Q",
    "https://a.example/cb?code=Q&state=x",
    "/orders/7%3Bpassword=Q",
    "Server=a.example;User Id=sa;Password=Q;Encrypt=True",
    "jdbc:mysql://a.example/db?user=ann&password=Q",
    "postgres://ann:Q@db.internal/x",
    "password: |\n  Q\n  Q",
    "auth:\n  type: basic\n  raw: Q",
    "- name: API_KEY\n  value: Q",
    "- value: Q\n  name: API_KEY",
    "kind: Secret\ndata:\n  a: Q\n  b: Q",
    "[('password', 'Q'), ('a', 'b')]",
    "setenv(\"API_KEY\", \"Q1\")",
    "invalid password \"Q\" given",
    "machine a.example login ann password Q",
    "mutation { login(user: \"ann\", password: \"Q\") { id } }",
    "secrets = [\"Q\", \"Q\"]",
    "<add connectionString=\"Server=a;Password=Q\"/>",
];

/// No letters that words such as `a` and `be` are made of: a line with two of these is a sentence.
const ALPHABET: &str = "bcdfg BCD 012.,:;=<>/\\\"'`(){}[]-_#&%?!*|+~@$^é€\t\n";

pub fn check(input: &[u8]) {
    check_any(Format::Text, input);
    let mut choices = Choices::new(input);
    let mut text = String::new();
    choices.some(6, |choices| {
        text += &choices.harmless(ALPHABET, 8);
        text.push('\n');
        text += &choices.written(LINES);
        text.push('\n');
    });
    check_planted(Format::Text, &text);
}
